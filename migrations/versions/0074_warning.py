"""when to say on a desktop that its working hours end soon"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A plain column: batch mode would make the table again, without its triggers.
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("workspaces", sa.Column("hours_warn_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("workspaces", "hours_warn_at")
