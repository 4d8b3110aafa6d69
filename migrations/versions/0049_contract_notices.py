"""which notices of a contract's end were sent, and that its person has asked for more time"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("noticed_days", sa.Integer(), nullable=True))
    op.add_column("applications", sa.Column("extension_asked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("applications", "extension_asked_at")
    op.drop_column("workspaces", "noticed_days")
