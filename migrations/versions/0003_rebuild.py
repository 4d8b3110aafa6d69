"""rebuild is an action that may be requested"""

import re

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHECK = "ck_workspaces_action"
BEFORE = ("start", "stop", "restart", "retry", "terminate")
AFTER = ("start", "stop", "restart", "rebuild", "retry", "terminate")


def upgrade() -> None:
    _allow(AFTER)


def downgrade() -> None:
    op.execute(
        "UPDATE workspaces SET requested_action = NULL, action_requested_at = NULL, action_sent_at = NULL"
        " WHERE requested_action = 'rebuild'"
    )
    _allow(BEFORE)


def _allow(actions: tuple[str, ...]) -> None:
    words = ", ".join(f"'{action}'" for action in actions)
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_table(words)
        return
    op.drop_constraint(op.f(CHECK), "workspaces")
    op.create_check_constraint(op.f(CHECK), "workspaces", f"requested_action IN ({words})")


def _rewrite_table(words: str) -> None:
    """SQLite cannot change a constraint, and Alembic's copy of a table forgets its other constraints.

    So the table is made anew from its own text, as https://sqlite.org/lang_altertable.html describes. The
    foreign keys of other tables must be off meanwhile, which works only outside a transaction.
    """
    run = op.get_bind().exec_driver_sql
    table = run("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'workspaces'").scalar_one()
    indexes = (
        run(
            "SELECT sql FROM sqlite_master"
            " WHERE type = 'index' AND tbl_name = 'workspaces' AND sql IS NOT NULL"
        )
        .scalars()
        .all()
    )
    text, count = re.subn(rf"({CHECK} CHECK \(requested_action IN \()[^)]*", rf"\g<1>{words}", table)
    assert count == 1, "the table has no such constraint"
    text = re.sub(r'^CREATE TABLE "?workspaces"?', "CREATE TABLE workspaces_anew", text)
    run("COMMIT")
    run("PRAGMA foreign_keys=OFF")
    run("BEGIN IMMEDIATE")
    for step in (
        text,
        "INSERT INTO workspaces_anew SELECT * FROM workspaces",
        "DROP TABLE workspaces",
        "ALTER TABLE workspaces_anew RENAME TO workspaces",
        *indexes,
    ):
        run(step)
    assert run("PRAGMA foreign_key_check").first() is None
    run("COMMIT")
    run("PRAGMA foreign_keys=ON")
    run("BEGIN IMMEDIATE")
