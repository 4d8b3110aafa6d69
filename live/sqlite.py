"""The feed of SQLite, which cannot notify: its file says for next to nothing that somebody wrote."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from sqlalchemy import URL

from live.changes import Change, FeedLost

ASKED_EVERY_S = 0.1
_NEW_EVENTS = """
SELECT DISTINCT e.company_id, e.workspace_id, a.seeker_id FROM events e
JOIN workspaces w ON w.id = e.workspace_id JOIN applications a ON a.id = w.application_id
WHERE e.id > ? AND e.id <= ?"""
_VERSIONS = (
    "SELECT company_id, SUM(number) FROM company_tallies WHERE subject = 'version' GROUP BY company_id"
)


class SqliteFeed:
    def __init__(self, url: URL) -> None:
        self._path = url.database or ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AsyncIterator[Change]]:
        try:
            with closing(sqlite3.connect(self._path, timeout=2.0, isolation_level=None)) as connection:
                connection.execute("PRAGMA query_only=ON")
                yield _changes(_Reader(connection))
        except sqlite3.Error as error:
            raise FeedLost(type(error).__name__) from error


async def _changes(reader: "_Reader") -> AsyncIterator[Change]:
    while True:
        for change in reader.read_new():
            yield change
        await asyncio.sleep(ASKED_EVERY_S)


class _Reader:
    """Remembers what it has read; every query is small, so it may hold up the loop for that long."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._data_version = self._ask("PRAGMA data_version")
        self._newest_event = self._ask("SELECT MAX(id) FROM events")
        self._versions = self._read_versions()

    def read_new(self) -> list[Change]:
        data_version = self._ask("PRAGMA data_version")
        if data_version == self._data_version:
            return []
        self._data_version = data_version
        return [*self._of_workspaces(), *self._of_companies()]

    def _of_workspaces(self) -> list[Change]:
        before, self._newest_event = self._newest_event, self._ask("SELECT MAX(id) FROM events")
        rows = self._connection.execute(_NEW_EVENTS, (before, self._newest_event))
        return [Change(*row) for row in rows]

    def _of_companies(self) -> list[Change]:
        before, self._versions = self._versions, self._read_versions()
        return [Change(one) for one, version in self._versions.items() if before.get(one) != version]

    def _read_versions(self) -> dict[int, int]:
        return dict(self._connection.execute(_VERSIONS).fetchall())

    def _ask(self, query: str) -> int:
        return self._connection.execute(query).fetchone()[0] or 0
