"""Who makes the users of a directory: Berth, or somebody else, and who.

Source: docs/evidence/aws_workspaces.md#users-of-a-managed-directory.
"""

from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.base import Access
from webapp.clouds.reports import Check, DirectoryUsers
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.providers.aws_workspaces.directory_users import ELSEWHERE, UserKind

NO_NAME = "berth-rights-probe-no-such-user"
"""Longer than a user name may be, so that no request for it can succeed."""
NO_PASSWORD = "Never-set-1"
RIGHTS_OF_DATA = ("DescribeUser", "CreateUser", "DisableUser")
_KINDS = {
    "MicrosoftAD": UserKind.MANAGED,
    "SharedMicrosoftAD": UserKind.SHARED,
    "SimpleAD": UserKind.SIMPLE,
    "ADConnector": UserKind.CONNECTOR,
}
_WITH_PASSWORDS = (UserKind.MANAGED, UserKind.SIMPLE)


def look_at_users(
    client: AwsClient, access: Access, registered: dict[str, Any]
) -> tuple[DirectoryUsers, list[Check]]:
    """What the directory says, and a line of the credential test for each right; never raises CloudError.

    `registered`: the directory as WorkSpaces describes it.
    """
    directory_id = access.public_fields["directory_id"]
    kind, failure = _kind_of(client, directory_id, registered)
    checks = [] if failure is None else [_line("ds:DescribeDirectories", failure)]
    can_set = False
    if kind in _WITH_PASSWORDS:
        failure = _try(
            client,
            "ResetUserPassword",
            "ds",
            DirectoryId=directory_id,
            UserName=NO_NAME,
            NewPassword=NO_PASSWORD,
        )
        can_set = not _is_missing(failure)
        checks.append(_line("ds:ResetUserPassword", failure))
    reason = ELSEWHERE.get(kind, "")
    if kind is UserKind.MANAGED:
        reason, lines = _managed(client, directory_id)
        checks += lines
    checks.append(_summary(reason))
    found = DirectoryUsers(kind.value, makes_users=not reason, elsewhere=reason, sets_passwords=can_set)
    return found, checks


def _kind_of(
    client: AwsClient, directory_id: str, registered: dict[str, Any]
) -> tuple[UserKind, Failure | None]:
    named = registered.get("DirectoryType")
    if "AWS_IAM_IDENTITY_CENTER" in (registered.get("UserIdentityType"), named):
        return UserKind.IDENTITY_CENTER, None
    try:
        answer = client.read("DescribeDirectories", service="ds", DirectoryIds=[directory_id])
    except CloudError as error:
        if error.failure.code == "directory_not_found" or named == "CUSTOMER_MANAGED":
            return UserKind.CUSTOMER, None
        return UserKind.UNKNOWN, error.failure
    found = next(iter(answer.get("DirectoryDescriptions", [])), {})
    return _KINDS.get(found.get("Type", ""), UserKind.UNKNOWN), None


def _managed(client: AwsClient, directory_id: str) -> tuple[str, list[Check]]:
    """Why Berth cannot make users in a managed directory (empty: it can), and a line for each right."""
    checks, missing = [], False
    try:
        answer = client.read("DescribeDirectoryDataAccess", service="ds", DirectoryId=directory_id)
        status = answer.get("DataAccessStatus", "")
    except CloudError as error:
        status = ""
        checks.append(_line("ds:DescribeDirectoryDataAccess", error.failure))
    for action in RIGHTS_OF_DATA:
        failure = _try(client, action, "ds-data", DirectoryId=directory_id, SAMAccountName=NO_NAME)
        missing |= _is_missing(failure)
        if failure is not None and failure.code == "directory_data_disabled":
            status = status or "Disabled"
        checks.append(_line(f"ds-data:{action}", failure))
    if status == "Enabling":
        return ELSEWHERE[UserKind.DATA_ENABLING], checks
    if status not in ("", "Enabled"):
        return ELSEWHERE[UserKind.DATA_DISABLED], checks
    return (ELSEWHERE[UserKind.NO_RIGHTS] if missing else ""), checks


def _try(client: AwsClient, action: str, service: str, **arguments: Any) -> Failure | None:
    try:
        client.read(action, service=service, **arguments)
    except CloudError as error:
        return error.failure
    return None


def _is_missing(failure: Failure | None) -> bool:
    """IAM is asked first: any other answer proves the right."""
    return failure is not None and (failure.trouble is Trouble.CREDENTIAL or failure.trouble.is_transient)


def _line(right: str, failure: Failure | None) -> Check:
    name = f"permission:{right}"
    if not _is_missing(failure):
        return Check(name, right, True, "Allowed.", is_essential=False)
    also = " and ds:AccessDSData" if right.startswith("ds-data:") else ""
    return Check(
        name,
        right,
        None,
        "Not allowed; Berth works without it.",
        f"Add {right}{also} if Berth is to create users.",
        is_essential=False,
        failure=failure,
    )


def _summary(reason: str) -> Check:
    if reason:
        return Check("users", "Users of the directory", None, reason, is_essential=False)
    return Check(
        "users", "Users of the directory", True, "Berth can create them with an order.", is_essential=False
    )
