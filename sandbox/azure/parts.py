"""Everything that can exist in a resource group: one table, with a new row each time a part is created."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.azure.meter import METERED, Meter
from sandbox.store import Store

CLAIM_TAG = "berth-claim"
JOURNALLED = ("vm", "nic", "disk", "host", "deployment")
_COLUMNS = (
    "seq, kind, key, arm_id, subscription_id, resource_group, name, parent, location, tags, claim, made_by,"
    " born_at, shown_at, gone_at, hidden_at, data"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One row. `data` holds what is specific to its kind; the modules of `lifecycles/` define it."""

    seq: int
    kind: str
    key: str
    """The ARM id in lower case: ids are case-insensitive."""
    arm_id: str
    subscription_id: str
    resource_group: str
    name: str
    parent: str
    """The key of its parent: host → pool, network card → subnet …; empty without one."""
    location: str
    tags: dict[str, str]
    claim: str | None
    """From its own tag, or from the machine that it was created with."""
    made_by: str
    born_at: float
    shown_at: float
    """When lists start to show it."""
    gone_at: float | None
    hidden_at: float | None
    """When lists stop showing it."""
    data: dict[str, Any]


class Parts:
    def __init__(self, store: Store, meter: Meter) -> None:
        self._store = store
        self._meter = meter
        self.list_lag_s = 0.0
        """How stale lists are, in simulated seconds; follows the setting."""

    def find(self, resource_id: str) -> Part | None:
        """The existing part with this id."""
        row = self._store.one(
            f"SELECT {_COLUMNS} FROM part WHERE key = ? AND gone_at IS NULL", resource_id.lower()
        )
        return None if row is None else _part(row)

    def get(self, resource_id: str) -> Part:
        found = self.find(resource_id)
        assert found is not None, resource_id
        return found

    def add(
        self,
        kind: str,
        arm_id: str,
        *,
        at: float,
        resource_group: str,
        parent: str = "",
        location: str = "",
        tags: dict[str, str] | None = None,
        claim: str | None = None,
        made_by: str = "deployment",
        data: dict[str, Any],
    ) -> Part:
        """Add a part. Its claim comes from its own tag, or else from the argument."""
        tags = tags or {}
        self._store.insert(
            "part",
            {
                "kind": kind,
                "key": arm_id.lower(),
                "arm_id": arm_id,
                "subscription_id": arm_id.split("/")[2].lower(),
                "resource_group": resource_group.lower(),
                "name": arm_id.rpartition("/")[2],
                "parent": parent.lower(),
                "location": location,
                "tags": json.dumps(tags),
                "claim": tags.get(CLAIM_TAG, claim),
                "made_by": made_by,
                "born_at": at,
                "shown_at": at + self.list_lag_s,
                "data": json.dumps(data),
            },
        )
        part = self.get(arm_id)
        self._meter.record(part, at=at)
        return part

    def change(self, part: Part, **changes: Any) -> Part:
        """Change its data, and return the part with the changes."""
        fresh = self.get(part.key)
        fresh.data.update(changes)
        self._store.run("UPDATE part SET data = ? WHERE seq = ?", json.dumps(fresh.data), fresh.seq)
        if part.kind == "vm" and METERED & changes.keys():
            self._meter.record(fresh, at=fresh.data["power_at"])
        return fresh

    def set_tags(self, part: Part, tags: dict[str, str], *, at: float) -> None:
        claim = tags.get(CLAIM_TAG, part.claim)
        self._store.run(
            "UPDATE part SET tags = ?, claim = ? WHERE seq = ?", json.dumps(tags), claim, part.seq
        )
        self._meter.record(self.get(part.key), at=at)

    def end(self, part: Part, at: float) -> None:
        """It does not exist from this time on."""
        self._store.run(
            "UPDATE part SET gone_at = ?, hidden_at = ? WHERE seq = ?", at, at + self.list_lag_s, part.seq
        )
        self._meter.end(part, at=at)

    def list_shown(
        self,
        kinds: Iterable[str],
        *,
        now: float,
        subscription_id: str,
        resource_group: str | None = None,
        parent: str | None = None,
    ) -> list[Part]:
        """What a list shows now, oldest first: new parts may be missing, deleted ones linger."""
        kinds = tuple(kinds)
        marks = ", ".join("?" for _ in kinds)
        where, values = f"kind IN ({marks}) AND subscription_id = ?", [*kinds, subscription_id.lower()]
        for column, value in (("resource_group", resource_group), ("parent", parent)):
            if value is not None:
                where += f" AND {column} = ?"
                values.append(value.lower())
        sql = (
            f"SELECT {_COLUMNS} FROM part WHERE {where} AND gone_at IS NULL AND shown_at <= ?"
            f" UNION ALL SELECT {_COLUMNS} FROM part WHERE {where} AND hidden_at > ? AND shown_at <= ?"
            " ORDER BY seq"
        )
        rows = self._store.rows(sql, *values, now, *values, now, now)
        return [_part(row) for row in rows]

    def list_living(self, kind: str, subscription_id: str | None = None) -> list[Part]:
        where = "kind = ? AND gone_at IS NULL"
        values = [kind]
        if subscription_id is not None:
            where += " AND subscription_id = ?"
            values.append(subscription_id.lower())
        rows = self._store.rows(f"SELECT {_COLUMNS} FROM part WHERE {where} ORDER BY seq", *values)
        return [_part(row) for row in rows]

    def list_children(self, part_key: str, kind: str) -> list[Part]:
        """The existing children of this part."""
        rows = self._store.rows(
            f"SELECT {_COLUMNS} FROM part WHERE parent = ? AND kind = ? AND gone_at IS NULL ORDER BY seq",
            part_key.lower(),
            kind,
        )
        return [_part(row) for row in rows]

    def count_children(self, part_key: str, kind: str) -> int:
        row = self._store.one(
            "SELECT count(*) AS n FROM part WHERE parent = ? AND kind = ? AND gone_at IS NULL",
            part_key.lower(),
            kind,
        )
        return int(row["n"]) if row else 0

    def count_in_group(self, kind: str, *, subscription_id: str, resource_group: str) -> int:
        row = self._store.one(
            "SELECT count(*) AS n FROM part WHERE kind = ? AND subscription_id = ? AND resource_group = ?"
            " AND gone_at IS NULL",
            kind,
            subscription_id.lower(),
            resource_group.lower(),
        )
        return int(row["n"]) if row else 0

    def list_all(self, kinds: tuple[str, ...] = JOURNALLED) -> list[Part]:
        """Every part that has ever existed."""
        marks = ", ".join("?" for _ in kinds)
        sql = f"SELECT {_COLUMNS} FROM part WHERE kind IN ({marks}) ORDER BY seq"
        return [_part(row) for row in self._store.rows(sql, *kinds)]


def _part(row: sqlite3.Row) -> Part:
    values = list(row)
    values[9], values[16] = json.loads(values[9]), json.loads(values[16])
    return Part(*values)
