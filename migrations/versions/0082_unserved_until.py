"""whom no desktop was ordered for, without those whose contract is over: found by an index"""

from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

INDEX = "ix_applications_unserved_until"


def upgrade() -> None:
    op.create_index(INDEX, "applications", ["company_id", "status", "desktop", "ends_at", "decided_at", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="applications")
