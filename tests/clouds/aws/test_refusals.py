"""Every refusal that Amazon, its model or our double knows has words of its own, and they are true for it.

The tables are pure; what a refusal does to orders and to the credential is at the end, over the wire.
"""

import ast
import json
import re
from pathlib import Path

import botocore.session
import pytest

from sandbox import demo
from tests.desk import Desk
from tests.domain.facts import failed
from webapp.clouds.aws_workspaces import tables
from webapp.clouds.aws_workspaces.tables import failure_of_call, failure_of_item, failure_of_launch
from webapp.domain.catalogue import CATALOGUE
from webapp.domain.diagnosis import findings_of
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import Action, State
from webapp.models import CredentialStatus

ROOT = Path(__file__).parents[3]
CASES = json.loads((Path(__file__).parent / "refusals.json").read_text())
USED = {
    "workspaces": (
        "CreateWorkspaces DescribeWorkspaces DescribeWorkspaceBundles DescribeWorkspaceDirectories"
        " DescribeWorkspaceImages DescribeTags CreateTags StartWorkspaces StopWorkspaces RebootWorkspaces"
        " RebuildWorkspaces TerminateWorkspaces DescribeWorkspacesConnectionStatus ModifyWorkspaceState"
        " ModifyWorkspaceProperties MigrateWorkspace DescribeWorkspaceSnapshots RestoreWorkspace"
        " CreateWorkspaceImage DeleteWorkspaceImage"
    ),
    "sts": "AssumeRole GetCallerIdentity",
    "service-quotas": "GetServiceQuota",
    "resourcegroupstaggingapi": "GetResources",
    "ec2": "DescribeSubnets",
    "ce": "GetCostAndUsage GetCostAndUsageWithResources ListCostAllocationTags",
    "pricing": "GetProducts",
    "cloudwatch": "GetMetricData",
    "ds": "DescribeDirectories DescribeDirectoryDataAccess ResetUserPassword",
    "ds-data": "CreateUser DescribeUser DisableUser",
}
ITEMS = {
    "ResourceExists.WorkSpace": "username_taken",
    "ResourceNotFound.User": "user_not_found",
    "ResourceNotFound.Directory": "directory_not_found",
    "ResourceNotFound.Bundle": "bundle_not_found",
    "ResourceNotFound.WorkSpace": "not_found",
    "ResourceLimitExceeded": "quota_reached",
    "InvalidParameterValues.Bundle": "bundle_unusable",
    "InvalidParameterValues.UserName": "username_unusable",
    "InvalidParameterValues.AutoStopTimeout": "running_mode_invalid",
    "InvalidUserConfiguration.Workspace": "user_renamed",
    "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace": "running_mode_invalid",
    "AutoStopTimeoutIsNotDefaultForManualWorkspace": "running_mode_invalid",
    "InvalidResourceState": "invalid_state",
    "OperationNotSupported": "not_supported",
}
"""Codes of single items: what each means for people, chosen by hand."""
ABOUT_DESKTOPS = re.compile(r"\b(?:order|desktop|bundle)\b")


def _said_by_the_sandbox() -> set[str]:
    """Every code that the double raises by itself."""
    found = set()
    for path in (ROOT / "sandbox/aws").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name in ("AwsError", "ItemError", "_refusal"):
                codes = node.args[1:3] if name == "_refusal" else node.args[:1]
                texts = [
                    part.value for one in codes for part in ast.walk(one) if isinstance(part, ast.Constant)
                ]
                found |= {one for one in texts if isinstance(one, str) and one}
    return found


def _modelled() -> set[str]:
    session = botocore.session.get_session()
    models = {service: session.get_service_model(service) for service in USED}
    shapes = [
        error
        for service, names in USED.items()
        for name in names.split()
        for error in models[service].operation_model(name).error_shapes
    ]
    return {error.name for error in shapes}


