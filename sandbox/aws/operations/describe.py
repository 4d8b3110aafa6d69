"""DescribeWorkspaces and DescribeWorkspacesConnectionStatus."""

from __future__ import annotations

import json
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.machines import Machine
from sandbox.aws.paging import cut_page
from sandbox.aws.validate import (
    BUNDLE_ID,
    DIRECTORY_ID,
    MAX_BATCH,
    WORKSPACE_ID,
    check_ids,
    check_number,
    check_text,
)

UNDER_WAY = "UPDATE_IN_PROGRESS"
_NO_STATUS_YET = ("PENDING", "ERROR", "TERMINATING", "TERMINATED")
"""Desktops in these states are missing from the connection listing."""


def describe_workspaces(call: Call) -> dict[str, Any]:
    ids = check_ids(call.params, "WorkspaceIds", WORKSPACE_ID)
    size = check_number(call.params, "Limit", least=1, most=MAX_BATCH) or MAX_BATCH
    machines = _select(call, ids)
    page, token = cut_page(
        call, machines, size=size, key=lambda machine: machine.seq, token=check_text(call.params, "NextToken")
    )
    _note(call, ids, page)
    result: dict[str, Any] = {"Workspaces": [show_workspace(machine) for machine in page]}
    return {**result, "NextToken": token} if token else result


def _note(call: Call, ids: list[str], page: list[Machine]) -> None:
    """For the ledger: the ids in the request, or else those in the response."""
    for machine in page:
        call.touch(machine)
    call.touched.ids = ids or call.touched.ids
    call.touched.accepted = len(page)


def _select(call: Call, ids: list[str]) -> list[Machine]:
    """The desktops that match the filters. The filters are mutually exclusive, as the cloud documents."""
    bundle = check_text(call.params, "BundleId", pattern=BUNDLE_ID)
    directory = check_text(call.params, "DirectoryId", pattern=DIRECTORY_ID)
    user = check_text(call.params, "UserName", pattern=r".{1,63}")
    if (bool(ids), bundle is not None, directory is not None or user is not None).count(True) > 1:
        raise AwsError(
            "InvalidParameterValuesException",
            "An invalid number of parameters provided with DescribeWorkspaces. Only one of the following"
            " is allowed: WorkspaceIds, BundleId, or DirectoryId with an optional UserName.",
        )
    if user is not None and directory is None:
        raise AwsError(
            "InvalidParameterValuesException", "The DirectoryId parameter is required when UserName is used."
        )
    if "WorkspaceName" in call.params:
        raise AwsError(
            "InvalidParameterValuesException",
            "WorkspaceName is only for user-decoupled WorkSpaces, which this account does not have.",
        )
    if ids:
        return [machine for machine in call.list_machines() if machine.workspace_id in set(ids)]
    wanted = {"bundle_id": bundle, "directory_id": directory, "user_key": user and user.lower()}
    return call.list_machines(**{name: value for name, value in wanted.items() if value is not None})


def show_workspace(machine: Machine) -> dict[str, Any]:
    """A desktop as the API returns it: no tags, no times, and addresses only once it has them."""
    properties: dict[str, Any] = {
        "RunningMode": machine.running_mode,
        "RunningModeAutoStopTimeoutInMinutes": machine.auto_stop_min,
        "RootVolumeSizeGib": machine.root_gib,
        "UserVolumeSizeGib": machine.user_gib,
        "ComputeTypeName": machine.compute,
        "Protocols": [machine.protocol],
        "OperatingSystemName": machine.os_name,
    }
    shown = {
        "WorkspaceId": machine.workspace_id,
        "DirectoryId": machine.directory_id,
        "UserName": machine.user_name,
        "IpAddress": machine.ip_address,
        "State": machine.state,
        "BundleId": machine.bundle_id,
        "SubnetId": machine.subnet_id if machine.ip_address else None,
        "ErrorCode": machine.error_code,
        "ErrorMessage": machine.error_message,
        "ComputerName": machine.computer_name,
        **json.loads(machine.encryption),
        "WorkspaceProperties": _present(properties),
    }
    return {**_present(shown), "ModificationStates": _modifications(machine)}


def _modifications(machine: Machine) -> list[dict[str, Any]]:
    if machine.change_resource is None:
        return []
    state = UNDER_WAY if machine.change_until is not None else machine.change_state
    return [{"Resource": machine.change_resource, "State": state}]


def describe_workspaces_connection_status(call: Call) -> dict[str, Any]:
    ids = check_ids(call.params, "WorkspaceIds", WORKSPACE_ID)
    found = [machine for machine in call.list_machines() if not ids or machine.workspace_id in set(ids)]
    found = [machine for machine in found if machine.state not in _NO_STATUS_YET]
    page, token = cut_page(
        call,
        found,
        size=MAX_BATCH,
        key=lambda machine: machine.seq,
        token=check_text(call.params, "NextToken"),
    )
    _note(call, ids, page)
    result: dict[str, Any] = {"WorkspacesConnectionStatus": [_connection(call, machine) for machine in page]}
    return {**result, "NextToken": token} if token else result


def _connection(call: Call, machine: Machine) -> dict[str, Any]:
    if machine.state not in ("AVAILABLE", "UNHEALTHY", "IMPAIRED"):
        state = "UNKNOWN"
    else:
        state = "CONNECTED" if machine.connected else "DISCONNECTED"
    return _present(
        {
            "WorkspaceId": machine.workspace_id,
            "ConnectionState": state,
            "ConnectionStateCheckTimestamp": call.now,
            "LastKnownUserConnectionTimestamp": machine.last_connected_at,
        }
    )


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
