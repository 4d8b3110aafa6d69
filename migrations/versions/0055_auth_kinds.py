"""how Berth signs in with a credential: until now always with keys, at Azure with a client secret"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

TABLE = "cloud_credentials"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("auth_kind", sa.String(16), nullable=False, server_default="keys"))
    op.execute("UPDATE cloud_credentials SET auth_kind = 'secret' WHERE cloud_provider = 'azure'")


def downgrade() -> None:
    op.drop_column(TABLE, "auth_kind")
