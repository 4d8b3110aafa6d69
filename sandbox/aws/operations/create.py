"""CreateWorkspaces: up to 25 orders, each accepted or refused separately."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.aws.accounts import Directory
from sandbox.aws.call import Call
from sandbox.aws.catalogue import Bundle
from sandbox.aws.errors import AwsError, ItemError
from sandbox.aws.machines import CLAIM_TAG, LAUNCH_FAILURE_S, NO_ADDRESS, Machine, launch_seconds
from sandbox.aws.operations.describe import show_workspace
from sandbox.aws.validate import (
    BUNDLE_ID,
    DIRECTORY_ID,
    MAX_BATCH,
    check_enum,
    check_flag,
    check_number,
    check_structure,
    check_structures,
    check_text,
)

_MEMBERS = (
    "DirectoryId",
    "UserName",
    "BundleId",
    "VolumeEncryptionKey",
    "UserVolumeEncryptionEnabled",
    "RootVolumeEncryptionEnabled",
    "WorkspaceProperties",
    "Tags",
    "WorkspaceName",
    "Ipv6Address",
)
_ENCRYPTION = ("VolumeEncryptionKey", "UserVolumeEncryptionEnabled", "RootVolumeEncryptionEnabled")
_LINUX_USER = re.compile(r"^(?!-)[A-Za-z0-9 _.\-#]{1,20}$")
RUNNING_MODES = ("AUTO_STOP", "ALWAYS_ON", "MANUAL")


def create_workspaces(call: Call) -> dict[str, Any]:
    requests = check_structures(call.params, "Workspaces", least=1, most=MAX_BATCH, required=True)
    for request in requests:
        _check_form(request)
    _check_call_quota(call, len(requests))
    pending, failed = [], []
    for index, request in enumerate(requests):
        call.touched.users.append(request["UserName"])
        claim = _tags(request).get(CLAIM_TAG)
        if claim:
            call.touched.claims.append(claim)
        try:
            machine = _create_one(call, request, index)
        except ItemError as refusal:
            call.touched.failed += 1
            echo = {name: request[name] for name in _MEMBERS if name in request}
            failed.append(
                {"WorkspaceRequest": echo, "ErrorCode": refusal.code, "ErrorMessage": refusal.message}
            )
        else:
            call.touched.accepted += 1
            call.touched.ids.append(machine.workspace_id)
            pending.append(show_workspace(machine))
    return {"FailedRequests": failed, "PendingRequests": pending}


def _check_form(request: dict[str, Any]) -> None:
    """Checks that fail the whole call: values that do not match the documented format."""
    check_text(request, "DirectoryId", pattern=DIRECTORY_ID, required=True)
    check_text(request, "BundleId", pattern=BUNDLE_ID, required=True)
    check_text(request, "UserName", pattern=r".{1,63}", required=True)
    properties = check_structure(request, "WorkspaceProperties")
    check_enum(properties, "RunningMode", RUNNING_MODES)
    check_text(properties, "ComputeTypeName", pattern=r"[A-Z0-9_]+")
    check_text(request, "VolumeEncryptionKey")
    for name in ("UserVolumeEncryptionEnabled", "RootVolumeEncryptionEnabled"):
        check_flag(request, name)
    for name in ("RunningModeAutoStopTimeoutInMinutes", "RootVolumeSizeGib", "UserVolumeSizeGib"):
        check_number(properties, name, least=0, most=2**31 - 1)
    for tag in check_structures(request, "Tags", most=50):
        check_text(tag, "Key", pattern=r"(?s).{1,127}", required=True)
        check_text(tag, "Value", longest=255)


def _check_call_quota(call: Call, wanted: int) -> None:
    """Some accounts refuse the whole call if it would exceed the quota."""
    if call.account.quota_style == "call" and _living(call) + wanted > call.account.quota:
        raise AwsError("ResourceLimitExceededException", _quota_text(call))


def _living(call: Call) -> int:
    return call.world.machines.count_living(account_id=call.account.account_id, region=call.region)


def _quota_text(call: Call) -> str:
    return f"You have reached the limit of {call.account.quota} WorkSpaces for your account in this Region."


def _create_one(call: Call, request: dict[str, Any], index: int) -> Machine:
    scripted = call.faults.find_for_item("item_error", index=index, user=request["UserName"])
    if scripted:
        raise ItemError(scripted.code or "", scripted.message or "This item was refused.")
    directory, bundle = _check_places(call, request)
    mode, auto_stop_min = read_running_mode(request.get("WorkspaceProperties") or {})
    if call.world.machines.find_in_slot(directory.directory_id, request["UserName"]):
        raise ItemError("ResourceExists.WorkSpace", "A WorkSpace already exists for the specified user.")
    if _living(call) >= call.account.quota:
        raise ItemError("ResourceLimitExceeded", _quota_text(call))
    machine = add_machine(
        call, directory=directory, bundle=bundle, request=request, mode=mode, auto_stop_min=auto_stop_min
    )
    _launch(call, machine, index)
    return call.world.machines.get(machine.workspace_id)


def _check_places(call: Call, request: dict[str, Any]) -> tuple[Directory, Bundle]:
    where = {"account_id": call.account.account_id, "region": call.region}
    directory = call.world.accounts.find_directory(request["DirectoryId"], **where)
    if directory is None or directory.state != "REGISTERED":
        raise ItemError(
            "ResourceNotFound.Directory",
            f"The specified directory {request['DirectoryId']} could not be found.",
        )
    bundle = call.world.accounts.find_bundle(request["BundleId"], **where)
    if bundle is None:
        raise ItemError(
            "ResourceNotFound.Bundle", f"The specified bundle {request['BundleId']} could not be found."
        )
    if bundle.state != "AVAILABLE" or bundle.bundle_type != "REGULAR":
        raise ItemError(
            "InvalidParameterValues.Bundle",
            f"The specified bundle {request['BundleId']} cannot be used to create a WorkSpace.",
        )
    if not bundle.os_name.startswith("WINDOWS") and not _LINUX_USER.match(request["UserName"]):
        raise ItemError(
            "InvalidParameterValues.UserName", "The specified user name is not valid for a Linux WorkSpace."
        )
    if not call.world.people.is_usable(directory, request["UserName"], call.now):
        raise ItemError(
            "ResourceNotFound.User",
            f"The specified user {request['UserName']} could not be found in the directory.",
        )
    return directory, bundle


def read_running_mode(properties: dict[str, Any]) -> tuple[str, int | None]:
    """The running mode and AutoStop minutes of an order. Raises ItemError if they do not match."""
    mode = properties.get("RunningMode", "ALWAYS_ON")
    minutes = properties.get("RunningModeAutoStopTimeoutInMinutes")
    if mode == "ALWAYS_ON" and minutes:
        raise ItemError(
            "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace",
            "RunningModeAutoStopTimeoutInMinutes is not applicable for WorkSpace with running mode set"
            " to ALWAYS_ON.",
        )
    if mode == "MANUAL" and minutes:
        raise ItemError(
            "AutoStopTimeoutIsNotDefaultForManualWorkspace",
            "RunningModeAutoStopTimeoutInMinutes cannot be set for a WorkSpace with running mode MANUAL.",
        )
    if mode != "AUTO_STOP":
        return mode, None
    minutes = 60 if minutes is None else minutes
    if not isinstance(minutes, int) or minutes < 60 or minutes % 60:
        raise ItemError(
            "InvalidParameterValues.AutoStopTimeout",
            "RunningModeAutoStopTimeoutInMinutes must be a multiple of 60.",
        )
    return mode, minutes


def add_machine(
    call: Call,
    *,
    directory: Directory,
    bundle: Bundle,
    request: dict[str, Any],
    mode: str,
    auto_stop_min: int | None,
    made_by: str = "api",
) -> Machine:
    """Add the new desktop as PENDING. `_launch` decides how that ends."""
    machines, settings = call.world.machines, call.world.settings()
    properties = request.get("WorkspaceProperties") or {}
    machine = machines.add(
        {
            "account_id": call.account.account_id,
            "region": call.region,
            "directory_id": directory.directory_id,
            "user_name": request["UserName"],
            "bundle_id": bundle.bundle_id,
            "subnet_id": _choose_subnet(call, directory),
            "running_mode": mode,
            "auto_stop_min": auto_stop_min,
            "root_gib": properties.get("RootVolumeSizeGib", bundle.root_gib),
            "user_gib": properties.get("UserVolumeSizeGib", bundle.user_gib),
            "compute": properties.get("ComputeTypeName", bundle.compute),
            "protocol": bundle.protocol,
            "os_name": bundle.os_name,
            "encryption": json.dumps({name: request[name] for name in _ENCRYPTION if name in request}),
            "state": "PENDING",
            "state_since": call.now,
            "made_by": made_by,
            "born_at": call.now,
            "visible_at": call.now + settings["visibility_lag_s"],
            "tags_visible_at": call.now + max(settings["tag_lag_s"], settings["visibility_lag_s"]),
        }
    )
    machines.set_tags(machine.workspace_id, _tags(request), at=call.now)
    return machine


def _choose_subnet(call: Call, directory: Directory) -> str | None:
    """The subnet with the most free addresses; None when all are full."""
    free = {one: call.world.machines.free_addresses(one) for one in directory.subnet_ids}
    best = max(free, key=lambda one: free[one], default=None)
    return best if best is not None and free[best] > 0 else None


def _launch(call: Call, machine: Machine, index: int) -> None:
    """Decide how PENDING ends, and when."""
    machines, user = call.world.machines, machine.user_name

    def find_rule(kind: str) -> Any:
        return call.faults.find_for_item(kind, index=index, user=user)

    lag = find_rule("visibility_lag")
    if lag:
        at = call.now + lag.seconds
        machines.update(machine.workspace_id, visible_at=at, tags_visible_at=max(at, machine.tags_visible_at))
    then, error = "AVAILABLE", None
    after_s = launch_seconds(machine.workspace_id, machine.launches)
    broken = find_rule("launch_error")
    if machine.subnet_id is None:
        then, error, after_s = "ERROR", NO_ADDRESS, LAUNCH_FAILURE_S
    elif broken:
        then = "ERROR"
        error = (
            broken.code or "DomainJoinFailed",
            broken.message or "The WorkSpace could not join the domain.",
        )
    elif find_rule("unhealthy"):
        then = "UNHEALTHY"
    machines.move(
        machine,
        "PENDING",
        then=then,
        now=call.now,
        after_s=after_s,
        error=error,
        stuck=bool(find_rule("stuck")),
    )


def _tags(request: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or []}
