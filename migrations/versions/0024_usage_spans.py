"""what machines were billed as, from when until when"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("compute_type", sa.String(40), nullable=True))
    op.add_column("workspaces", sa.Column("volumes", sa.String(40), nullable=True))
    op.add_column("workspaces", sa.Column("operating_system", sa.String(40), nullable=True))
    moment = webapp.database.UtcDateTime(timezone=True)
    op.create_table(
        "usage_spans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column(
            "power", sa.Enum("running", "stopped", name="power", native_enum=False, length=24), nullable=False
        ),
        sa.Column("compute_type", sa.String(40), nullable=True),
        sa.Column("volumes", sa.String(40), nullable=True),
        sa.Column("running_mode", sa.String(16), nullable=False),
        sa.Column("operating_system", sa.String(40), nullable=True),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_spans")),
        sa.CheckConstraint("power IN ('running', 'stopped')", name=op.f("ck_usage_spans_power")),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_usage_spans_ends_after_it_began")),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_usage_spans_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_usage_spans_workspace_id_workspaces"),
            ondelete="RESTRICT",
        ),
    )
    op.create_index("ix_usage_spans_workspace_id_began_at", "usage_spans", ["workspace_id", "began_at"])
    op.create_index("ix_usage_spans_company_id_ended_at", "usage_spans", ["company_id", "ended_at"])
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_usage_spans_open",
        "usage_spans",
        ["workspace_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    op.drop_table("usage_spans")
    op.drop_column("workspaces", "operating_system")
    op.drop_column("workspaces", "volumes")
    op.drop_column("workspaces", "compute_type")
