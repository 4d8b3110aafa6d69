"""one digest mail a day for who wants it; indexes of the contracts that begin and end"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_workspaces_late": ("starts_at", "listed_state = 'PENDING'"),
    "ix_workspaces_ends": ("ends_at", "ends_at IS NOT NULL"),
}


def upgrade() -> None:
    # Plain columns: batch mode would make the tables again, without their triggers.
    op.add_column("users", sa.Column("wants_digest", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("users", sa.Column("digest_on", sa.Date(), nullable=True))
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("installation", sa.Column("digests_due_at", moment, nullable=True))
    for name, (column, condition) in INDEXES.items():
        where = sa.text(condition)
        op.create_index(
            name, "workspaces", ["company_id", column, "id"], sqlite_where=where, postgresql_where=where
        )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="workspaces")
    op.drop_column("installation", "digests_due_at")
    op.drop_column("users", "digest_on")
    op.drop_column("users", "wants_digest")
