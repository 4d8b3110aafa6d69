"""ModifyWorkspaceProperties (running mode only) and ModifyWorkspaceState: one desktop per call."""

from __future__ import annotations

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError, ItemError
from sandbox.aws.machines import Machine
from sandbox.aws.operations.create import RUNNING_MODES, read_running_mode
from sandbox.aws.validate import WORKSPACE_ID, check_enum, check_structure, check_text

_HELD = "ADMIN_MAINTENANCE"


def modify_workspace_properties(call: Call) -> dict[str, Any]:
    machine = _get(call)
    properties = check_structure(call.params, "WorkspaceProperties")
    check_enum(properties, "RunningMode", RUNNING_MODES)
    unknown = set(properties) - {"RunningMode", "RunningModeAutoStopTimeoutInMinutes"}
    if unknown or not properties:
        raise AwsError("InvalidParameterValuesException", "The sandbox can change the running mode only.")
    if machine.state not in ("AVAILABLE", "STOPPED"):
        _refuse_state(machine)
    try:
        mode, minutes = read_running_mode({"RunningMode": machine.running_mode, **properties})
    except ItemError as refusal:
        raise AwsError("InvalidParameterValuesException", refusal.message) from None
    call.world.machines.update(machine.workspace_id, at=call.now, running_mode=mode, auto_stop_min=minutes)
    return {}


def modify_workspace_state(call: Call) -> dict[str, Any]:
    machine = _get(call)
    check_text(call.params, "WorkspaceState", required=True)
    state = check_enum(call.params, "WorkspaceState", ("AVAILABLE", _HELD))
    if machine.state not in ("AVAILABLE", _HELD):
        _refuse_state(machine)
    call.world.machines.update(machine.workspace_id, state=state, state_since=call.now)
    return {}


def _get(call: Call) -> Machine:
    workspace_id = check_text(call.params, "WorkspaceId", pattern=WORKSPACE_ID, required=True) or ""
    machine = call.find_machine(workspace_id)
    if machine is None:
        raise AwsError("ResourceNotFoundException", f"WorkSpace {workspace_id} could not be found.")
    call.touch(machine)
    call.touched.accepted = 1
    return machine


def _refuse_state(machine: Machine) -> None:
    raise AwsError(
        "InvalidResourceStateException",
        f"WorkSpace {machine.workspace_id} is in the state {machine.state}, which does not allow this.",
    )
