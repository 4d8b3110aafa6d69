"""Start, stop, reboot, rebuild and terminate: batches in which each desktop succeeds or fails separately."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import ItemError
from sandbox.aws.machines import (
    REBOOT_S,
    REBUILD_S,
    START_S,
    STOP_S,
    TERMINATE_S,
    Machine,
)
from sandbox.aws.validate import MAX_BATCH, WORKSPACE_ID, check_structures, check_text

STUCK_REBOOT_S = 20 * 60.0
"""A desktop that has been REBOOTING for longer than this may be rebooted again."""

Act = Callable[[Call, Machine, int], None]


def start_workspaces(call: Call) -> dict[str, Any]:
    return _each(call, "StartWorkspaceRequests", _start)


def stop_workspaces(call: Call) -> dict[str, Any]:
    return _each(call, "StopWorkspaceRequests", _stop)


def reboot_workspaces(call: Call) -> dict[str, Any]:
    return _each(call, "RebootWorkspaceRequests", _reboot)


def rebuild_workspaces(call: Call) -> dict[str, Any]:
    return _each(call, "RebuildWorkspaceRequests", _rebuild, most=1)


def terminate_workspaces(call: Call) -> dict[str, Any]:
    return _each(call, "TerminateWorkspaceRequests", _terminate)


def _each(call: Call, name: str, act: Act, *, most: int = MAX_BATCH) -> dict[str, Any]:
    requests = check_structures(call.params, name, least=1, most=most, required=True)
    for request in requests:
        check_text(request, "WorkspaceId", pattern=WORKSPACE_ID, required=True)
    failed = []
    for index, request in enumerate(requests):
        workspace_id = request["WorkspaceId"]
        try:
            _act_on_one(call, workspace_id, index=index, act=act)
            call.touched.accepted += 1
        except ItemError as refusal:
            call.touched.failed += 1
            failed.append(
                {"WorkspaceId": workspace_id, "ErrorCode": refusal.code, "ErrorMessage": refusal.message}
            )
    return {"FailedRequests": failed}


def _act_on_one(call: Call, workspace_id: str, *, index: int, act: Act) -> None:
    machine = call.find_machine(workspace_id)
    if machine is None:
        call.touched.ids.append(workspace_id)
        raise ItemError("ResourceNotFound.WorkSpace", f"WorkSpace {workspace_id} could not be found.")
    call.touch(machine)
    scripted = call.faults.find_for_item("item_error", index=index, user=machine.user_name)
    if scripted:
        raise ItemError(scripted.code or "", scripted.message or "This item was refused.")
    act(call, machine, index)


def _start(call: Call, machine: Machine, index: int) -> None:
    _check_mode(machine)
    _check_state(machine, "STOPPED")
    _move(call, machine, "STARTING", then="AVAILABLE", after_s=START_S, index=index)


def _stop(call: Call, machine: Machine, index: int) -> None:
    _check_mode(machine)
    _check_state(machine, "AVAILABLE", "IMPAIRED", "UNHEALTHY", "ERROR")
    call.world.machines.update(machine.workspace_id, connected=0)
    _move(call, machine, "STOPPING", then="STOPPED", after_s=STOP_S, index=index)


def _reboot(call: Call, machine: Machine, index: int) -> None:
    if machine.state != "REBOOTING" or call.now - machine.state_since < STUCK_REBOOT_S:
        _check_state(machine, "AVAILABLE", "UNHEALTHY")
    call.world.machines.update(machine.workspace_id, connected=0)
    _move(call, machine, "REBOOTING", then="AVAILABLE", after_s=REBOOT_S, index=index)


def _rebuild(call: Call, machine: Machine, index: int) -> None:
    _check_state(machine, "AVAILABLE", "ERROR", "UNHEALTHY", "STOPPED", "REBOOTING")
    disks = call.world.disks_of(machine)
    if disks.files_at is None:
        raise ItemError(
            "OperationNotSupported",
            f"WorkSpace {machine.workspace_id} has no snapshot of its user volume yet.",
        )
    call.world.disks.put_back(machine, root_version=0, user_version=disks.files_version)
    call.world.machines.update(
        machine.workspace_id, connected=0, ip_address=None, launches=machine.launches + 1
    )
    _move(call, machine, "REBUILDING", then="AVAILABLE", after_s=REBUILD_S, index=index)


def _terminate(call: Call, machine: Machine, index: int) -> None:
    if machine.state in ("TERMINATING", "TERMINATED"):
        return  # repeating the call has no further effect
    if machine.state == "SUSPENDED":
        _refuse_state(machine)
    call.world.machines.update(machine.workspace_id, terminate_asked_at=call.now, connected=0)
    _move(call, machine, "TERMINATING", then="TERMINATED", after_s=TERMINATE_S, index=index)


def _move(call: Call, machine: Machine, state: str, *, then: str, after_s: float, index: int) -> None:
    def applies(kind: str) -> bool:
        return call.faults.find_for_item(kind, index=index, user=machine.user_name) is not None

    call.world.disks_of(machine)  # snapshots of its state until now
    if then == "AVAILABLE" and applies("unhealthy"):
        then = "UNHEALTHY"
    call.world.machines.move(machine, state, then=then, now=call.now, after_s=after_s, stuck=applies("stuck"))


def _check_mode(machine: Machine) -> None:
    if machine.running_mode == "ALWAYS_ON":
        raise ItemError(
            "OperationNotSupported",
            f"WorkSpace {machine.workspace_id} has the running mode ALWAYS_ON and cannot be started or"
            " stopped.",
        )


def _check_state(machine: Machine, *allowed: str) -> None:
    if machine.state not in allowed:
        _refuse_state(machine)


def _refuse_state(machine: Machine) -> None:
    raise ItemError(
        "InvalidResourceState",
        f"WorkSpace {machine.workspace_id} is in the state {machine.state}, which does not allow this.",
    )
