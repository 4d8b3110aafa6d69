"""Cost allocation tags: since when a payer's bill is divided by a tag, and back-fills of the time before."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.calendar_days import milliseconds
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Backfill:
    """`back_from` in milliseconds, the others in seconds."""

    back_from: int
    requested_at: float
    due_at: float
    is_done: bool


class CostTags:
    def __init__(self, store: Store) -> None:
        self._store = store
        self.version = 0

    def settle(self, now: float) -> None:
        """Apply every back-fill that is due: the status of each tag, for the time before its request."""
        for row in self._store.rows("SELECT * FROM backfill WHERE NOT is_done AND due_at <= ?", now):
            begin, end = row["back_from"], milliseconds(row["requested_at"])
            for tag in self.list_of(row["account_id"]):
                self._clear(row["account_id"], tag["key"], begin, end)
                if tag["is_active"]:
                    self._add_span(row["account_id"], tag["key"], begin, end)
            self._store.run("UPDATE backfill SET is_done = 1 WHERE backfill_id = ?", row["backfill_id"])
            self.version += 1

    def list_of(self, account_id: str) -> list[sqlite3.Row]:
        """key, is_active, updated_at of each tag whose status was ever set."""
        return self._store.rows("SELECT * FROM cost_tag WHERE account_id = ? ORDER BY key", account_id)

    def set_status(self, account_id: str, key: str, *, is_active: bool, at: float) -> None:
        """Activate or deactivate a tag from a moment on. Nothing happens if it is so already."""
        found = self._store.one(
            "SELECT is_active FROM cost_tag WHERE account_id = ? AND key = ?", account_id, key
        )
        if found is not None and bool(found["is_active"]) == is_active:
            return
        self._store.run("INSERT OR REPLACE INTO cost_tag VALUES (?, ?, ?, ?)", account_id, key, is_active, at)
        when = milliseconds(at)
        self._store.run(
            "UPDATE cost_tag_span SET ended_at = max(began_at, ?)"
            " WHERE account_id = ? AND key = ? AND ended_at IS NULL",
            when,
            account_id,
            key,
        )
        if is_active:
            self._add_span(account_id, key, when, None)
        self.version += 1

    def remove(self, account_id: str, key: str) -> None:
        """As if its status had never been set."""
        for table in ("cost_tag", "cost_tag_span"):
            self._store.run(f"DELETE FROM {table} WHERE account_id = ? AND key = ?", account_id, key)
        self.version += 1

    def active_spans(self, account_id: str, key: str) -> list[tuple[int, int | None]]:
        rows = self._store.rows(
            "SELECT began_at, ended_at FROM cost_tag_span WHERE account_id = ? AND key = ? ORDER BY began_at",
            account_id,
            key,
        )
        return [(row["began_at"], row["ended_at"]) for row in rows]

    def add_backfill(self, account_id: str, *, back_from: int, requested_at: float, due_at: float) -> None:
        self._store.insert(
            "backfill",
            {
                "account_id": account_id,
                "back_from": back_from,
                "requested_at": requested_at,
                "due_at": due_at,
                "is_done": 0,
            },
        )

    def backfills(self, account_id: str) -> list[Backfill]:
        """Newest first."""
        rows = self._store.rows(
            "SELECT * FROM backfill WHERE account_id = ? ORDER BY backfill_id DESC", account_id
        )
        return [
            Backfill(row["back_from"], row["requested_at"], row["due_at"], bool(row["is_done"]))
            for row in rows
        ]

    def _add_span(self, account_id: str, key: str, begin: int, end: int | None) -> None:
        values: dict[str, Any] = {"account_id": account_id, "key": key, "began_at": begin, "ended_at": end}
        self._store.insert("cost_tag_span", values)

    def _clear(self, account_id: str, key: str, begin: int, end: int) -> None:
        """Take a time out of the spans of a tag."""
        spans = self.active_spans(account_id, key)
        self._store.run("DELETE FROM cost_tag_span WHERE account_id = ? AND key = ?", account_id, key)
        for began, ended in spans:
            if began < begin:
                self._add_span(account_id, key, began, begin if ended is None else min(ended, begin))
            if ended is None or ended > end:
                self._add_span(account_id, key, max(began, end), ended)
