"""DescribeWorkspaceSnapshots: one desktop per call; the cloud makes them by the clock, of both disks."""

from __future__ import annotations

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.machines import newest_snapshot_at
from sandbox.aws.validate import WORKSPACE_ID, check_text


def describe_workspace_snapshots(call: Call) -> dict[str, Any]:
    workspace_id = check_text(call.params, "WorkspaceId", pattern=WORKSPACE_ID, required=True) or ""
    machine = call.find_machine(workspace_id)
    if machine is None:
        raise AwsError("ResourceNotFoundException", f"WorkSpace {workspace_id} could not be found.")
    call.touch(machine)
    call.touched.accepted = 1
    newest = newest_snapshot_at(machine, now=call.now, first_s=call.world.settings()["first_snapshot_s"])
    found = [] if newest is None else [{"SnapshotTime": newest}]
    return {"RebuildSnapshots": found, "RestoreSnapshots": found}
