"""when the cloud made its newest snapshots of each desktop"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

COLUMNS = ("files_snapshot_at", "system_snapshot_at", "snapshots_read_at")


def upgrade() -> None:
    # Plain columns: batch mode would make the table again, without its triggers.
    moment = webapp.database.UtcDateTime(timezone=True)
    for name in COLUMNS:
        op.add_column("workspaces", sa.Column(name, moment, nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("workspaces", name)
