"""indexes of the contracts that begin and end"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_workspaces_late": ("starts_at", "listed_state = 'PENDING'"),
    "ix_workspaces_ends": ("ends_at", "ends_at IS NOT NULL"),
}


def upgrade() -> None:
    for name, (column, condition) in INDEXES.items():
        where = sa.text(condition)
        op.create_index(
            name, "workspaces", ["company_id", column, "id"], sqlite_where=where, postgresql_where=where
        )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="workspaces")
