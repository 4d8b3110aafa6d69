"""what lists show of a desktop's month, and which desktops have been stopped for long"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

IS_UNPRICED = sa.text("is_unpriced")
STANDS_STILL = sa.text("ended_at IS NULL AND power = 'stopped'")


def upgrade() -> None:
    op.create_table(
        "desktop_months",
        sa.Column("workspace_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("is_billed", sa.Boolean(), nullable=False),
        sa.Column("is_unpriced", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(currency IS NULL) = (amount_minor IS NULL)", name=op.f("ck_desktop_months_amount_pair")
        ),
        _refers("workspace_id", "workspaces"),
        _refers("company_id", "companies"),
        sa.PrimaryKeyConstraint("workspace_id", "month", name=op.f("pk_desktop_months")),
    )
    op.create_index(
        "ix_desktop_months_amount",
        "desktop_months",
        ["company_id", "month", "currency", "amount_minor", "workspace_id"],
    )
    op.create_index(
        "ix_desktop_months_unpriced",
        "desktop_months",
        ["company_id", "month", "workspace_id"],
        sqlite_where=IS_UNPRICED,
        postgresql_where=IS_UNPRICED,
    )
    op.create_index(
        "ix_usage_spans_stopped",
        "usage_spans",
        ["company_id", "began_at", "workspace_id"],
        sqlite_where=STANDS_STILL,
        postgresql_where=STANDS_STILL,
    )


def _refers(column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_desktop_months_{column}_{to}"), ondelete="RESTRICT"
    )


def downgrade() -> None:
    op.drop_index("ix_usage_spans_stopped", table_name="usage_spans")
    op.drop_table("desktop_months")
