"""since when a desktop of a warm pool is drained, what pools cost, and creates of a company by their time"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

INDEX = "ix_workspaces_issued"


def upgrade() -> None:
    # Plain columns: batch mode would make the tables again, without their triggers.
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("pool_desktops", sa.Column("drained_at", moment, nullable=True))
    op.add_column("cost_days", sa.Column("pool_id", sa.Integer(), nullable=True))
    op.create_index(INDEX, "workspaces", ["company_id", "issued_at", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="workspaces")
    op.drop_column("cost_days", "pool_id")
    op.drop_column("pool_desktops", "drained_at")
