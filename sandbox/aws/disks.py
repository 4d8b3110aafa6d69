"""What is on the two disks of a desktop, as a version that grows with every write, and in its snapshots.

The cloud makes snapshots by the clock: of the user's disk always, of both together only while the desktop is
healthy. No thread makes them: what has become due is kept before anything that could change it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sandbox.aws.machines import Machine, newest_snapshot_at
from sandbox.store import Store

_UNHEALTHY = frozenset({"UNHEALTHY", "IMPAIRED", "ERROR"})


@dataclass(frozen=True, slots=True)
class Disks:
    """Of one desktop; a new system, and an empty user's disk, have version 0."""

    root_version: int
    user_version: int
    files_at: float | None
    """When the newest snapshot of the user's disk was made, and what is in it."""
    files_version: int | None
    pair_at: float | None
    """The same of both disks together."""
    pair_root_version: int | None
    pair_user_version: int | None


class DiskRoom:
    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, machine: Machine, *, now: float, first_s: float) -> Disks:
        """With the snapshots that the clock has made until now; `first_s`: the setting."""
        self._store.run("INSERT OR IGNORE INTO disks (workspace_id) VALUES (?)", machine.workspace_id)
        row = self._row(machine)
        files_at = newest_snapshot_at(machine, now=now, first_s=first_s)
        if files_at is not None and (row["files_at"] is None or files_at > row["files_at"]):
            self._keep(machine, row, files_at, now=now, first_s=first_s)
            row = self._row(machine)
        return Disks(**{name: row[name] for name in Disks.__slots__})

    def _keep(
        self, machine: Machine, row: sqlite3.Row, files_at: float, *, now: float, first_s: float
    ) -> None:
        """Nobody has written since the ones before, or they would have been kept then."""
        self._set(machine, files_at=files_at, files_version=row["user_version"])
        unhealthy_since = machine.state_since if machine.state in _UNHEALTHY else now
        pair_at = newest_snapshot_at(machine, now=unhealthy_since, first_s=first_s)
        if pair_at is not None and (row["files_at"] is None or pair_at > row["files_at"]):
            self._set(
                machine,
                pair_at=pair_at,
                pair_root_version=row["root_version"],
                pair_user_version=row["user_version"],
            )

    def write(self, machine: Machine, *, root: bool, user: bool, now: float, first_s: float) -> None:
        """Somebody changed the system, files, or both."""
        found = self.read(machine, now=now, first_s=first_s)
        self._set(machine, root_version=found.root_version + root, user_version=found.user_version + user)

    def put_back(self, machine: Machine, *, root_version: int | None, user_version: int | None) -> None:
        """Both disks become what they were; their snapshots stay."""
        self._set(machine, root_version=root_version or 0, user_version=user_version or 0)

    def give(self, machine: Machine, *, user_version: int | None) -> None:
        """A new desktop whose files come from a snapshot of another one."""
        self._store.run(
            "INSERT INTO disks (workspace_id, user_version) VALUES (?, ?)",
            machine.workspace_id,
            user_version or 0,
        )

    def _set(self, machine: Machine, **values: float | None) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        self._store.run(
            f"UPDATE disks SET {names} WHERE workspace_id = ?", *values.values(), machine.workspace_id
        )

    def _row(self, machine: Machine) -> sqlite3.Row:
        row = self._store.one("SELECT * FROM disks WHERE workspace_id = ?", machine.workspace_id)
        assert row is not None, machine.workspace_id
        return row
