"""The status of long-running operations, which the `Azure-AsyncOperation` URLs report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sandbox.azure.ids import guid
from sandbox.store import Store

RUNNING = "InProgress"


@dataclass(frozen=True, slots=True)
class Progress:
    operation_id: str
    subscription_id: str
    key: str
    status: str
    error: dict[str, Any] | None
    started_at: float
    ended_at: float | None


class ProgressBook:
    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, key: str, at: float) -> str:
        """The id of a new operation on this part."""
        row = self._store.one("SELECT max(seq) AS seq FROM operation")
        operation_id = guid("operation", key.lower(), ((row["seq"] if row else 0) or 0) + 1)
        self._store.insert(
            "operation",
            {
                "operation_id": operation_id,
                "subscription_id": key.split("/")[2].lower(),
                "key": key.lower(),
                "status": RUNNING,
                "started_at": at,
            },
        )
        return operation_id

    def end(
        self, operation_id: str | None, at: float, *, status: str = "Succeeded", error: Any = None
    ) -> None:
        self._store.run(
            "UPDATE operation SET status = ?, error = ?, ended_at = ? WHERE operation_id = ?",
            status,
            None if error is None else json.dumps(error),
            at,
            operation_id,
        )

    def find(self, operation_id: str) -> Progress | None:
        row = self._store.one("SELECT * FROM operation WHERE operation_id = ?", operation_id.lower())
        if row is None:
            return None
        error = None if row["error"] is None else json.loads(row["error"])
        return Progress(
            row["operation_id"],
            row["subscription_id"],
            row["key"],
            row["status"],
            error,
            row["started_at"],
            row["ended_at"],
        )
