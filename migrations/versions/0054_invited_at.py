"""when the person of a desktop was invited to it

Whoever has access was invited when the desktop became ready or the contract began. Not yet: those who are
kept out until it begins, and those for whom it has just begun.
"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE workspaces SET invited_at = available_at WHERE available_at IS NOT NULL"
        " AND (starts_at IS NULL OR (starts_at <= CURRENT_TIMESTAMP AND"
        " (access_cut_at IS NULL OR suspended_at IS NOT NULL OR access_ended_at >= starts_at)))"
    )


def downgrade() -> None:
    op.drop_column("workspaces", "invited_at")
