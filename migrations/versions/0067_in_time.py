"""orders that are made in time for their start, and what of the next weeks does not fit"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("workspaces", sa.Column("make_at", moment, nullable=True))
    no = sa.Column("is_in_time", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("cohorts", no)
    op.add_column("cloud_credentials", sa.Column("outlook", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("cloud_credentials", "outlook")
    op.drop_column("cohorts", "is_in_time")
    op.drop_column("workspaces", "make_at")
