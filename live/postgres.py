"""The feed of PostgreSQL: triggers notify in the transaction, and PostgreSQL delivers after the commit."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from live.changes import Change, FeedLost

CHANNEL = "berth_live"
"""Named in the migration that makes the triggers, too."""
ASKED_EVERY_S = 10.0
"""A connection that brings nothing is asked whether it still lives."""
CONNECT_TIMEOUT_S = 5
_PAYLOAD = re.compile(r"([0-9]{1,18})(?: ([0-9]{1,18}) ([0-9]{1,18}))?")


class PostgresFeed:
    def __init__(self, url: URL) -> None:
        _, options = PGDialect_psycopg().create_connect_args(url)
        self._address = make_conninfo("", **{"connect_timeout": CONNECT_TIMEOUT_S} | options)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AsyncIterator[Change]]:
        try:
            connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True)
            async with connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                yield _changes(connection)
        except psycopg.Error as error:
            raise FeedLost(type(error).__name__) from error


async def _changes(connection: "psycopg.AsyncConnection[tuple[object, ...]]") -> AsyncIterator[Change]:
    while True:
        async for note in connection.notifies(timeout=ASKED_EVERY_S):
            if found := _PAYLOAD.fullmatch(note.payload):  # any user of the database may write anything here
                yield Change(*(int(number) for number in found.groups() if number is not None))
        await connection.execute("SELECT 1")
