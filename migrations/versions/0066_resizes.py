"""a change of the size or the mode of a desktop that exists"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

TABLE, INDEX = "workspaces", "ix_workspaces_urgent"
PLAIN = (
    ("auto_stop_minutes", sa.Integer()),
    ("resize_from", sa.String(40)),
    ("resize_to", sa.String(40)),
    ("resize_requested_at", sa.DateTime(timezone=True)),
    ("resize_sent_at", sa.DateTime(timezone=True)),
    ("resize_price_minor", sa.BigInteger()),
    ("resize_fee_minor", sa.BigInteger()),
)
KIND = """
ALTER TABLE workspaces ADD COLUMN resize_kind VARCHAR(24)
CONSTRAINT ck_workspaces_resizekind CHECK (
    resize_kind IN ('running_mode', 'auto_stop_minutes', 'compute_type', 'root_storage', 'user_storage')
)
CONSTRAINT ck_workspaces_whole_resize CHECK (
    (resize_kind IS NULL) = (resize_requested_at IS NULL) AND (resize_kind IS NULL) = (resize_to IS NULL)
)
"""
"""A plain column with its checks: batch mode would make the table again, without its triggers."""
BEFORE = (
    "look_requested_at IS NOT NULL OR requested_action IS NOT NULL OR phase IN ('requested', 'create_intent')"
    " OR (desired = 'absent' AND phase NOT IN ('terminating', 'gone'))"
    " OR (phase = 'terminating' AND absent_count = 0 AND coalesce(cloud_state, '') != 'terminating')"
)
AFTER = BEFORE.replace("OR phase IN", "OR resize_kind IS NOT NULL OR phase IN")


def upgrade() -> None:
    for name, kind in PLAIN:
        op.add_column(TABLE, sa.Column(name, kind, nullable=True))
    op.execute(KIND)
    _index(AFTER)


def downgrade() -> None:
    _index(BEFORE)
    op.drop_column(TABLE, "resize_kind")  # first: its check names others
    for name, _ in reversed(PLAIN):
        op.drop_column(TABLE, name)


def _index(condition: str) -> None:
    """Of the rows that are found without the many others."""
    op.drop_index(INDEX, table_name=TABLE)
    where = sa.text(condition)
    op.create_index(INDEX, TABLE, ["credential_id"], sqlite_where=where, postgresql_where=where)
