"""help requests"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "help_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=160), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_help_requests_answer_pair")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_help_requests_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_help_requests_workspace_id_workspaces"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_requests")),
    )
    op.create_index(
        "uq_help_requests_open",
        "help_requests",
        ["workspace_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index("ix_help_requests_company_id_answered_at", "help_requests", ["company_id", "answered_at"])


def downgrade() -> None:
    op.drop_index("ix_help_requests_company_id_answered_at", table_name="help_requests")
    op.drop_index("uq_help_requests_open", table_name="help_requests")
    op.drop_table("help_requests")
