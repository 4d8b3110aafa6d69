"""desktops that are moved to another bundle"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

TABLE, INDEX = "workspaces", "ix_workspaces_urgent"
BEFORE = (
    "look_requested_at IS NOT NULL OR requested_action IS NOT NULL OR resize_kind IS NOT NULL"
    " OR phase IN ('requested', 'create_intent')"
    " OR (desired = 'absent' AND phase NOT IN ('terminating', 'gone'))"
    " OR (phase = 'terminating' AND absent_count = 0 AND coalesce(cloud_state, '') != 'terminating')"
)
AFTER = BEFORE.replace("OR phase IN", "OR move IS NOT NULL OR phase IN")


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column(TABLE, sa.Column("move", sa.JSON(), nullable=True))
    op.add_column(TABLE, sa.Column("move_sent_at", moment, nullable=True))
    op.add_column(TABLE, sa.Column("moved_from", sa.JSON(), nullable=True))
    op.add_column(TABLE, sa.Column("moved_at", moment, nullable=True))
    _index(AFTER)


def downgrade() -> None:
    _index(BEFORE)
    for name in ("moved_at", "moved_from", "move_sent_at", "move"):
        op.drop_column(TABLE, name)


def _index(condition: str) -> None:
    """Of the rows that are found without the many others."""
    op.drop_index(INDEX, table_name=TABLE)
    where = sa.text(condition)
    op.create_index(INDEX, TABLE, ["credential_id"], sqlite_where=where, postgresql_where=where)
