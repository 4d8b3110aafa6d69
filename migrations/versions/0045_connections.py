"""who is connected to each desktop, and on which days somebody was"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

NEVER = "quiet_since IS NOT NULL AND first_connected_at IS NULL AND is_past_known"
OPEN = "(state = 'connected' OR quiet_since IS NOT NULL)"
TABLE = "desktop_connections"


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.create_table(
        TABLE,
        sa.Column("workspace_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("state", _state(), nullable=False),
        sa.Column("is_watched", sa.Boolean(), nullable=False),
        sa.Column("checked_at", moment, nullable=False),
        sa.Column("is_past_known", sa.Boolean(), nullable=False),
        sa.Column("first_connected_at", moment, nullable=True),
        sa.Column("last_connected_at", moment, nullable=True),
        sa.Column("used_day", sa.Date(), nullable=True),
        sa.Column("quiet_since", moment, nullable=True),
        sa.Column("idle_noted_at", moment, nullable=True),
        _of_workspace(TABLE),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f(f"fk_{TABLE}_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f(f"fk_{TABLE}_credential_id_cloud_credentials"),
            ondelete="RESTRICT",
        ),
        sa.CheckConstraint(
            "(first_connected_at IS NULL) = (last_connected_at IS NULL)",
            name=op.f(f"ck_{TABLE}_first_and_last_connection"),
        ),
        sa.CheckConstraint(
            "state != 'connected' OR quiet_since IS NULL",
            name=op.f(f"ck_{TABLE}_not_quiet_while_connected"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index("ix_desktop_connections_quiet", TABLE, ["company_id", "quiet_since", "workspace_id"])
    _index("ix_desktop_connections_never", ["company_id", "quiet_since", "workspace_id"], where=NEVER)
    _index("ix_desktop_connections_open", ["credential_id", "workspace_id"], where=OPEN)
    op.create_table(
        "use_days",
        sa.Column("workspace_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _of_workspace("use_days"),
        sa.PrimaryKeyConstraint("workspace_id", "day", name=op.f("pk_use_days")),
    )
    op.create_index("ix_use_days_day", "use_days", ["day"])
    op.add_column("cloud_credentials", sa.Column("connections_looked_at", moment, nullable=True))
    op.add_column("cloud_credentials", sa.Column("connections_hidden_at", moment, nullable=True))
    op.add_column("companies", sa.Column("idle_days", sa.Integer(), server_default="14", nullable=False))


def downgrade() -> None:
    op.drop_column("companies", "idle_days")
    op.drop_column("cloud_credentials", "connections_hidden_at")
    op.drop_column("cloud_credentials", "connections_looked_at")
    op.drop_table("use_days")
    op.drop_table(TABLE)


def _state() -> sa.Enum:
    name = op.f(f"ck_{TABLE}_connectionstate")
    words = ("connected", "disconnected", "unknown")
    return sa.Enum(*words, native_enum=False, length=24, create_constraint=True, name=name)


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"],
        ["workspaces.id"],
        name=op.f(f"fk_{table}_workspace_id_workspaces"),
        ondelete="CASCADE",
    )


def _index(name: str, columns: list[str], *, where: str) -> None:
    op.create_index(name, TABLE, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
