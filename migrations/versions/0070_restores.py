"""restore is an action that may be requested, and to which snapshot"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

TABLE, CHECK = "workspaces", "ck_workspaces_action"
COLUMNS = ("promised_snapshot_at", "returned_snapshot_at")
ACTIONS = "'start', 'stop', 'restart', 'rebuild', 'retry', 'terminate'"
LISTED_STATE = """
CASE WHEN is_deleted AND phase IN ('create_failed', 'gone') THEN NULL
 ELSE CASE
  WHEN (phase = 'gone') THEN 'TERMINATED'
  WHEN (desired = 'absent') THEN 'TERMINATING'
  WHEN (requested_action = 'retry') THEN 'PENDING'
  WHEN (phase IN ('conflict', 'create_failed', 'lost', 'stalled')) THEN 'ERROR'
  WHEN (phase = 'terminating') THEN CASE WHEN (error_code IS NOT NULL) THEN 'ERROR' ELSE 'TERMINATING' END
  WHEN (phase != 'ready') THEN CASE WHEN (error_code IS NOT NULL) THEN 'ERROR' ELSE 'PENDING' END
  WHEN (requested_action = 'start') THEN 'STARTING'
  WHEN (requested_action = 'stop') THEN 'STOPPING'
  WHEN (requested_action = 'restart') THEN 'RESTARTING'
  WHEN (requested_action = 'rebuild') THEN 'MAINTENANCE'
  WHEN (cloud_state = 'available') THEN 'AVAILABLE'
  WHEN (cloud_state = 'pending') THEN 'PENDING'
  WHEN (cloud_state = 'starting') THEN 'STARTING'
  WHEN (cloud_state = 'stopping') THEN 'STOPPING'
  WHEN (cloud_state = 'stopped') THEN 'STOPPED'
  WHEN (cloud_state = 'restarting') THEN 'RESTARTING'
  WHEN (cloud_state = 'unhealthy') THEN 'UNHEALTHY'
  WHEN (cloud_state = 'maintenance') THEN 'MAINTENANCE'
  WHEN (cloud_state = 'suspended') THEN 'SUSPENDED'
  WHEN (cloud_state = 'error') THEN 'ERROR'
  WHEN (cloud_state = 'terminating') THEN 'TERMINATING'
  WHEN (cloud_state = 'unknown') THEN 'UNHEALTHY'
  ELSE 'PENDING' END END
"""
REBUILT = "WHEN (requested_action = 'rebuild') THEN 'MAINTENANCE'"
BEFORE = {"checked": ACTIONS, "state": " ".join(LISTED_STATE.split())}
AFTER = {
    "checked": ACTIONS.replace("'rebuild'", "'rebuild', 'restore'"),
    "state": BEFORE["state"].replace(REBUILT, f"{REBUILT} {REBUILT.replace('rebuild', 'restore')}"),
}


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column(TABLE, sa.Column(name, webapp.database.UtcDateTime(timezone=True), nullable=True))
    _change(BEFORE, AFTER)


def downgrade() -> None:
    op.execute(
        "UPDATE workspaces SET requested_action = NULL, action_requested_at = NULL, action_sent_at = NULL"
        " WHERE requested_action = 'restore'"
    )
    _change(AFTER, BEFORE)
    for name in reversed(COLUMNS):
        op.drop_column(TABLE, name)


def _change(before: dict[str, str], after: dict[str, str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_schema(before, after)
    else:
        _make_column_again(after)


def _rewrite_schema(before: dict[str, str], after: dict[str, str]) -> None:
    """SQLite can change neither a constraint nor an expression, and a copied table loses its triggers.

    So only the text of the table changes, as https://sqlite.org/lang_altertable.html describes.
    The column is virtual, and no row has the action in question: what its indexes hold stays true.
    """
    run = op.get_bind().exec_driver_sql
    text = run("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'workspaces'").scalar_one()
    for old, new in zip(before.values(), after.values(), strict=True):
        assert text.count(old) == 1, "the table has no such text"
        text = text.replace(old, new)
    version = run("PRAGMA schema_version").scalar_one()
    run("PRAGMA writable_schema=ON")
    run("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = 'workspaces'", (text,))
    run(f"PRAGMA schema_version={version + 1}")
    run("PRAGMA writable_schema=RESET")
    assert run("PRAGMA quick_check").scalar_one() == "ok"


def _make_column_again(after: dict[str, str]) -> None:
    """Before version 17 PostgreSQL cannot change the expression; what refers to the column is made again."""
    bind = op.get_bind()
    indexes = bind.execute(
        sa.text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
            " AND tablename = 'workspaces' AND indexdef LIKE '%listed_state%'"
        )
    ).all()
    triggers = bind.execute(
        sa.text(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgrelid = 'workspaces'::regclass AND NOT tgisinternal ORDER BY tgname"
        )
    ).all()
    for name, _ in triggers:
        op.execute(f"DROP TRIGGER {name} ON {TABLE}")
    for name, _ in indexes:
        op.execute(f"DROP INDEX {name}")
    op.drop_column(TABLE, "listed_state")
    op.drop_constraint(op.f(CHECK), TABLE)
    op.create_check_constraint(op.f(CHECK), TABLE, f"requested_action IN ({after['checked']})")
    op.execute(
        f"ALTER TABLE {TABLE} ADD COLUMN listed_state VARCHAR(16)"
        f" GENERATED ALWAYS AS ({after['state']}) STORED"
    )
    for _, definition in (*indexes, *triggers):
        op.execute(sa.text(definition.replace(":", "\\:")))
