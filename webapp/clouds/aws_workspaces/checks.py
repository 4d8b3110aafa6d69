"""The credential test: one line per thing that Berth needs, each by its IAM name.

WorkSpaces has no dry run, so a permission is tested with a request that cannot succeed: its machine or bundle
does not exist. AWS checks IAM before it validates the request, so "access denied" means just that, and
any other response means that the permission is there (docs/evidence/aws_workspaces.md#right-before-request).
"""

from dataclasses import replace
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.aws_workspaces.cost_tag import check_tag
from webapp.clouds.aws_workspaces.directory import Directory, find_directory
from webapp.clouds.aws_workspaces.directory_users import look_at_users
from webapp.clouds.aws_workspaces.loads import probe
from webapp.clouds.aws_workspaces.room import read_addresses, read_quota
from webapp.clouds.aws_workspaces.trust import check_trust
from webapp.clouds.base import Access
from webapp.clouds.reports import Check, TestReport
from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.providers.aws_workspaces.directory_kinds import SHOWN, kind_of

NO_MACHINE = "ws-000000000"
NO_BUNDLE = "wsb-000000000"
NO_IMAGE = "wsi-000000000"
NO_USER = "berth-rights-probe"
NO_CHANGE = {"RunningMode": "AUTO_STOP"}
NO_TAG = "berth-probe"
NO_DAYS = {
    "TimePeriod": {"Start": "2020-01-02", "End": "2020-01-01"},
    "Granularity": "DAILY",
    "Metrics": ["UnblendedCost"],
}
"""A bill that ends before it begins: whoever may ask for it is refused for that reason."""
NO_SERVICE = {"Dimensions": {"Key": "SERVICE", "Values": ["berth-probe"]}}
NO_SERVICE_CODE = "BerthProbe"

SILENCE = ("cloud_unreachable", "answer_lost")
"""Failures after which the next request would wait just as long."""
_Probe = tuple[str, dict[str, Any], bool]
_ELSEWHERE = {
    "GetResources": ("tag", "resourcegroupstaggingapi"),
    "GetCostAndUsage": ("ce", "ce"),
    "GetCostAndUsageWithResources": ("ce", "ce"),
    "GetProducts": ("pricing", "pricing"),
    "GetMetricData": ("cloudwatch", "cloudwatch"),
}
"""Operations of another service than WorkSpaces: its prefix in IAM, its name in the SDK."""


def run(client: AwsClient, access: Access, *, mark: str) -> TestReport:
    """Every check in order; stops early if the key is refused, at a role that may let anybody in (the account
    may be another company's), or if the cloud stops answering.

    `mark`: the key of the tag that carries our claim.
    """
    checks: list[Check] = []
    account_id, failure = _key(client, access, checks)
    if account_id is None:
        return TestReport(checks=checks, failure=failure)
    if client.role is not None:
        checks.append(check_trust(client.role))
        if checks[-1].is_ok is not True:
            return TestReport(checks=checks, failure=_first_trouble(checks))
    directory = _directory(client, access, checks)
    if directory is not None:
        users, lines = look_at_users(client, access, directory.registered)
        checks += lines
        directory = replace(directory, facts=users.added_to(directory.facts))
    for action, arguments, is_essential in _probes(access):
        check, failure = _permission(client, action, arguments, is_essential=is_essential)
        checks.append(check)
        if failure is not None and failure.code in SILENCE:
            # Every further request would only wait for its timeout, and other people wait behind it.
            checks.append(
                Check("rest", "Everything else", None, "Not tested, because the cloud stopped answering.")
            )
            return _report(checks, account_id, directory)
    checks.append(check_tag(client, mark))
    quota_left = read_quota(client, checks)
    free = read_addresses(client, directory, checks)
    return replace(_report(checks, account_id, directory), quota_left=quota_left, free_addresses=free)


def _report(checks: list[Check], account_id: str, directory: Directory | None) -> TestReport:
    return TestReport(
        checks=checks,
        account_id=account_id,
        directory=directory.facts if directory else None,
        failure=_first_trouble(checks),
    )


def _key(client: AwsClient, access: Access, checks: list[Check]) -> tuple[str | None, Failure | None]:
    try:
        account_id = client.find_account()
    except CloudError as error:
        name, label = _NOT_THE_KEY.get(error.failure.code, _named(access))
        checks.append(_failed(name, label, error.failure))
        return None, error.failure
    if access.account_id is not None and access.account_id != account_id:
        failure = Failure("account_mismatch", Trouble.CREDENTIAL)
        checks.append(_failed(*_named(access), failure))
        return None, failure
    checks.append(Check(*_named(access), True, f"Valid, for account {account_id}."))
    return account_id, None


def _named(access: Access) -> tuple[str, str]:
    """What Berth signs in with: name and label of its line."""
    return ("role", "Role") if access.auth_kind == "role" else ("key", "Access key")


_NOT_THE_KEY = {
    "clock_wrong": ("clock", "Clock of the Berth server"),
    "own_identity_missing": ("own_identity", "Berth’s own identity"),
    "region_not_enabled": ("region", "Region"),
}
"""What is wrong when the first call is refused although the key may be good, by our code."""


