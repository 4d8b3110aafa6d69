"""how busy each desktop was, and since when a key may not see it"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

TABLE = "desktop_loads"


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.create_table(
        TABLE,
        sa.Column("workspace_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("cpu_percent", sa.Double(), nullable=True),
        sa.Column("memory_percent", sa.Double(), nullable=True),
        sa.Column("read_at", moment, nullable=False),
        sa.CheckConstraint(
            "(cpu_percent IS NULL) = (memory_percent IS NULL)", name=op.f(f"ck_{TABLE}_both_or_neither")
        ),
        sa.CheckConstraint("(cpu_percent IS NULL) = (days = 0)", name=op.f(f"ck_{TABLE}_known_of_some_day")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f(f"fk_{TABLE}_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f(f"pk_{TABLE}")),
    )
    op.add_column("cloud_credentials", sa.Column("loads_hidden_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("cloud_credentials", "loads_hidden_at")
    op.drop_table(TABLE)
