"""whom a company has hired: found by an index"""

from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

INDEX = "ix_applications_people"


def upgrade() -> None:
    op.create_index(INDEX, "applications", ["company_id", "status", "seeker_id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="applications")
