"""the quota that an account has left, as a number with its time"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("cloud_credentials", sa.Column("quota_left", sa.Integer(), nullable=True))
    op.add_column("cloud_credentials", sa.Column("quota_unit", sa.String(length=16), nullable=True))
    op.add_column("cloud_credentials", sa.Column("quota_checked_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("cloud_credentials", "quota_checked_at")
    op.drop_column("cloud_credentials", "quota_unit")
    op.drop_column("cloud_credentials", "quota_left")
