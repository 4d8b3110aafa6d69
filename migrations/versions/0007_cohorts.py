"""cohorts"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cohorts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("ordered_by_id", sa.Integer(), nullable=False),
        sa.Column("workspace_type", sa.String(length=16), nullable=False),
        sa.Column("bundle_id", sa.String(length=120), nullable=False),
        sa.Column("bundle_name", sa.String(length=160), nullable=False),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_cohorts_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f("fk_cohorts_credential_id_cloud_credentials"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["ordered_by_id"], ["users.id"], name=op.f("fk_cohorts_ordered_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohorts")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_cohorts_company_id_key")),
    )
    op.create_index("ix_cohorts_company_id_id", "cohorts", ["company_id", "id"])
    _make_rows()


def _make_rows() -> None:
    op.create_table(
        "cohort_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("message", sa.String(length=300), nullable=True),
        sa.CheckConstraint("(code IS NULL) = (message IS NULL)", name=op.f("ck_cohort_rows_refusal_pair")),
        sa.CheckConstraint(
            "workspace_id IS NULL OR code IS NULL", name=op.f("ck_cohort_rows_ordered_or_refused")
        ),
        sa.CheckConstraint(
            "workspace_id IS NULL OR application_id IS NOT NULL",
            name=op.f("ck_cohort_rows_ordered_for_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_cohort_rows_cohort_id_cohorts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_cohort_rows_application_id_applications"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_cohort_rows_workspace_id_workspaces"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_rows")),
        sa.UniqueConstraint("cohort_id", "place", name=op.f("uq_cohort_rows_cohort_id_place")),
    )
    op.create_index(op.f("ix_cohort_rows_workspace_id"), "cohort_rows", ["workspace_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_cohort_rows_workspace_id"), table_name="cohort_rows")
    op.drop_table("cohort_rows")
    op.drop_index("ix_cohorts_company_id_id", table_name="cohorts")
    op.drop_table("cohorts")
