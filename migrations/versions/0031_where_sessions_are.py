"""which browser a session belongs to, and from where it began, so that people know their own"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user_sessions") as table:
        table.add_column(sa.Column("browser", sa.String(length=200), nullable=False, server_default=""))
        table.add_column(sa.Column("address", sa.String(length=45), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("user_sessions") as table:
        table.drop_column("address")
        table.drop_column("browser")
