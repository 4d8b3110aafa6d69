"""Desktops and their state changes over time. No background thread: each call settles what is due."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.aws.meter import METERED, Meter
from sandbox.demo import short_id
from sandbox.store import Store

LAUNCH_S = (17 * 60.0, 23 * 60.0)
LAUNCH_FAILURE_S = 5 * 60.0
START_S = 90.0
STOP_S = 60.0
REBOOT_S = 180.0
REBUILD_S = 30 * 60.0
RESTORE_S = 60 * 60.0
MIGRATE_S = 40 * 60.0
IMAGE_S = 40 * 60.0
FIRST_SNAPSHOT_S = 45 * 60.0
SNAPSHOT_EVERY_S = 12 * 3600.0
TERMINATE_S = 5 * 60.0
TERMINATED_SHOWN_S = 30.0
"""All in simulated seconds. A launch takes a time in this range, always the same for the same desktop."""
RESOURCES = {"COMPUTE_TYPE": "compute", "ROOT_VOLUME": "root_gib", "USER_VOLUME": "user_gib"}
"""What ModifyWorkspaceProperties changes over time, and the column of each."""
FAILS = "UPDATE_FAILED"
CLAIM_TAG = "berth-claim"
NO_ADDRESS = (
    "SubnetHasNoAddresses",
    "The Subnet in which the WorkSpace was launched does not have an available private IP Address",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """One row of the workspace table."""

    seq: int
    workspace_id: str
    account_id: str
    region: str
    directory_id: str
    user_name: str
    user_key: str
    """The user name in lower case: user names are case-insensitive."""
    bundle_id: str
    subnet_id: str | None
    computer_name: str | None
    ip_address: str | None
    running_mode: str
    auto_stop_min: int | None
    root_gib: int
    user_gib: int
    compute: str
    protocol: str
    os_name: str
    encryption: str
    state: str
    state_since: float
    until: float | None
    then_state: str | None
    then_code: str | None
    then_message: str | None
    error_code: str | None
    error_message: str | None
    launches: int
    claim: str | None
    made_by: str
    visible_at: float
    tags_visible_at: float
    born_at: float
    terminate_asked_at: float | None
    gone_at: float | None
    connected: int
    last_connected_at: float | None
    grown_at: float | None
    """When its size or a volume last grew."""
    sized_at: float | None
    """When its size last changed."""
    change_resource: str | None
    """Of its newest change: ROOT_VOLUME, USER_VOLUME or COMPUTE_TYPE; with the next until it is done."""
    change_state: str | None
    change_value: str | None
    change_until: float | None
    moved_to: str | None
    """While it is being migrated, and afterwards: the id of the desktop that takes its place."""


class Machines:
    def __init__(self, store: Store, meter: Meter) -> None:
        self._store = store
        self._meter = meter

    def settle(self, now: float) -> None:
        """Apply every transition that is due."""
        for row in self._store.rows("SELECT * FROM workspace WHERE until <= ? ORDER BY until, seq", now):
            self._arrive(_machine(row))
        for row in self._store.rows("SELECT * FROM workspace WHERE change_until <= ? ORDER BY seq", now):
            self._finish_change(_machine(row))

    def _finish_change(self, machine: Machine) -> None:
        """The new value is shown, and billed, from here on; a failed change stays in what is shown."""
        done: dict[str, Any] = {"change_until": None}
        if machine.change_state != FAILS:
            column = RESOURCES[machine.change_resource or ""]
            value = machine.change_value if column == "compute" else int(machine.change_value or 0)
            done |= {column: value, "change_resource": None, "change_state": None, "change_value": None}
        self.update(machine.workspace_id, at=machine.change_until, **done)

    def _arrive(self, machine: Machine) -> None:
        changes: dict[str, Any] = {
            "state": machine.then_state,
            "state_since": machine.until,
            "until": None,
            "then_state": None,
            "then_code": None,
            "then_message": None,
            "error_code": machine.then_code,
            "error_message": machine.then_message,
        }
        if machine.then_state == "TERMINATED":
            changes |= {"gone_at": machine.until, "ip_address": None, "connected": 0}
        elif machine.moved_to is not None and machine.state == "MAINTENANCE":
            changes |= {"moved_to": None}  # the migration failed: it is as it was
        elif machine.then_state in ("AVAILABLE", "UNHEALTHY") and machine.ip_address is None:
            changes |= {"ip_address": _address(machine), "computer_name": _computer_name(machine)}
        self.update(machine.workspace_id, **changes)

    def update(self, workspace_id: str, *, at: float | None = None, **changes: Any) -> None:
        """Changes that the bill depends on need their time: `at`, or the new `state_since`."""
        names = ", ".join(f"{name} = ?" for name in changes)
        self._store.run(
            f"UPDATE workspace SET {names} WHERE workspace_id = ?", *changes.values(), workspace_id
        )
        if not changes.keys().isdisjoint(METERED):
            since = changes["state_since"] if at is None else at
            self._meter.record(self._row(workspace_id), at=since)

    def move(
        self,
        machine: Machine,
        state: str,
        *,
        then: str | None,
        now: float,
        after_s: float,
        error: tuple[str, str] | None = None,
        stuck: bool = False,
    ) -> None:
        """Enter a transitional state that leads to another state, optionally with an error."""
        self.update(
            machine.workspace_id,
            state=state,
            state_since=now,
            error_code=None,
            error_message=None,
            until=None if stuck else now + after_s,
            then_state=then,
            then_code=error and error[0],
            then_message=error and error[1],
        )

    def add(self, values: dict[str, Any]) -> Machine:
        """Add a desktop. Its id depends only on how many there were before, so that runs are reproducible."""
        last = self._store.one("SELECT max(seq) AS seq FROM workspace")
        number = (last["seq"] or 0) + 1 if last else 1
        workspace_id = "ws-" + short_id("workspace", values["account_id"], values["region"], number)
        blank: dict[str, Any] = {"connected": 0, "launches": 1, "user_key": values["user_name"].lower()}
        self._store.insert("workspace", {**blank, **values, "workspace_id": workspace_id})
        self._meter.record(self._row(workspace_id), at=values["born_at"])
        return self.get(workspace_id)

    def get(self, workspace_id: str) -> Machine:
        return _machine(self._row(workspace_id))

    def _row(self, workspace_id: str) -> sqlite3.Row:
        row = self._store.one("SELECT * FROM workspace WHERE workspace_id = ?", workspace_id)
        assert row is not None, workspace_id
        return row

    def find_in_slot(self, directory_id: str, user_name: str) -> Machine | None:
        """The existing desktop of a directory user, even if no listing shows it yet."""
        row = self._store.one(
            "SELECT * FROM workspace WHERE directory_id = ? AND user_key = ? AND gone_at IS NULL"
            " AND moved_to IS NULL",
            directory_id,
            user_name.lower(),
        )
        return None if row is None else _machine(row)

    def find_visible(self, workspace_id: str, *, account_id: str, region: str, now: float) -> Machine | None:
        found = self.list_visible(account_id=account_id, region=region, now=now, workspace_id=workspace_id)
        return found[0] if found else None

    def list_visible(self, *, account_id: str, region: str, now: float, **wanted: str) -> list[Machine]:
        """What a listing shows now, oldest first: new desktops may be missing, terminated ones linger."""
        where, values = (
            ["account_id = ?", "region = ?", "visible_at <= ?", "(gone_at IS NULL OR gone_at > ?)"],
            [account_id, region, now, now - TERMINATED_SHOWN_S],
        )
        for column, value in wanted.items():
            where.append(f"{column} = ?")
            values.append(value)
        rows = self._store.rows(f"SELECT * FROM workspace WHERE {' AND '.join(where)} ORDER BY seq", *values)
        return [_machine(row) for row in rows]

    def list_all(self) -> list[Machine]:
        """Every desktop that has ever existed."""
        return [_machine(row) for row in self._store.rows("SELECT * FROM workspace ORDER BY seq")]

    def count_living(self, *, account_id: str, region: str) -> int:
        row = self._store.one(
            "SELECT count(*) AS n FROM workspace WHERE account_id = ? AND region = ? AND gone_at IS NULL",
            account_id,
            region,
        )
        return int(row["n"]) if row else 0

    def free_addresses(self, subnet_id: str) -> int:
        """The number of addresses in a subnet that no existing desktop uses."""
        row = self._store.one(
            "SELECT free - (SELECT count(*) FROM workspace w WHERE w.subnet_id = s.subnet_id"
            " AND w.gone_at IS NULL) AS n FROM subnet s WHERE subnet_id = ?",
            subnet_id,
        )
        return max(0, int(row["n"])) if row else 0

    def tags_of(self, workspace_id: str) -> dict[str, str]:
        rows = self._store.rows(
            "SELECT key, value FROM tag WHERE workspace_id = ? ORDER BY key", workspace_id
        )
        return {row["key"]: row["value"] for row in rows}

    def set_tags(self, workspace_id: str, tags: dict[str, str], *, at: float) -> None:
        self._meter.record_tags(workspace_id, tags, at=at)
        for key, value in tags.items():
            self._store.run("INSERT OR REPLACE INTO tag VALUES (?, ?, ?)", workspace_id, key, value)
        if CLAIM_TAG in tags:
            self.update(workspace_id, claim=tags[CLAIM_TAG])

    def remove_tags(self, workspace_id: str, keys: list[str], *, at: float) -> None:
        self._meter.record_tags(workspace_id, dict.fromkeys(keys), at=at)
        for key in keys:
            self._store.run("DELETE FROM tag WHERE workspace_id = ? AND key = ?", workspace_id, key)

    def journal(self) -> list[dict[str, Any]]:
        """When each desktop was created and terminated, in simulated time: proves that none existed twice."""
        names = (
            "workspace_id",
            "account_id",
            "region",
            "directory_id",
            "user_name",
            "claim",
            "state",
            "made_by",
            "born_at",
            "terminate_asked_at",
            "gone_at",
        )
        return [{name: getattr(machine, name) for name in names} for machine in self.list_all()]


def launch_seconds(*parts: object) -> float:
    """The duration of this launch: a hash spreads it over LAUNCH_S, so that it is the same in every run."""
    share = int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:4], "big") / 2**32
    return LAUNCH_S[0] + share * (LAUNCH_S[1] - LAUNCH_S[0])


def newest_snapshot_at(machine: Machine, *, now: float, first_s: float) -> float | None:
    """The first one comes so long after the birth, then one every 12 hours."""
    since_first_s = now - machine.born_at - first_s
    if since_first_s < 0:
        return None
    return machine.born_at + first_s + since_first_s // SNAPSHOT_EVERY_S * SNAPSHOT_EVERY_S


def _machine(row: sqlite3.Row) -> Machine:
    return Machine(**dict(row))


def _address(machine: Machine) -> str:
    """The address changes with each rebuild, as in the cloud."""
    number = machine.seq + 4000 * machine.launches
    return f"10.{machine.launches % 250}.{number // 250 % 250}.{number % 250 + 4}"


def _computer_name(machine: Machine) -> str:
    mark = machine.workspace_id[3:].upper()
    return f"WSAMZN-{mark[:8]}" if machine.os_name.startswith("WINDOWS") else f"A-1{mark[:9]}"