def _directory(client: AwsClient, access: Access, checks: list[Check]) -> Directory | None:
    label = "workspaces:DescribeWorkspaceDirectories"
    name = f"permission:{label}"
    try:
        found = find_directory(client, access)
    except CloudError as error:
        if error.failure.code in ("directory_not_found", "directory_of_pools"):
            checks.append(Check(name, label, True, "Allowed."))
            checks.append(_failed("directory", "Directory", error.failure))
        else:
            checks.append(_refused(name, label, error.failure, is_essential=True))
        return None
    checks.append(Check(name, label, True, "Allowed."))
    checks.append(Check("directory", "Directory", True, f"“{found.facts.directory_name}” is registered."))
    checks.append(
        Check("directory_kind", "Sign-in", True, SHOWN[kind_of(found.facts.kind)], is_essential=False)
    )
    code = found.facts.registration_code
    checks.append(
        Check("registration_code", "Registration code", True, f"People enter {code} to connect.")
        if code
        else Check(
            "registration_code",
            "Registration code",
            False,
            "The directory has none.",
            "Register the directory again in the WorkSpaces console.",
        )
    )
    return found


def _probes(access: Access) -> list[_Probe]:
    directory_id = access.public_fields["directory_id"]
    machine = [{"WorkspaceId": NO_MACHINE}]
    order = {"DirectoryId": directory_id, "UserName": NO_USER, "BundleId": NO_BUNDLE}
    return [
        ("DescribeWorkspaces", {"DirectoryId": directory_id, "Limit": 1}, True),
        ("DescribeWorkspaceBundles", {"BundleIds": [NO_BUNDLE]}, True),
        ("DescribeWorkspaceImages", {"MaxResults": 1}, False),
        ("DescribeTags", {"ResourceId": NO_MACHINE}, True),
        ("GetResources", {"TagFilters": [{"Key": NO_TAG}]}, True),
        ("CreateWorkspaces", {"Workspaces": [order]}, True),
        ("CreateTags", {"ResourceId": NO_MACHINE, "Tags": [{"Key": NO_TAG, "Value": "1"}]}, True),
        ("StartWorkspaces", {"StartWorkspaceRequests": machine}, True),
        ("StopWorkspaces", {"StopWorkspaceRequests": machine}, True),
        ("RebootWorkspaces", {"RebootWorkspaceRequests": machine}, True),
        ("RebuildWorkspaces", {"RebuildWorkspaceRequests": machine}, False),
        ("RestoreWorkspace", {"WorkspaceId": NO_MACHINE}, False),
        ("MigrateWorkspace", {"SourceWorkspaceId": NO_MACHINE, "BundleId": NO_BUNDLE}, False),
        ("CreateWorkspaceImage", {"WorkspaceId": NO_MACHINE, "Name": NO_USER, "Description": NO_USER}, False),
        ("DeleteWorkspaceImage", {"ImageId": NO_IMAGE}, False),
        ("DescribeWorkspacesConnectionStatus", {"WorkspaceIds": [NO_MACHINE]}, False),
        ("DescribeWorkspaceSnapshots", {"WorkspaceId": NO_MACHINE}, False),
        ("ModifyWorkspaceState", {"WorkspaceId": NO_MACHINE, "WorkspaceState": "AVAILABLE"}, False),
        ("ModifyWorkspaceProperties", {"WorkspaceId": NO_MACHINE, "WorkspaceProperties": NO_CHANGE}, False),
        ("TerminateWorkspaces", {"TerminateWorkspaceRequests": machine}, True),
        ("GetCostAndUsage", NO_DAYS, False),
        ("GetCostAndUsageWithResources", {**NO_DAYS, "Filter": NO_SERVICE}, False),
        ("GetProducts", {"ServiceCode": NO_SERVICE_CODE}, False),
        ("GetMetricData", probe(NO_MACHINE), False),
    ]


def _permission(
    client: AwsClient, action: str, arguments: dict[str, Any], *, is_essential: bool
) -> tuple[Check, Failure | None]:
    name = f"{_ELSEWHERE.get(action, ('workspaces', ''))[0]}:{action}"
    failure = _try(client, action, arguments)
    if failure is not None and failure.trouble.is_transient:
        failure = _try(client, action, arguments)  # a temporary failure would spoil the whole report
    if failure is not None and (failure.trouble is Trouble.CREDENTIAL or failure.trouble.is_transient):
        return _refused(f"permission:{name}", name, failure, is_essential=is_essential), failure
    return Check(f"permission:{name}", name, True, "Allowed.", is_essential=is_essential), None


def _try(client: AwsClient, action: str, arguments: dict[str, Any]) -> Failure | None:
    try:
        client.read(action, service=_ELSEWHERE.get(action, ("", "workspaces"))[1], **arguments)
    except CloudError as error:
        return error.failure
    return None


def _failed(name: str, label: str, failure: Failure) -> Check:
    words = catalogue.entry(failure.code)
    message = f"{words.message} {failure.detail}" if failure.code == "clock_wrong" else words.message
    return Check(name, label, False, message.strip(), words.remedy, failure=failure)


def _refused(name: str, label: str, failure: Failure, *, is_essential: bool) -> Check:
    if not is_essential and failure.trouble is Trouble.CREDENTIAL:
        return Check(
            name,
            label,
            None,
            "Not allowed; Berth works without it.",
            f"Add {label} if you can.",
            is_essential=False,
            failure=failure,
        )
    if failure.code == "access_denied":
        return Check(
            name,
            label,
            False,
            "Denied.",
            f"Add {label} to Berth’s policy.",
            is_essential=is_essential,
            failure=failure,
        )
    words = catalogue.entry(failure.code)
    is_ok = None if failure.trouble.is_transient else False
    return Check(name, label, is_ok, words.message, words.remedy, is_essential=is_essential, failure=failure)


def _first_trouble(checks: list[Check]) -> Failure | None:
    for check in checks:
        if check.is_essential and check.is_ok is False:
            found = check.failure
            return Failure(found.code if found else "directory_not_found", Trouble.CREDENTIAL)
        if check.is_essential and check.is_ok is None:
            return Failure("not_answered_yet", Trouble.TRANSIENT)
    return None
