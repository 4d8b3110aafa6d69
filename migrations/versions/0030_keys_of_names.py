"""the form of a person's name in which two spellings are one, so that a list finds people by an index"""

import sqlalchemy as sa
from alembic import op

from webapp.domain.person_names import name_key

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

LENGTH = 240
AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("users", sa.Column("name_key", sa.String(length=LENGTH), nullable=False, server_default=""))
    _fill(op.get_bind())
    op.create_index("ix_users_name_key", "users", ["name_key"])


def downgrade() -> None:
    op.drop_index("ix_users_name_key", table_name="users")
    op.drop_column("users", "name_key")


def _fill(connection: sa.Connection) -> None:
    users = sa.table("users", sa.column("id"), sa.column("name"), sa.column("name_key"))
    write = sa.update(users).where(users.c.id == sa.bindparam("user")).values(name_key=sa.bindparam("key"))
    last = 0
    while True:
        rows = connection.execute(
            sa.select(users.c.id, users.c.name).where(users.c.id > last).order_by(users.c.id).limit(AT_ONCE)
        ).all()
        if not rows:
            return
        connection.execute(write, [{"user": one, "key": name_key(name)[:LENGTH]} for one, name in rows])
        last = rows[-1][0]
