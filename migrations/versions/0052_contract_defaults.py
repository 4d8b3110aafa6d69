"""the contract defaults of a job posting, and which windows came from them"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

DAYS = """
ALTER TABLE job_postings ADD COLUMN default_days INTEGER
CONSTRAINT ck_job_postings_default_days CHECK (default_days BETWEEN 1 AND 3650)
"""
"""A plain column with its check: batch mode would make the table again, and other tables refer to it."""


def upgrade() -> None:
    op.add_column("job_postings", sa.Column("default_zone", sa.String(length=64), nullable=True))
    for name in ("default_starts_at", "default_ends_at"):
        op.add_column("job_postings", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute(DAYS)
    is_default = sa.Column("has_default_window", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("applications", is_default)


def downgrade() -> None:
    op.drop_column("applications", "has_default_window")
    for name in ("default_days", "default_ends_at", "default_starts_at", "default_zone"):
        op.drop_column("job_postings", name)
