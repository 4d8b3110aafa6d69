"""The ledger: one line for every call that reached the server, whatever its result."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.store import Store


@dataclass(slots=True)
class Touched:
    """What one call was about; filled in during the call."""

    ids: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    accepted: int = 0
    failed: int = 0


@dataclass(slots=True, kw_only=True)
class Entry:
    """One call in the ledger. A cloud's own entry adds who made it, and where."""

    real_at: float
    simulated_at: float
    operation: str | None = None
    outcome: str = "ok"
    """"ok", the error code, or how the response was suppressed ("dropped", "hung")."""
    fault: str | None = None
    status: int | None = None
    """HTTP status of the response; None if there was none."""
    touched: Touched = field(default_factory=Touched)


def ledger_table(columns: tuple[str, ...]) -> str:
    """The table, with the cloud's own columns."""
    own = "".join(f" {name} TEXT," for name in columns)
    return (
        "CREATE TABLE IF NOT EXISTS ledger (seq INTEGER PRIMARY KEY AUTOINCREMENT, real_at REAL NOT NULL,"
        f" simulated_at REAL NOT NULL, operation TEXT,{own} ids TEXT NOT NULL, users TEXT NOT NULL,"
        " claims TEXT NOT NULL, outcome TEXT NOT NULL, fault TEXT, accepted INTEGER NOT NULL,"
        " failed INTEGER NOT NULL, status INTEGER);"
    )


KEPT_LINES = 200_000
"""A demo may run for weeks, so older lines are deleted."""


class Ledger:
    def __init__(self, store: Store, columns: tuple[str, ...]) -> None:
        self._store = store
        self._columns = columns
        self.filters = ("operation", "outcome", "fault", *columns)
        """The columns that `read` can filter by."""

    def write(self, entry: Entry) -> int:
        """The sequence number of the line."""
        touched = entry.touched
        number = self._store.insert(
            "ledger",
            {
                "real_at": entry.real_at,
                "simulated_at": entry.simulated_at,
                "operation": entry.operation,
                **{name: getattr(entry, name) for name in self._columns},
                "ids": json.dumps(touched.ids),
                "users": json.dumps(touched.users),
                "claims": json.dumps(touched.claims),
                "outcome": entry.outcome,
                "fault": entry.fault,
                "accepted": touched.accepted,
                "failed": touched.failed,
                "status": entry.status,
            },
        )
        if number % 1000 == 0:
            self._store.run("DELETE FROM ledger WHERE seq <= ?", number - KEPT_LINES)
        return number

    def read(self, *, since: int = 0, limit: int = 10_000, **wanted: str) -> list[dict[str, Any]]:
        """Lines after number `since`, oldest first. `wanted` filters by column (operation, outcome …)."""
        where, values = ["seq > ?"], [since]
        for column, value in wanted.items():
            where.append(f"{column} = ?")
            values.append(value)  # type: ignore[arg-type]
        sql = f"SELECT * FROM ledger WHERE {' AND '.join(where)} ORDER BY seq LIMIT ?"
        lines = []
        for row in self._store.rows(sql, *values, limit):
            line = dict(row)
            lines.append({**line, **{name: json.loads(line[name]) for name in ("ids", "users", "claims")}})
        return lines
