"""the place of a desktop in the order by its last connection"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

TABLE, INDEX = "desktop_connections", "ix_desktop_connections_order"
RANK = (
    "CASE WHEN state = 'connected' THEN 4 WHEN last_connected_at IS NOT NULL THEN 3"
    " WHEN is_past_known THEN 2 END"
)
AT = "coalesce(last_connected_at, checked_at)"
"""Generated. SQLite adds only such that are not stored, PostgreSQL has indexes only on such that are."""


def upgrade() -> None:
    is_stored = op.get_bind().dialect.name == "postgresql"
    moment = webapp.database.UtcDateTime(timezone=True)
    rank, at = (sa.Computed(one, persisted=is_stored) for one in (RANK, AT))
    op.add_column(TABLE, sa.Column("order_rank", sa.Integer(), rank, nullable=True))
    op.add_column(TABLE, sa.Column("order_at", moment, at, nullable=True))
    op.create_index(INDEX, TABLE, ["company_id", "order_rank", "order_at", "workspace_id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.drop_column(TABLE, "order_at")
    op.drop_column(TABLE, "order_rank")
