"""the random part of a new machine's password"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("password_seed", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("workspaces", "password_seed")
