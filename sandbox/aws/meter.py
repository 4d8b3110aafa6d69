"""What each desktop was, and when: the record from which it is billed, independent of who changed it.

Times are whole milliseconds since 1970, so that hours and parts of months are exact.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.calendar_days import milliseconds
from sandbox.store import Store

METERED = ("state", "running_mode", "compute", "root_gib", "user_gib", "os_name", "gone_at")
"""The columns of a desktop that its bill depends on."""
_FACTS = ("power", "running_mode", "compute", "root_gib", "user_gib", "os_name")
_POWER = {
    "PENDING": "launching",
    "STOPPED": "stopped",
    "ERROR": "out",
    "SUSPENDED": "out",
    "TERMINATING": "out",
}
"""`out`: it exists and does not run. In every other state it runs, also while it starts and stops."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which nothing that matters to the bill changed."""

    workspace_id: str
    account_id: str
    region: str
    began_at: int
    ended_at: int | None
    power: str
    running_mode: str
    compute: str
    root_gib: int
    user_gib: int
    os_name: str


@dataclass(frozen=True, slots=True)
class TagSpan:
    """A time in which a desktop had a tag with this value."""

    value: str
    began_at: int
    ended_at: int | None


class Meter:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes = 0
        self._spans: dict[str, list[Span]] | None = None
        self._spans_as_of = 0

    @property
    def version(self) -> tuple[int, int]:
        """What was computed from the meter is valid for one version."""
        return (self._changes, self._store.rollbacks)

    def forget(self) -> None:
        """The store was changed behind it."""
        self._changes += 1
        self._spans = None

    def record(self, machine: Mapping[str, Any] | sqlite3.Row, *, at: float) -> None:
        """Note what the desktop has been since `at`."""
        when, workspace_id = milliseconds(at), machine["workspace_id"]
        power = _POWER.get(machine["state"], "running")
        facts = {**{name: machine[name] for name in _FACTS[1:]}, "power": power}
        is_gone = machine["gone_at"] is not None
        last = self._store.one(
            "SELECT * FROM meter WHERE workspace_id = ? AND ended_at IS NULL", workspace_id
        )
        if last is not None:
            if not is_gone and all(last[name] == facts[name] for name in _FACTS):
                return
            when = max(when, last["began_at"])  # a clock that was set back ends no span before it began
            self._store.run("UPDATE meter SET ended_at = ? WHERE span_id = ?", when, last["span_id"])
        if not is_gone:
            place = {name: machine[name] for name in ("workspace_id", "account_id", "region")}
            self._store.insert("meter", {**place, **facts, "began_at": when})
        self._changes += 1
        if self._spans is not None:
            self._spans[workspace_id] = self._load("WHERE workspace_id = ?", workspace_id)[workspace_id]

    def record_tags(self, workspace_id: str, tags: Mapping[str, str | None], *, at: float) -> None:
        """Note which tags the desktop has had since `at`; None: it has the tag no more."""
        when = milliseconds(at)
        for key, value in tags.items():
            self._store.run(
                "UPDATE tag_meter SET ended_at = max(began_at, ?) WHERE workspace_id = ? AND key = ?"
                " AND ended_at IS NULL",
                when,
                workspace_id,
                key,
            )
            if value is not None:
                self._store.insert(
                    "tag_meter", {"workspace_id": workspace_id, "key": key, "value": value, "began_at": when}
                )
        self._changes += 1

    def spans(self) -> dict[str, list[Span]]:
        """Everything that is recorded, by desktop, oldest first."""
        if self._spans is None or self._spans_as_of != self._store.rollbacks:
            self._spans, self._spans_as_of = self._load(""), self._store.rollbacks
        return self._spans

    def _load(self, where: str, *values: str) -> dict[str, list[Span]]:
        names = ", ".join(Span.__dataclass_fields__)
        found: dict[str, list[Span]] = defaultdict(list)
        for row in self._store.rows(f"SELECT {names} FROM meter {where} ORDER BY span_id", *values):
            found[row["workspace_id"]].append(Span(*row))
        return found

    def tag_spans(self, key: str) -> dict[str, list[TagSpan]]:
        """Where a tag was, by desktop, oldest first."""
        found: dict[str, list[TagSpan]] = defaultdict(list)
        for row in self._store.rows("SELECT * FROM tag_meter WHERE key = ? ORDER BY tag_span_id", key):
            found[row["workspace_id"]].append(TagSpan(row["value"], row["began_at"], row["ended_at"]))
        return found

    def tag_keys(self) -> list[sqlite3.Row]:
        """Each key with its account, and when desktops of this account had it first and last."""
        return self._store.rows(
            "SELECT account_id, key, min(t.began_at) AS first_at,"
            " max(coalesce(t.ended_at, w.gone_at * 1000, 9e15)) AS last_at"
            " FROM tag_meter t JOIN workspace w USING (workspace_id) GROUP BY account_id, key ORDER BY key"
        )
