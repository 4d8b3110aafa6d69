"""ModifyWorkspaceProperties (one property) and ModifyWorkspaceState: one desktop per call."""

from __future__ import annotations

from typing import Any, NoReturn

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError, ItemError
from sandbox.aws.machines import FAILS, Machine
from sandbox.aws.operations.create import RUNNING_MODES, read_running_mode
from sandbox.aws.operations.one_machine import touched_machine
from sandbox.aws.validate import check_enum, check_structure, check_text

_HELD = "ADMIN_MAINTENANCE"
_MODE = {"RunningMode", "RunningModeAutoStopTimeoutInMinutes"}
_OVER_TIME = {
    "ComputeTypeName": "COMPUTE_TYPE",
    "RootVolumeSizeGib": "ROOT_VOLUME",
    "UserVolumeSizeGib": "USER_VOLUME",
}
SIZES = (
    "VALUE",
    "STANDARD",
    "PERFORMANCE",
    "POWER",
    "POWERPRO",
    "GENERALPURPOSE_4XLARGE",
    "GENERALPURPOSE_8XLARGE",
)
SMALL_PAIRS = ((80, 10), (80, 50), (80, 100))
GROWS_EVERY_S, SHRINKS_EVERY_S = 6 * 3600.0, 30 * 86400.0
RESIZE_S, VOLUME_S = 40 * 60.0, 90 * 60.0
"""In simulated seconds; up to one and two hours in the cloud."""


def modify_workspace_properties(call: Call) -> dict[str, Any]:
    machine = touched_machine(call)
    properties = check_structure(call.params, "WorkspaceProperties")
    check_enum(properties, "RunningMode", RUNNING_MODES)
    if machine.state not in ("AVAILABLE", "STOPPED"):
        _refuse_state(machine)
    if machine.change_until is not None:
        raise AwsError("OperationInProgressException", "A modification of this WorkSpace is in progress.")
    if properties and set(properties) <= _MODE:
        return _modify_mode(call, machine, properties)
    if len(properties) != 1 or not set(properties) <= set(_OVER_TIME):
        _refuse("You can modify one property at a time.")
    ((name, value),) = properties.items()
    resource = _OVER_TIME[name]
    (_check_size if resource == "COMPUTE_TYPE" else _check_volume)(call, machine, resource, value)
    _begin(call, machine, resource, value)
    return {}


def _modify_mode(call: Call, machine: Machine, properties: dict[str, Any]) -> dict[str, Any]:
    try:
        mode, minutes = read_running_mode({"RunningMode": machine.running_mode, **properties})
    except ItemError as refusal:
        _refuse(refusal.message)
    call.world.machines.update(machine.workspace_id, at=call.now, running_mode=mode, auto_stop_min=minutes)
    return {}


def _check_size(call: Call, machine: Machine, resource: str, value: Any) -> None:
    if value not in SIZES:
        raise AwsError(
            "UnsupportedWorkspaceConfigurationException", f"The compute type {value} is not supported."
        )
    grows = SIZES.index(value) > SIZES.index(machine.compute) if machine.compute in SIZES else False
    if value == machine.compute:
        _refuse(f"The WorkSpace has the compute type {value} already.")
    if grows:
        _check_growth(call, machine)
    elif machine.sized_at is not None and call.now < machine.sized_at + SHRINKS_EVERY_S:
        _refuse("You can switch to a smaller compute type once in 30 days.")


def _check_volume(call: Call, machine: Machine, resource: str, value: Any) -> None:
    root, user = machine.root_gib, machine.user_gib
    present = root if resource == "ROOT_VOLUME" else user
    if not isinstance(value, int) or value <= present:
        _refuse(f"You cannot decrease the size of a volume; it has {present} GiB.")
    pair = (value, user) if resource == "ROOT_VOLUME" else (root, value)
    is_small, is_large = pair in SMALL_PAIRS, 175 <= pair[0] <= 2000 and 100 <= pair[1] <= 2000
    if not (is_small or is_large):
        _refuse(f"Volumes of {pair[0]} and {pair[1]} GiB are not supported.")
    _check_growth(call, machine)


def _check_growth(call: Call, machine: Machine) -> None:
    if call.now < (machine.grown_at or machine.born_at) + GROWS_EVERY_S:
        _refuse("You can increase a volume or the compute type once in 6 hours.")


def _begin(call: Call, machine: Machine, resource: str, value: Any) -> None:
    """A larger size signs people out and restarts; its state says so, that of a volume does not."""
    grows = resource != "COMPUTE_TYPE" or SIZES.index(value) > SIZES.index(machine.compute)
    after_s = RESIZE_S if resource == "COMPUTE_TYPE" else VOLUME_S
    fails = call.faults.find_for_item("change_error", index=0, user=machine.user_name) is not None
    changes: dict[str, Any] = {
        "change_resource": resource,
        "change_value": str(value),
        "change_state": FAILS if fails else None,
        "change_until": call.now + after_s,
    }
    changes |= {"grown_at": call.now} if grows else {}
    changes |= {"sized_at": call.now} if resource == "COMPUTE_TYPE" else {}
    call.world.machines.update(machine.workspace_id, **changes)
    if resource == "COMPUTE_TYPE":
        call.world.machines.update(machine.workspace_id, connected=0)
        call.world.machines.move(machine, "UPDATING", then=machine.state, now=call.now, after_s=after_s)


def _refuse(message: str) -> NoReturn:
    """Amazon does not document which code it gives for each of these."""
    raise AwsError("InvalidParameterValuesException", message)


def modify_workspace_state(call: Call) -> dict[str, Any]:
    machine = touched_machine(call)
    check_text(call.params, "WorkspaceState", required=True)
    state = check_enum(call.params, "WorkspaceState", ("AVAILABLE", _HELD))
    if machine.state not in ("AVAILABLE", _HELD):
        _refuse_state(machine)
    call.world.machines.update(machine.workspace_id, state=state, state_since=call.now)
    return {}


def _refuse_state(machine: Machine) -> None:
    raise AwsError(
        "InvalidResourceStateException",
        f"WorkSpace {machine.workspace_id} is in the state {machine.state}, which does not allow this.",
    )
