"""files of desktops that are gone, brought back to new ones"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

TABLE = "file_returns"
STATES = ("waiting", "underway", "ending", "done")
STEPS = ("make", "attach", "detach", "copy", "wait", "copied")


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, webapp.database.UtcDateTime(timezone=True), nullable=nullable)


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{TABLE}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="RESTRICT")


def _choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(
        *values, name=op.f(f"ck_{TABLE}_{name}"), native_enum=False, length=24, create_constraint=True
    )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{TABLE}_{name}"))


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("former_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.String(140), nullable=False),
        _moment("taken_at", nullable=False),
        sa.Column("state", _choice("returnstate", STATES), nullable=False),
        _moment("asked_at", nullable=False),
        sa.Column("cloud_workspace_id", sa.String(120), nullable=True),
        sa.Column("claim", sa.String(120), nullable=True),
        sa.Column("disk", sa.String(140), nullable=True),
        _moment("begun_at"),
        sa.Column("step", _choice("returnstep", STEPS), nullable=True),
        _moment("step_sent_at"),
        _moment("copied_at"),
        _moment("ending_sent_at"),
        sa.Column("error_code", sa.String(64), nullable=True),
        sa.Column("error_detail", sa.String(300), nullable=True),
        _moment("error_at"),
        _moment("ended_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        _check("begun_has_a_disk", "(begun_at IS NULL) = (disk IS NULL)"),
        _check("underway_has_begun", "state != 'underway' OR begun_at IS NOT NULL"),
        _check("step_pair", "(step IS NULL) = (step_sent_at IS NULL)"),
        _check("error_pair", "(error_code IS NULL) = (error_at IS NULL)"),
        _check("done_has_a_time", "(state = 'done') = (ended_at IS NOT NULL)"),
        _key("company_id", "companies"),
        _key("credential_id", "cloud_credentials"),
        _key("workspace_id", "workspaces"),
        _key("former_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("credential_id", "disk", name=op.f(f"uq_{TABLE}_credential_id_disk")),
    )
    op.create_index(op.f(f"ix_{TABLE}_company_id"), TABLE, ["company_id"])
    op.create_index(f"ix_{TABLE}_workspace_id", TABLE, ["workspace_id"])
    op.create_index(f"ix_{TABLE}_former_id", TABLE, ["former_id"])
    is_open = sa.text("state != 'done'")
    op.create_index(
        f"ix_{TABLE}_open", TABLE, ["credential_id"], sqlite_where=is_open, postgresql_where=is_open
    )


def downgrade() -> None:
    op.drop_table(TABLE)
