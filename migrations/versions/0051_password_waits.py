"""whether a sealed first password waits, for who may not read it; when a user was disabled"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

TABLE, INDEX = "directory_users", "ix_directory_users_sealed"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("password_waits", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(TABLE, sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE directory_users SET password_waits = TRUE WHERE sealed_password IS NOT NULL")
    _index("password_waits")


def downgrade() -> None:
    _index("sealed_password IS NOT NULL")
    op.drop_column(TABLE, "disabled_at")
    op.drop_column(TABLE, "password_waits")


def _index(condition: str) -> None:
    """The sweep's."""
    op.drop_index(INDEX, table_name=TABLE)
    where = sa.text(condition)
    op.create_index(INDEX, TABLE, ["id"], sqlite_where=where, postgresql_where=where)
