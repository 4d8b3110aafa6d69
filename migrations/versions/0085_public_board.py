"""the public board finds the newest open jobs by an index"""

from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

INDEX = "ix_job_postings_board"


def upgrade() -> None:
    op.create_index(INDEX, "job_postings", ["status", "created_at", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="job_postings")
