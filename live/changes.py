"""Changes: what a feed reports after the commit. Ids only, never what is in the rows."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.engine import make_url


class FeedLost(Exception):
    """The database does not tell of changes any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """Of what the lists of a company show; with a workspace, of that workspace instead."""

    company_id: int
    workspace_id: int | None = None
    seeker_id: int | None = None
    """Whose workspace it is."""


class Feed(Protocol):
    def open(self) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
        """Every change that is committed from now on. Both raise FeedLost."""
        ...


def make_feed(database_url: str) -> Feed:
    """Imports the driver of this database only."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        from live.sqlite import SqliteFeed

        return SqliteFeed(url)
    from live.postgres import PostgresFeed

    return PostgresFeed(url)
