"""when the database was backed up, and restored"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

COLUMNS = ("backed_up_at", "restored_at")


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    for name in COLUMNS:
        op.add_column("installation", sa.Column(name, moment, nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("installation", name)
