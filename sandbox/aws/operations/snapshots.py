"""DescribeWorkspaceSnapshots and RestoreWorkspace: one desktop per call.

Of each disk the newest snapshot is shown. A restore takes both disks back to the newest pair; for an hour the
desktop is RESTORING.
"""

from __future__ import annotations

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.machines import RESTORE_S
from sandbox.aws.operations.one_machine import named_machine, touched_machine

_RESTORABLE = ("AVAILABLE", "ERROR", "UNHEALTHY", "STOPPED")


def describe_workspace_snapshots(call: Call) -> dict[str, Any]:
    machine = touched_machine(call)
    disks = call.world.disks_of(machine)
    return {"RebuildSnapshots": _shown(disks.files_at), "RestoreSnapshots": _shown(disks.pair_at)}


def restore_workspace(call: Call) -> dict[str, Any]:
    machine = named_machine(call)
    call.touch(machine)
    disks = call.world.disks_of(machine)
    if machine.state not in _RESTORABLE:
        _refuse(f"WorkSpace {machine.workspace_id} is in the state {machine.state}.")
    if disks.pair_at is None:
        _refuse(f"WorkSpace {machine.workspace_id} has no snapshot to restore from.")
    call.world.disks.put_back(
        machine, root_version=disks.pair_root_version, user_version=disks.pair_user_version
    )
    machines = call.world.machines
    machines.update(machine.workspace_id, connected=0)

    def applies(kind: str) -> bool:
        return call.faults.find_for_item(kind, index=0, user=machine.user_name) is not None

    then = "UNHEALTHY" if applies("unhealthy") else "AVAILABLE"
    machines.move(machine, "RESTORING", then=then, now=call.now, after_s=RESTORE_S, stuck=applies("stuck"))
    call.touched.accepted = 1
    return {}


def _shown(made_at: float | None) -> list[dict[str, float]]:
    return [] if made_at is None else [{"SnapshotTime": made_at}]


def _refuse(message: str) -> None:
    raise AwsError("OperationNotSupportedException", message)
