"""what each person may do in the company, and to which postings somebody is limited

Everybody could do everything, so everybody becomes an owner: an upgrade takes no right away.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ROLES = "'owner', 'manager', 'recruiter', 'finance', 'auditor'"
WITH_ROLE = ("users", "invitations", "api_tokens")


def upgrade() -> None:
    for table in WITH_ROLE:
        # As one statement: SQLite adds no constraint to a table that exists, but takes one with its column.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN company_role VARCHAR(24) "
            f"CONSTRAINT ck_{table}_companyrole CHECK (company_role IN ({ROLES}))"
        )
    op.execute("UPDATE users SET company_role = 'owner' WHERE role = 'provider'")
    op.execute("UPDATE invitations SET company_role = 'owner' WHERE kind = 'colleague'")
    op.add_column(
        "users", sa.Column("is_limited_to_postings", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "user_postings",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("job_posting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_user_postings_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["job_posting_id"],
            ["job_postings.id"],
            name="fk_user_postings_job_posting_id_job_postings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "job_posting_id", name="pk_user_postings"),
    )
    op.create_index("ix_user_postings_job_posting_id", "user_postings", ["job_posting_id"])


def downgrade() -> None:
    op.drop_table("user_postings")
    op.drop_column("users", "is_limited_to_postings")
    for table in WITH_ROLE:
        op.drop_column(table, "company_role")
