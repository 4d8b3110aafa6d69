"""snapshots of disks, and what a company wants of them"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

SETTINGS, SNAPSHOTS = "snapshot_settings", "disk_snapshots"
STATES = ("intent", "ready", "unknown", "ending", "gone")
KINDS = ("daily", "weekly", "last")


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, webapp.database.UtcDateTime(timezone=True), nullable=nullable)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="RESTRICT")


def _choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(
        *values,
        name=op.f(f"ck_{SNAPSHOTS}_{name}"),
        native_enum=False,
        length=24,
        create_constraint=True,
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    # Plain columns: batch mode would make the table again, without its triggers.
    op.add_column("workspaces", sa.Column("backup_error_code", sa.String(64), nullable=True))
    op.add_column("workspaces", _moment("backup_error_at"))
    op.add_column("workspaces", sa.Column("other_backup", sa.String(120), nullable=True))
    op.add_column("workspaces", _moment("other_backup_at"))
    op.create_table(
        SETTINGS,
        sa.Column("credential_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("daily", sa.Integer(), nullable=False),
        sa.Column("weekly", sa.Integer(), nullable=False),
        sa.Column("days_after_end", sa.Integer(), nullable=False),
        _moment("read_at"),
        sa.Column("refused_code", sa.String(64), nullable=True),
        _moment("refused_at"),
        _moment("updated_at", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _check(SETTINGS, "numbers", "daily >= 1 AND weekly >= 0 AND days_after_end >= 0"),
        _check(SETTINGS, "refusal_pair", "(refused_code IS NULL) = (refused_at IS NULL)"),
        _key(SETTINGS, "credential_id", "cloud_credentials"),
        _key(SETTINGS, "company_id", "companies"),
        sa.PrimaryKeyConstraint("credential_id", name=op.f(f"pk_{SETTINGS}")),
    )
    op.create_index(op.f(f"ix_{SETTINGS}_company_id"), SETTINGS, ["company_id"])
    _create_snapshots()


def _create_snapshots() -> None:
    op.create_table(
        SNAPSHOTS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=True),
        sa.Column("cloud_workspace_id", sa.String(120), nullable=False),
        sa.Column("claim", sa.String(120), nullable=False),
        sa.Column("name", sa.String(140), nullable=False),
        sa.Column("kind", _choice("snapshotkind", KINDS), nullable=False),
        sa.Column("state", _choice("snapshotstate", STATES), nullable=False),
        _moment("issued_at", nullable=False),
        _moment("sent_at"),
        _moment("taken_at"),
        sa.Column("size_gib", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.String(64), nullable=True),
        sa.Column("error_detail", sa.String(300), nullable=True),
        _moment("error_at"),
        _moment("ended_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        _check(SNAPSHOTS, "ready_has_a_time", "state != 'ready' OR taken_at IS NOT NULL"),
        _check(SNAPSHOTS, "unknown_has_no_workspace", "state != 'unknown' OR workspace_id IS NULL"),
        _check(SNAPSHOTS, "error_pair", "(error_code IS NULL) = (error_at IS NULL)"),
        _check(SNAPSHOTS, "gone_has_a_time", "(state = 'gone') = (ended_at IS NOT NULL)"),
        _key(SNAPSHOTS, "company_id", "companies"),
        _key(SNAPSHOTS, "credential_id", "cloud_credentials"),
        _key(SNAPSHOTS, "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{SNAPSHOTS}")),
        sa.UniqueConstraint("credential_id", "name", name=op.f(f"uq_{SNAPSHOTS}_credential_id_name")),
    )
    op.create_index(op.f(f"ix_{SNAPSHOTS}_company_id"), SNAPSHOTS, ["company_id"])
    op.create_index(f"ix_{SNAPSHOTS}_workspace_id_issued_at", SNAPSHOTS, ["workspace_id", "issued_at"])
    standing = sa.text("state != 'gone'")
    op.create_index(
        f"ix_{SNAPSHOTS}_standing",
        SNAPSHOTS,
        ["credential_id", "state"],
        sqlite_where=standing,
        postgresql_where=standing,
    )


def downgrade() -> None:
    op.drop_table(SNAPSHOTS)
    op.drop_table(SETTINGS)
    op.drop_column("workspaces", "other_backup_at")
    op.drop_column("workspaces", "other_backup")
    op.drop_column("workspaces", "backup_error_at")
    op.drop_column("workspaces", "backup_error_code")
