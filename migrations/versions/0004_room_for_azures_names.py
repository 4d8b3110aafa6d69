"""room for Azure's sign-in names and places

Wider only: PostgreSQL changes nothing on disk. On the way back it refuses while a longer value is stored,
because a shortened name would be somebody else's.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = (
    ("workspaces", "username", 64, 128),
    ("workspaces", "slot", 255, 400),
    ("orphans", "username", 64, 128),
)
"""Table, column, and its length before and after."""


def upgrade() -> None:
    _change({(table, column): (before, after) for table, column, before, after in COLUMNS})


def downgrade() -> None:
    _change({(table, column): (after, before) for table, column, before, after in COLUMNS})


def _change(lengths: dict[tuple[str, str], tuple[int, int]]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_tables(lengths)
        return
    for (table, column), (old, new) in lengths.items():
        op.alter_column(
            table, column, existing_type=sa.String(old), type_=sa.String(new), existing_nullable=False
        )


def _rewrite_tables(lengths: dict[tuple[str, str], tuple[int, int]]) -> None:
    """SQLite cannot change a column, so the tables are made anew from their own text (see 0003)."""
    run = op.get_bind().exec_driver_sql
    steps: list[str] = []
    for table in sorted({table for table, _ in lengths}):
        text = run(f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '{table}'").scalar_one()
        indexes = (
            run(
                "SELECT sql FROM sqlite_master"
                f" WHERE type = 'index' AND tbl_name = '{table}' AND sql IS NOT NULL"
            )
            .scalars()
            .all()
        )
        for (name, column), (old, new) in lengths.items():
            if name != table:
                continue
            text, count = re.subn(rf'(\b{column}"? VARCHAR\(){old}\)', rf"\g<1>{new})", text)
            assert count == 1, f"{table}.{column} is not {old} characters long"
        steps += [
            re.sub(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_anew", text),
            f"INSERT INTO {table}_anew SELECT * FROM {table}",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table}_anew RENAME TO {table}",
            *indexes,
        ]
    run("COMMIT")
    run("PRAGMA foreign_keys=OFF")
    run("BEGIN IMMEDIATE")
    for step in steps:
        run(step)
    assert run("PRAGMA foreign_key_check").first() is None
    run("COMMIT")
    run("PRAGMA foreign_keys=ON")
    run("BEGIN IMMEDIATE")
