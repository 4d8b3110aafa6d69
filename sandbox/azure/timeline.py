"""Planned events. There is no background thread: each call settles what is due."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Event:
    at: float
    """In simulated time."""
    handler: str
    """A key of `lifecycles.EVENT_HANDLERS`."""
    key: str
    """The key of the part that it concerns."""
    data: dict[str, Any]


class Timeline:
    def __init__(self, store: Store) -> None:
        self._store = store

    def plan(self, at: float, handler: str, key: str, **data: Any) -> None:
        self._store.insert(
            "event", {"due_at": at, "change": handler, "key": key.lower(), "data": json.dumps(data)}
        )

    def drop(self, key: str, *handlers: str) -> list[Event]:
        """Cancel the planned events of a part, and return them."""
        marks = ", ".join("?" for _ in handlers)
        rows = self._store.rows(
            f"DELETE FROM event WHERE key = ? AND change IN ({marks}) RETURNING *", key.lower(), *handlers
        )
        return [Event(row["due_at"], row["change"], row["key"], json.loads(row["data"])) for row in rows]

    def take(self, now: float) -> Event | None:
        """Remove and return the next event that is due."""
        row = self._store.one("SELECT * FROM event WHERE due_at <= ? ORDER BY due_at, seq LIMIT 1", now)
        if row is None:
            return None
        self._store.run("DELETE FROM event WHERE seq = ?", row["seq"])
        return Event(row["due_at"], row["change"], row["key"], json.loads(row["data"]))
