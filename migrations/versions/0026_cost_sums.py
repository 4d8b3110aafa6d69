"""estimated days, and each company's costs of a month added up"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

DIMENSIONS = ("desktop", "job", "person", "bundle", "cloud", "credential", "day", "remainder")


def upgrade() -> None:
    _make_cost_sums()
    op.create_table(
        "cost_months",
        sa.Column("company_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unpriced_desktops", sa.Integer(), nullable=False),
        _refers("cost_months", "company_id", "companies"),
        sa.PrimaryKeyConstraint("company_id", "month", name=op.f("pk_cost_months")),
    )
    op.create_table(
        "unpriced_days",
        sa.Column("workspace_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        _refers("unpriced_days", "workspace_id", "workspaces"),
        _refers("unpriced_days", "company_id", "companies"),
        _refers("unpriced_days", "credential_id", "cloud_credentials"),
        sa.PrimaryKeyConstraint("workspace_id", "day", name=op.f("pk_unpriced_days")),
    )
    for owner in ("company", "credential"):
        op.create_index(f"ix_unpriced_days_{owner}_id_day", "unpriced_days", [f"{owner}_id", "day"])
    op.create_table(
        "cost_estimates",
        sa.Column("credential_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        _refers("cost_estimates", "credential_id", "cloud_credentials", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_cost_estimates")),
    )


def _make_cost_sums() -> None:
    listed = ", ".join(f"'{one}'" for one in DIMENSIONS)
    op.create_table(
        "cost_sums",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("dimension", sa.String(length=24), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=True),
        sa.Column("is_estimated", sa.Boolean(), nullable=False),
        sa.Column("estimated_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_billed", sa.Boolean(), nullable=False),
        sa.Column("billed_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"dimension IN ({listed})", name=op.f("ck_cost_sums_dimension")),
        _refers("cost_sums", "company_id", "companies"),
        _refers("cost_sums", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_sums")),
        sa.UniqueConstraint("company_id", "month", "dimension", "currency", "key", name="uq_cost_sums_group"),
    )
    for source in ("billed", "estimated"):
        op.create_index(
            f"ix_cost_sums_{source}",
            "cost_sums",
            ["company_id", "month", "dimension", "currency", f"{source}_minor", "key"],
        )


def _refers(table: str, column: str, to: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete
    )


def downgrade() -> None:
    for table in ("cost_estimates", "unpriced_days", "cost_months", "cost_sums"):
        op.drop_table(table)
    op.execute("DELETE FROM cost_days WHERE source = 'estimated'")