def test_the_driver_calls_nothing_whose_errors_are_not_walked() -> None:
    folder = ROOT / "webapp/clouds/aws_workspaces"
    words = {
        node.value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    operations = {
        one
        for service in USED
        for one in botocore.session.get_session().get_service_model(service).operation_names
    }

    assert words & operations == {name for names in USED.values() for name in names.split()}


def test_every_code_that_anybody_knows_has_its_own_sentence_and_something_to_do() -> None:
    said = _said_by_the_sandbox()
    assert {"OperationNotSupported", "ThrottlingException"} <= said, "the search finds nothing any more"
    items = (said & set(ITEMS)) | set(ITEMS) | set(tables.ITEM_CODES)
    calls = (said - set(ITEMS)) | _modelled() | set(tables.CODES)

    failures = [failure_of_item(code, "Some text.") for code in items]
    failures += [failure_of_call(code, "", http_status=400) for code in calls]

    for failure in failures:
        assert failure.code not in ("refused", "launch_failed"), failure.cloud_code
        (found,) = findings_of(failed(failure.code, cloud_code=failure.cloud_code))
        assert (found.code, bool(found.remedies)) == (failure.code, True), failure.cloud_code


def test_a_code_of_an_item_means_what_was_chosen_for_it() -> None:
    assert set(tables.ITEM_CODES) <= set(ITEMS)
    assert {code: failure_of_item(code, "Some text.").code for code in ITEMS} == ITEMS


def test_what_can_be_said_of_any_request_does_not_speak_of_an_order() -> None:
    """These may follow a stop, a test or a listing as well: their message must be true then."""
    anywhere = {ours for ours, _ in tables.CODES.values()} - {"not_supported", "invalid_state", "not_found"}
    about_orders = {"quota_reached", "unsupported_configuration", "network_configuration", "role_missing"}

    false = [one for one in anywhere - about_orders if ABOUT_DESKTOPS.search(CATALOGUE[one].message)]

    assert false == []


def _failure(case: dict[str, str]) -> Failure:
    code, message = case["code"], case["message"]
    match case["where"]:
        case "launch":
            found = failure_of_launch(code, message)
            assert found is not None
            return found
        case "item":
            return failure_of_item(code, message)
        case operation:
            return failure_of_call(code, message, http_status=400, operation=operation)


def test_a_refusal_is_understood_by_its_words() -> None:
    found = [_failure(case) for case in CASES]

    assert [(one.code, one.trouble.value) for one in found] == [
        (case["ours"], case["trouble"]) for case in CASES
    ]
    for case, failure in zip(CASES, found, strict=True):
        if "detail" in case:
            assert failure.detail == case["detail"]
        assert failure.code in CATALOGUE


def test_an_offer_that_has_ended_fails_its_own_orders_and_no_other(desk: Desk) -> None:
    ended = next(case for case in CASES if case["ours"] == "offer_ended")
    old, good = desk.order(username="old.offer"), desk.order()
    desk.sandbox.add_fault(
        "error",
        operation="CreateWorkspaces",
        code=ended["code"],
        message=ended["message"],
        user_name="old.offer",
        times=-1,
    )

    desk.live_until(old, State.ERROR)
    desk.live_until(good, State.AVAILABLE)

    assert desk.row(old).error_code == "offer_ended"
    assert desk.credential().is_usable


@pytest.mark.parametrize(
    "ours", ["organisation_forbids", "boundary_forbids", "endpoint_forbids", "explicitly_denied"]
)
def test_a_wall_holds_orders_and_is_named(desk: Desk, ours: str) -> None:
    case = next(one for one in CASES if one["ours"] == ours and one["where"] == "CreateWorkspaces")
    desk.sandbox.add_fault(
        "error", operation="CreateWorkspaces", code=case["code"], message=case["message"], times=-1
    )
    workspace_id = desk.order()

    desk.sweep()

    credential = desk.credential()
    assert (credential.blocked_code, credential.status) == (ours, CredentialStatus.FAILING)
    assert desk.row(workspace_id).state is State.PENDING


def test_a_wrong_clock_of_this_host_stops_work_and_leaves_the_key_alone(desk: Desk) -> None:
    workspace_id = desk.order()
    case = next(one for one in CASES if one["ours"] == "clock_wrong")
    desk.sandbox.add_fault("error", code=case["code"], message=case["message"], times=4)

    desk.sweep()

    credential = desk.credential()
    assert (credential.blocked_code, credential.status) == ("clock_wrong", CredentialStatus.OK)
    assert credential.is_usable
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.row(workspace_id).attempt == 1


def test_a_rebuild_before_the_first_snapshot_says_so(desk: Desk) -> None:
    """By the cloud's own refusal, where Berth may not ask before."""
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:DescribeWorkspaceSnapshots"])
    desk.sandbox.set_settings(first_snapshot_s=7200)
    workspace_id = desk.available()

    desk.press(workspace_id, Action.REBUILD)
    desk.work()

    assert desk.row(workspace_id).error_code == "no_snapshot"
    desk.clock.pause(7200)
    desk.press(workspace_id, Action.REBUILD)
    desk.work()
    assert desk.story(workspace_id)[-1] == "rebuild_sent"


def test_a_region_that_the_account_has_not_enabled_is_no_bad_key(desk: Desk) -> None:
    workspace_id = desk.order()
    desk.sandbox.disable_regions(demo.DEMO_ACCOUNT_ID, demo.DEMO_REGION)

    desk.sweep()

    assert desk.credential().blocked_code == "region_not_enabled"
    desk.sandbox.disable_regions(demo.DEMO_ACCOUNT_ID)
    desk.live_until(workspace_id, State.AVAILABLE)
