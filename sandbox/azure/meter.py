"""What each machine and each disk was, and when: the record from which they are billed, independent of who
changed them.

Times are whole milliseconds since 1970, so that parts of hours and months are exact.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.azure.catalogue import is_linux
from sandbox.calendar_days import milliseconds
from sandbox.store import Store

METERED = frozenset({"power", "size", "license"})
"""The data of a machine that its bill depends on. Whoever changes it sets `power_at` too."""
ALLOCATED, STARTING, DEALLOCATED, EXISTS = "allocated", "starting", "deallocated", "exists"
"""`starting`: it was not allocated before, and may still get no capacity. `exists`: a disk or a snapshot."""
BILLED = (ALLOCATED, STARTING, EXISTS)
_FACTS = ("state", "sku", "license", "system", "gib", "tags")


class Metered(Protocol):
    """A part that costs something."""

    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def arm_id(self) -> str: ...
    @property
    def subscription_id(self) -> str: ...
    @property
    def resource_group(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def tags(self) -> dict[str, str]: ...
    @property
    def data(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which nothing that matters to the bill changed."""

    key: str
    arm_id: str
    kind: str
    resource_group: str
    location: str
    began_at: int
    ended_at: int | None
    sku: str
    """The size of a machine, the storage type of a disk or snapshot."""
    license: str
    system: str
    gib: int
    tags: str
    """JSON, sorted."""


class Meter:
    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, part: Metered, *, at: float) -> None:
        """Note what the part has been since `at`. Other kinds than machines, disks and snapshots are free."""
        if part.kind not in ("vm", "disk", "snapshot"):
            return
        when, last = milliseconds(at), self._open_span(part.key)
        facts = _facts_of(part, "" if last is None else last["state"])
        if last is not None:
            if all(last[name] == facts[name] for name in _FACTS):
                return
            if last["state"] == STARTING and facts["state"] in (ALLOCATED, DEALLOCATED):
                # It runs now; or there was no capacity, and a start that was never allocated costs nothing.
                sql = "UPDATE meter SET state = ? WHERE span_id = ?"
                self._store.run(sql, facts["state"], last["span_id"])
                return
            self._close(last, when)
            when = max(when, last["began_at"])  # a clock that was set back ends no span before it began
        self._insert(part, facts, when)

    def end(self, part: Metered, *, at: float) -> None:
        """It has not existed since `at`."""
        last = self._open_span(part.key)
        if last is not None:
            self._close(last, milliseconds(at))

    def spans(self, subscription_id: str, *, first_ms: int, end_ms: int) -> list[Span]:
        """What was billed at some time in [first, end), oldest first."""
        names = ", ".join(Span.__dataclass_fields__)
        marks = ", ".join("?" for _ in BILLED)
        rows = self._store.rows(
            f"SELECT {names} FROM meter WHERE subscription_id = ? AND began_at < ?"
            f" AND (ended_at IS NULL OR ended_at > ?) AND state IN ({marks}) ORDER BY span_id",
            subscription_id.lower(),
            end_ms,
            first_ms,
            *BILLED,
        )
        return [Span(*row) for row in rows]

    def everything(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._store.rows("SELECT * FROM meter ORDER BY span_id")]

    def _open_span(self, key: str) -> sqlite3.Row | None:
        return self._store.one("SELECT * FROM meter WHERE key = ? AND ended_at IS NULL", key)

    def _close(self, last: sqlite3.Row, when: int) -> None:
        ended_at = max(when, last["began_at"])
        self._store.run("UPDATE meter SET ended_at = ? WHERE span_id = ?", ended_at, last["span_id"])

    def _insert(self, part: Metered, facts: dict[str, Any], when: int) -> None:
        place = ("key", "arm_id", "kind", "subscription_id", "resource_group", "location")
        self._store.insert(
            "meter", {**{name: getattr(part, name) for name in place}, **facts, "began_at": when}
        )


def _facts_of(part: Metered, before: str) -> dict[str, Any]:
    data, tags = part.data, json.dumps(part.tags, sort_keys=True)
    if part.kind == "disk":
        disk = {"state": EXISTS, "sku": data["sku"], "gib": data["gib"]}
        return {**disk, "license": "", "system": "", "tags": tags}
    if part.kind == "snapshot":
        snapshot = {"state": EXISTS, "sku": data["sku"], "gib": data["used_gib"]}
        return {**snapshot, "license": "", "system": "", "tags": tags}
    publisher = (data["image"] or {}).get("publisher")
    return {
        "state": _state_of(data["power"], before, has_failed=data["provisioning"] == "Failed"),
        "sku": data["size"],
        "license": data["license"] or "",
        "system": "linux" if is_linux(publisher) else "windows",
        "gib": 0,
        "tags": tags,
    }


def _state_of(power: str | None, before: str, *, has_failed: bool) -> str:
    """Everything is billed that is not deallocated, also a machine that was shut down from inside."""
    if power is None:  # Azure says nothing: no capacity for it, or nobody knows
        return DEALLOCATED if has_failed and before != ALLOCATED else before or DEALLOCATED
    if power == "starting" and before in ("", STARTING, DEALLOCATED):
        return STARTING
    return DEALLOCATED if power == "deallocated" else ALLOCATED
