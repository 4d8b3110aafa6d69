"""the whole quota and the free addresses of a cloud account"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

TABLE = "cloud_credentials"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("quota_limit", sa.Integer(), nullable=True))
    op.add_column(TABLE, sa.Column("free_addresses", sa.Integer(), nullable=True))
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column(TABLE, sa.Column("addresses_checked_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column(TABLE, "addresses_checked_at")
    op.drop_column(TABLE, "free_addresses")
    op.drop_column(TABLE, "quota_limit")
