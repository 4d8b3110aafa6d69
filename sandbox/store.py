"""A sandbox's storage: one SQLite file (or memory), one connection, one lock.

Everything that a test or a restart needs is written before the response is sent, so that a killed process
loses nothing. The lock serializes all calls: simple, and far faster than any client.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CORE_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
    fault_id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, remaining INTEGER NOT NULL,
    draws INTEGER NOT NULL DEFAULT 0, hits INTEGER NOT NULL DEFAULT 0);
"""
"""The tables of every cloud, except the ledger. Each cloud adds its own."""


class Store:
    """Use only inside `transaction()`."""

    def __init__(self, path: str | None, *, schema: str, version: int) -> None:
        """`version` grows with each change to the schema. Raises ValueError for a file of another version."""
        self._lock = threading.RLock()
        self._depth = 0
        self.rollbacks = 0
        """What is kept in memory of the store is no longer true when this has grown."""
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        # WAL with NORMAL survives a killed process; only a power failure could lose the last calls.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._check_version(path, version)
        self._db.executescript(CORE_SCHEMA + schema)
        self._db.execute(f"PRAGMA user_version = {version}")

    def _check_version(self, path: str | None, version: int) -> None:
        """Refuse a file of another version: a simulated world is not worth migrating."""
        [found] = self._db.execute("PRAGMA user_version").fetchone()
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and found != version:
            self._db.close()
            raise ValueError(f"{path} was written by another version of the sandbox; delete it to start over")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Atomic and exclusive. A nested one joins the outer transaction."""
        with self._lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                self.rollbacks += 1
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def run(self, sql: str, *values: Any) -> int:
        """The number of rows changed."""
        return self._db.execute(sql, values).rowcount

    def insert(self, table: str, values: dict[str, Any]) -> int:
        """The row id of the new row."""
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        cursor = self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
        return int(cursor.lastrowid or 0)

    def get_meta(self, key: str, default: Any) -> Any:
        """A stored JSON value."""
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return default if row is None else json.loads(row["value"])

    def set_meta(self, key: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, json.dumps(value))

    def wipe(self, *, keep: tuple[str, ...] = ()) -> None:
        """Delete everything, including clock and settings, except the named tables."""
        for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
            # Ids are derived from row numbers, so that equal runs give equal ids: SQLite's own counters
            # (sqlite_sequence) must restart too.
            if row["name"] not in keep:
                self.run(f"DELETE FROM {row['name']}")

    def close(self) -> None:
        with self._lock:
            self._db.close()
