"""Listings to choose from: bundles and directories."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.aws.accounts import Directory
from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.paging import cut_page
from sandbox.aws.validate import (
    BUNDLE_ID,
    DIRECTORY_ID,
    MAX_BATCH,
    check_ids,
    check_number,
    check_structures,
    check_text,
    check_texts,
)

_DEVICES = ("Windows", "Osx", "Ios", "Android", "ChromeOs", "ZeroClient", "Linux")
_FILTERS = {"USER_IDENTITY_TYPE": "user_identity_type", "WORKSPACE_TYPE": "workspace_type"}
_CREATION = {
    "EnableInternetAccess": False,
    "EnableMaintenanceMode": True,
    "UserEnabledAsLocalAdministrator": False,
}


def describe_workspace_bundles(call: Call) -> dict[str, Any]:
    """Owner AMAZON: public bundles. No owner: the account's own. Or up to 25 ids of either kind."""
    ids = check_ids(call.params, "BundleIds", BUNDLE_ID)
    owner = check_text(call.params, "Owner")
    if ids and owner is not None:
        raise AwsError("InvalidParameterValuesException", "BundleIds and Owner cannot be used together.")
    mine = call.account.account_id
    rows = call.world.store.rows(
        "SELECT * FROM bundle WHERE region = ? AND owner IN ('AMAZON', ?) ORDER BY seq", call.region, mine
    )
    if ids:
        rows = [row for row in rows if row["bundle_id"] in ids]
    else:
        wanted = "AMAZON" if (owner or "").upper() == "AMAZON" else owner or mine
        rows = [row for row in rows if row["owner"] == wanted]
    size = int(call.world.settings()["bundle_page"])
    page, token = cut_page(
        call, rows, size=size, key=lambda row: row["seq"], token=check_text(call.params, "NextToken")
    )
    call.touched.accepted = len(page)
    result: dict[str, Any] = {"Bundles": [_show_bundle(row) for row in page]}
    return {**result, "NextToken": token} if token else result


def _show_bundle(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "BundleId": row["bundle_id"],
        "Name": row["name"],
        "Owner": row["owner"],
        "Description": row["description"],
        "ImageId": row["image_id"],
        # This API returns capacities as strings.
        "RootStorage": {"Capacity": str(row["root_gib"])},
        "UserStorage": {"Capacity": str(row["user_gib"])},
        "ComputeType": {"Name": row["compute"]},
        "LastUpdatedTime": row["created_at"],
        "CreationTime": row["created_at"],
        "State": row["state"],
        "BundleType": row["bundle_type"],
    }


def describe_workspace_directories(call: Call) -> dict[str, Any]:
    ids = check_ids(call.params, "DirectoryIds", DIRECTORY_ID)
    names = check_texts(call.params, "WorkspaceDirectoryNames", most=MAX_BATCH)
    size = check_number(call.params, "Limit", least=1, most=MAX_BATCH) or MAX_BATCH
    found = call.world.accounts.list_directories(call.account.account_id, call.region)
    found = [one for one in found if not ids or one.directory_id in ids]
    found = [one for one in found if not names or one.name in names]
    for rule in check_structures(call.params, "Filters", most=25):
        name = _FILTERS.get(rule.get("Name", ""))
        if name is None:
            raise AwsError("ValidationException", f"There is no directory filter {rule.get('Name')}.")
        values = check_texts(rule, "Values", most=25)
        found = [one for one in found if getattr(one, name) in values]
    page, token = cut_page(
        call, found, size=size, key=lambda one: one.directory_id, token=check_text(call.params, "NextToken")
    )
    call.touched.accepted = len(page)
    result: dict[str, Any] = {"Directories": [_show_directory(one) for one in page]}
    return {**result, "NextToken": token} if token else result


def _show_directory(directory: Directory) -> dict[str, Any]:
    return {
        "DirectoryId": directory.directory_id,
        "Alias": directory.name.split(".")[0],
        "DirectoryName": directory.name,
        "RegistrationCode": directory.registration_code,
        "SubnetIds": list(directory.subnet_ids),
        "DnsIpAddresses": ["10.0.0.10", "10.0.1.10"],
        "CustomerUserName": "Administrator",
        "IamRoleId": f"arn:aws:iam::{directory.account_id}:role/workspaces_DefaultRole",
        "DirectoryType": directory.directory_type,
        "WorkspaceSecurityGroupId": "sg-0be47000000000001",
        "State": directory.state,
        "UserIdentityType": directory.user_identity_type,
        "WorkspaceType": directory.workspace_type,
        "SamlProperties": {"Status": directory.saml},
        "WorkspaceOsUserMode": "DOMAIN_JOIN",
        "Tenancy": "SHARED",
        "ipGroupIds": [],
        "WorkspaceCreationProperties": dict(_CREATION),
        "WorkspaceAccessProperties": {
            **{f"DeviceType{device}": "ALLOW" for device in _DEVICES},
            "DeviceTypeWeb": directory.web_access,
        },
        "SelfservicePermissions": {"RestartWorkspace": "ENABLED", "RebuildWorkspace": "DISABLED"},
    }
