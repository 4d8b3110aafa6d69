"""when old rows are deleted, and how far that has come"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ENDED = sa.text("terminated_at IS NOT NULL")


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("installation", sa.Column("prune_due_at", moment, nullable=True))
    op.add_column("installation", sa.Column("details_pruned_to", moment, nullable=True))
    op.create_index(
        "ix_workspaces_terminated_at",
        "workspaces",
        ["terminated_at"],
        sqlite_where=ENDED,
        postgresql_where=ENDED,
    )


def downgrade() -> None:
    op.drop_index("ix_workspaces_terminated_at", "workspaces")
    op.drop_column("installation", "details_pruned_to")
    op.drop_column("installation", "prune_due_at")
