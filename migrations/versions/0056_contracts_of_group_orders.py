"""which users a group order makes, and the contract that each of its lines gives"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

TABLE = "cohort_rows"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("creates_user", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(TABLE, sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("window_zone", sa.String(64), nullable=True))


def downgrade() -> None:
    for name in ("window_zone", "ends_at", "starts_at", "creates_user"):
        op.drop_column(TABLE, name)
