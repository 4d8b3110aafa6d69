"""since when the cloud says so"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("workspaces", sa.Column("cloud_state_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("workspaces", "cloud_state_at")
