"""DescribeWorkspaceSnapshots: one desktop per call; the cloud makes them by the clock, of both disks."""

from __future__ import annotations

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.machines import newest_snapshot_at
from sandbox.aws.operations.one_machine import touched_machine


def describe_workspace_snapshots(call: Call) -> dict[str, Any]:
    machine = touched_machine(call)
    newest = newest_snapshot_at(machine, now=call.now, first_s=call.world.settings()["first_snapshot_s"])
    found = [] if newest is None else [{"SnapshotTime": newest}]
    return {"RebuildSnapshots": found, "RestoreSnapshots": found}
