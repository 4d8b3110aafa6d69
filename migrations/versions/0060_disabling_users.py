"""who disabled a user of a directory, and whose desktops have its name"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

TABLE, INDEX = "directory_users", "ix_directory_users_username"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("disabling_at", sa.DateTime(timezone=True), nullable=True))
    # Who did it was not recorded before: Berth, for almost all.
    op.execute("UPDATE directory_users SET disabling_at = disabled_at")
    op.add_column(TABLE, sa.Column("username_key", sa.String(128), nullable=False, server_default=""))
    users = sa.table(TABLE, sa.column("id"), sa.column("username"), sa.column("username_key"))
    bind = op.get_bind()
    for user_id, username in bind.execute(sa.select(users.c.id, users.c.username)).all():
        key = username.strip().lower()
        bind.execute(users.update().where(users.c.id == user_id).values(username_key=key))
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("username_key", server_default=None)
    op.create_index(INDEX, TABLE, ["company_id", "username_key"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.drop_column(TABLE, "username_key")
    op.drop_column(TABLE, "disabling_at")
