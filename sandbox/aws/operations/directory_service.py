"""Directory Service: what kind a directory is, access to its data, and passwords."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from sandbox.aws.accounts import Directory
from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.people import shadow
from sandbox.aws.validate import check_ids, check_number, check_text

SERVICE_DIRECTORY_ID = r"d-[0-9a-f]{10}"
WITH_PASSWORDS = ("MicrosoftAD", "SimpleAD")
WITH_DATA_ACCESS = ("MicrosoftAD",)
SHORTEST_PASSWORD = 7
LONGEST_NAME = 20
"""Of a SAMAccountName, also where the sandbox knows everybody."""
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
_USER_NAME = r'[^\\"/\[\]:;|=,+*?<>@]{1,64}'


def describe_directories(call: Call) -> dict[str, Any]:
    wanted = check_ids(call.params, "DirectoryIds", SERVICE_DIRECTORY_ID)
    check_number(call.params, "Limit", least=0, most=100)
    found = [one for one in _directories(call) if not wanted or one.directory_id in wanted]
    missing = sorted(set(wanted) - {one.directory_id for one in found})
    if missing:
        raise AwsError("EntityDoesNotExistException", f"Directory {missing[0]} does not exist.")
    return {
        "DirectoryDescriptions": [
            {
                "DirectoryId": one.directory_id,
                "Name": one.name,
                "ShortName": one.name.partition(".")[0],
                "Type": one.type_in_service,
                "Stage": "Active",
                "SsoEnabled": False,
                **({"Edition": "Standard"} if "Microsoft" in (one.type_in_service or "") else {}),
            }
            for one in found
        ]
    }


def describe_directory_data_access(call: Call) -> dict[str, Any]:
    return {"DataAccessStatus": _with_data_access(call).data_access_at(call.now)}


def enable_directory_data_access(call: Call) -> dict[str, Any]:
    directory = _with_data_access(call)
    if directory.data_access_at(call.now) in ("Enabled", "Enabling"):
        raise AwsError("DirectoryInDesiredStateException", "Directory data access is enabled already.")
    until = call.now + call.world.settings()["data_access_s"]
    call.world.accounts.add_directory(replace(directory, data_access="Enabling", data_access_until=until))
    return {}


def reset_user_password(call: Call) -> dict[str, Any]:
    check_text(call.params, "UserName", pattern=_USER_NAME, required=True)
    check_text(call.params, "NewPassword", pattern=r"(?s).{1,127}", required=True)
    directory = _find(call, "EntityDoesNotExistException")
    if directory.type_in_service not in WITH_PASSWORDS:
        raise AwsError(
            "UnsupportedOperationException", "This operation is not supported for this directory type."
        )
    name = call.params["UserName"]
    person = call.world.people.find(directory, name) if len(name) <= LONGEST_NAME else None
    if person is None or person.readable_at > call.now:
        raise AwsError("UserDoesNotExistException", "The specified user does not exist in the directory.")
    password = call.params["NewPassword"]
    classes = sum(bool(re.search(one, password)) for one in _CLASSES)
    if len(password) < SHORTEST_PASSWORD or classes < 3 or person.user_key in password.lower():
        raise AwsError(
            "InvalidPasswordException", "The password does not meet the password complexity requirements."
        )
    call.world.people.update(person, password_sha256=shadow(password), is_enabled=1, changed_at=call.now)
    call.touched.accepted = 1
    return {}


def _directories(call: Call) -> list[Directory]:
    found = call.world.accounts.list_directories(call.account.account_id, call.region)
    return [one for one in found if one.type_in_service is not None]


def _find(call: Call, unknown: str) -> Directory:
    wanted = check_text(call.params, "DirectoryId", pattern=SERVICE_DIRECTORY_ID, required=True)
    found = next((one for one in _directories(call) if one.directory_id == wanted), None)
    if found is None:
        raise AwsError(unknown, f"Directory {wanted} does not exist.")
    return found


def _with_data_access(call: Call) -> Directory:
    directory = _find(call, "DirectoryDoesNotExistException")
    if directory.type_in_service not in WITH_DATA_ACCESS:
        raise AwsError(
            "UnsupportedOperationException", "Directory data access is not supported for this directory type."
        )
    return directory
