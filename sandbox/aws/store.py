"""The sandbox's memory: one SQLite file (or none), one connection, one lock.

Everything that a test or a restart may ask about is written here before an answer leaves the server, so that
a killed process loses nothing. The lock makes every call serial: simple, and far faster than any client.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SCHEMA_VERSION = 1
"""To be raised with every change of the tables."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS account (
    account_id TEXT PRIMARY KEY, quota INTEGER NOT NULL, quota_style TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS access_key (
    access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, account_id TEXT NOT NULL, user_name TEXT NOT NULL,
    state TEXT NOT NULL, denied TEXT NOT NULL, session_token TEXT);
CREATE TABLE IF NOT EXISTS directory (
    directory_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
    registration_code TEXT NOT NULL, state TEXT NOT NULL, subnet_ids TEXT NOT NULL, users TEXT,
    directory_type TEXT NOT NULL, web_access TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS subnet (
    subnet_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL, vpc_id TEXT NOT NULL,
    cidr TEXT NOT NULL, zone TEXT NOT NULL, free INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bundle (
    seq INTEGER PRIMARY KEY, bundle_id TEXT NOT NULL UNIQUE, region TEXT NOT NULL, owner TEXT NOT NULL,
    name TEXT NOT NULL, description TEXT NOT NULL, image_id TEXT NOT NULL, compute TEXT NOT NULL,
    root_gib INTEGER NOT NULL, user_gib INTEGER NOT NULL, os_name TEXT NOT NULL, protocol TEXT NOT NULL,
    state TEXT NOT NULL, bundle_type TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS image (
    seq INTEGER PRIMARY KEY, image_id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL, region TEXT NOT NULL,
    name TEXT NOT NULL, description TEXT NOT NULL, os_type TEXT NOT NULL, state TEXT NOT NULL,
    created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS workspace (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL,
    region TEXT NOT NULL, directory_id TEXT NOT NULL, user_name TEXT NOT NULL, user_key TEXT NOT NULL,
    bundle_id TEXT NOT NULL,
    subnet_id TEXT, computer_name TEXT, ip_address TEXT, running_mode TEXT NOT NULL, auto_stop_min INTEGER,
    root_gib INTEGER NOT NULL, user_gib INTEGER NOT NULL, compute TEXT NOT NULL, protocol TEXT NOT NULL,
    os_name TEXT NOT NULL, encryption TEXT NOT NULL, state TEXT NOT NULL, state_since REAL NOT NULL,
    until REAL, then_state TEXT, then_code TEXT, then_message TEXT, error_code TEXT, error_message TEXT,
    launches INTEGER NOT NULL, claim TEXT, made_by TEXT NOT NULL, visible_at REAL NOT NULL,
    tags_visible_at REAL NOT NULL, born_at REAL NOT NULL, terminate_asked_at REAL, gone_at REAL,
    connected INTEGER NOT NULL, last_connected_at REAL);
CREATE INDEX IF NOT EXISTS workspace_due ON workspace (until) WHERE until IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS one_machine_per_user
    ON workspace (directory_id, user_key) WHERE gone_at IS NULL;
CREATE TABLE IF NOT EXISTS tag (
    workspace_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (workspace_id, key));
CREATE TABLE IF NOT EXISTS fault (
    fault_id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, remaining INTEGER NOT NULL,
    draws INTEGER NOT NULL DEFAULT 0, hits INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, real_at REAL NOT NULL, simulated_at REAL NOT NULL,
    account_id TEXT, region TEXT, service TEXT, operation TEXT, access_key_id TEXT, ids TEXT NOT NULL,
    users TEXT NOT NULL, claims TEXT NOT NULL, outcome TEXT NOT NULL, fault TEXT, accepted INTEGER NOT NULL,
    failed INTEGER NOT NULL, status INTEGER);
"""

TABLES = (
    "meta",
    "account",
    "access_key",
    "directory",
    "subnet",
    "bundle",
    "image",
    "workspace",
    "tag",
    "fault",
    "ledger",
)


class Store:
    """Rows in, rows out. Use inside `transaction()` only."""

    def __init__(self, path: str | None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        # WAL with NORMAL survives a killed process; only a power cut could lose the last calls.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._check_version(path)
        self._db.executescript(SCHEMA)
        self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _check_version(self, path: str | None) -> None:
        """A simulated world is not worth migrating: a file of another version is refused in words."""
        [found] = self._db.execute("PRAGMA user_version").fetchone()
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and found != SCHEMA_VERSION:
            self._db.close()
            raise ValueError(f"{path} was written by another version of the sandbox; remove it to begin anew")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and alone. Nested use joins the outer transaction."""
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
        """Number of rows changed."""
        return self._db.execute(sql, values).rowcount

    def insert(self, table: str, values: dict[str, Any]) -> int:
        """Row id of the new row."""
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        cursor = self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
        return int(cursor.lastrowid or 0)

    def get_meta(self, key: str, default: Any) -> Any:
        """A remembered JSON value."""
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return default if row is None else json.loads(row["value"])

    def set_meta(self, key: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, json.dumps(value))

    def wipe(self) -> None:
        """Forget everything, the clock and the settings too."""
        for table in TABLES:
            self.run(f"DELETE FROM {table}")
        # Ids follow from row numbers, so that the same run gives the same ids: begin at 1 again.
        self.run("DELETE FROM sqlite_sequence")

    def close(self) -> None:
        with self._lock:
            self._db.close()
