"""the last heartbeat that the cloud reports"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("workspaces", sa.Column("heartbeat_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("workspaces", "heartbeat_at")
