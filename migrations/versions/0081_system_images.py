"""images of desktops' systems"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

TABLE = "system_images"
STATES = ("intent", "ready", "ending", "gone")


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, webapp.database.UtcDateTime(timezone=True), nullable=nullable)


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{TABLE}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="RESTRICT")


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{TABLE}_{name}"))


def upgrade() -> None:
    state = sa.Enum(
        *STATES,
        name=op.f(f"ck_{TABLE}_imagestate"),
        native_enum=False,
        length=24,
        create_constraint=True,
    )
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("cloud_workspace_id", sa.String(120), nullable=False),
        sa.Column("claim", sa.String(120), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("cloud_id", sa.String(80), nullable=True),
        sa.Column("state", state, nullable=False),
        _moment("issued_at", nullable=False),
        _moment("sent_at"),
        _moment("created_at"),
        sa.Column("error_code", sa.String(64), nullable=True),
        sa.Column("error_detail", sa.String(300), nullable=True),
        _moment("error_at"),
        _moment("ended_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        _check("ready_is_known", "state != 'ready' OR (cloud_id IS NOT NULL AND created_at IS NOT NULL)"),
        _check("error_pair", "(error_code IS NULL) = (error_at IS NULL)"),
        _check("gone_has_a_time", "(state = 'gone') = (ended_at IS NOT NULL)"),
        _key("company_id", "companies"),
        _key("credential_id", "cloud_credentials"),
        _key("workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("credential_id", "name", name=op.f(f"uq_{TABLE}_credential_id_name")),
    )
    op.create_index(op.f(f"ix_{TABLE}_company_id"), TABLE, ["company_id"])
    op.create_index(f"ix_{TABLE}_workspace_id_issued_at", TABLE, ["workspace_id", "issued_at"])
    _create_partial("standing", ["credential_id", "state"], "state != 'gone'")
    _create_partial("underway", ["workspace_id"], "state = 'intent'", unique=True)


def _create_partial(name: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(
        f"ix_{TABLE}_{name}", TABLE, columns, unique=unique, sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    op.drop_table(TABLE)
