"""CreateWorkspaces: batches, refusals by item, limits, and how PENDING ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.control import Sandbox

Order = Callable[..., Any]


def _codes(answer: Any) -> dict[str, str]:
    return {item["WorkspaceRequest"]["UserName"]: item["ErrorCode"] for item in answer["FailedRequests"]}


def test_25_are_taken_and_26_are_refused_as_a_whole(order: Order, control: Sandbox) -> None:
    assert len(order(*[f"user{n}" for n in range(25)])["PendingRequests"]) == 25

    with pytest.raises(ClientError) as refusal:
        order(*[f"more{n}" for n in range(26)])

    assert refusal.value.response["Error"]["Code"] == "ValidationException"
    assert len(control.journal()) == 25


def test_the_same_user_in_other_letters_gets_no_second_desktop(order: Order) -> None:
    order("anna")

    assert _codes(order("ANNA", "ben")) == {"ANNA": "ResourceExists.WorkSpace"}


def test_the_same_user_twice_in_one_batch_gets_one_desktop(order: Order) -> None:
    answer = order("anna", "Anna")

    assert [one["UserName"] for one in answer["PendingRequests"]] == ["anna"]
    assert _codes(answer) == {"Anna": "ResourceExists.WorkSpace"}


def test_refusals_are_per_item_and_echo_the_order(order: Order) -> None:
    answer = order("anna", "ghost1", "ben")

    assert [one["UserName"] for one in answer["PendingRequests"]] == ["anna", "ben"]
    echo = answer["FailedRequests"][0]["WorkspaceRequest"]
    assert echo["Tags"] == [{"Key": "berth-claim", "Value": "claim/ghost1"}]
    assert _codes(answer) == {"ghost1": "ResourceNotFound.User"}


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"DirectoryId": "d-0000000000"}, "ResourceNotFound.Directory"),
        ({"BundleId": "wsb-000000000"}, "ResourceNotFound.Bundle"),
        (
            {"BundleId": demo.bundle_id(demo.DEMO_OTHER_REGION, demo.DEMO_UBUNTU_BUNDLE_NAME)},
            "ResourceNotFound.Bundle",
        ),
        (
            {
                "BundleId": demo.bundle_id(
                    demo.DEMO_REGION, "Standard with Windows 10 (Server 2016 based) (WSP)"
                )
            },
            "InvalidParameterValues.Bundle",
        ),
        ({"UserName": "a.user.with.a.very.long.name"}, "InvalidParameterValues.UserName"),
        ({"UserName": "-anna"}, "InvalidParameterValues.UserName"),
        (
            {"WorkspaceProperties": {"RunningMode": "ALWAYS_ON", "RunningModeAutoStopTimeoutInMinutes": 60}},
            "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace",
        ),
        (
            {"WorkspaceProperties": {"RunningMode": "MANUAL", "RunningModeAutoStopTimeoutInMinutes": 60}},
            "AutoStopTimeoutIsNotDefaultForManualWorkspace",
        ),
        (
            {"WorkspaceProperties": {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 61}},
            "InvalidParameterValues.AutoStopTimeout",
        ),
    ],
)
def test_an_impossible_order_is_refused_by_its_own_code(
    workspaces: Any, spec: dict[str, Any], code: str
) -> None:
    usual = {
        "DirectoryId": demo.DEMO_DIRECTORY_ID,
        "UserName": "anna",
        "BundleId": demo.DEMO_UBUNTU_BUNDLE_ID,
    }

    answer = workspaces.create_workspaces(Workspaces=[{**usual, **spec}])

    assert [item["ErrorCode"] for item in answer["FailedRequests"]] == [code]
    assert answer["PendingRequests"] == []


def test_a_long_user_name_is_fine_on_windows(order: Order) -> None:
    answer = order("a.user.with.a.very.long.name", bundle=demo.DEMO_WINDOWS_BUNDLE_ID)

    assert answer["FailedRequests"] == []


def test_a_directory_with_a_list_knows_only_these_users(order: Order, control: Sandbox) -> None:
    control.set_users(demo.DEMO_DIRECTORY_ID, ["Anna"])

    assert _codes(order("anna", "ben")) == {"ben": "ResourceNotFound.User"}


def test_a_deregistered_directory_is_not_found(order: Order, control: Sandbox) -> None:
    control.set_directory(demo.DEMO_DIRECTORY_ID, state="DEREGISTERED")

    assert _codes(order("anna")) == {"anna": "ResourceNotFound.Directory"}


def test_beyond_the_quota_items_fail(order: Order, control: Sandbox) -> None:
    control.add_account(demo.DEMO_ACCOUNT_ID, quota=2)

    assert _codes(order("anna", "ben", "cleo")) == {"cleo": "ResourceLimitExceeded"}


def test_an_account_may_refuse_the_whole_call_beyond_its_quota(order: Order, control: Sandbox) -> None:
    control.add_account(demo.DEMO_ACCOUNT_ID, quota=2, quota_style="call")

    with pytest.raises(ClientError) as refusal:
        order("anna", "ben", "cleo")

    assert refusal.value.response["Error"]["Code"] == "ResourceLimitExceededException"
    assert control.journal() == []


def test_a_desktop_gets_its_address_when_it_is_available(
    order: Order, workspaces: Any, control: Sandbox
) -> None:
    made = order("anna")["PendingRequests"][0]
    control.advance(16 * 60)
    waiting = workspaces.describe_workspaces()["Workspaces"][0]
    control.advance(8 * 60)

    ready = workspaces.describe_workspaces()["Workspaces"][0]

    assert (made["State"], waiting["State"], ready["State"]) == ("PENDING", "PENDING", "AVAILABLE")
    assert "IpAddress" not in waiting and "ComputerName" not in waiting
    assert ready["IpAddress"].startswith("10.") and ready["ComputerName"].startswith("A-1")


def test_launches_take_different_but_repeatable_times(order: Order, control: Sandbox) -> None:
    order(*[f"user{n}" for n in range(10)])
    first = [one["until"] - one["born_at"] for one in control.workspaces()]
    control.reset()
    control.set_users(demo.DEMO_DIRECTORY_ID, None)
    control.set_settings(calls_per_s=0)
    order(*[f"user{n}" for n in range(10)])

    second = [one["until"] - one["born_at"] for one in control.workspaces()]

    assert second == pytest.approx(first)
    assert len(set(first)) == 10 and min(first) >= 17 * 60 and max(first) <= 23 * 60


def test_no_free_address_ends_in_error(order: Order, control: Sandbox, workspaces: Any) -> None:
    control.add_account(
        demo.DEMO_ACCOUNT_ID,
        quota=200,
        directories=[
            {
                "directory_id": demo.DEMO_DIRECTORY_ID,
                "region": demo.DEMO_REGION,
                "subnets": [{"subnet_id": "subnet-00000000000000001", "free": 1}],
            }
        ],
    )
    order("anna", "ben")
    control.advance(1500)

    shown = {one["UserName"]: one for one in workspaces.describe_workspaces()["Workspaces"]}

    assert shown["anna"]["State"] == "AVAILABLE"
    assert shown["ben"]["State"] == "ERROR" and "private IP Address" in shown["ben"]["ErrorMessage"]


def test_a_new_desktop_may_be_invisible_for_a_while(
    order: Order,
    control: Sandbox,
    state_of: Callable[[str], str | None],
    workspaces: Any,
    make_client: Callable[..., Any],
) -> None:
    def tagged() -> int:
        return len(make_client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"])

    control.set_settings(visibility_lag_s=60, tag_lag_s=120)
    workspace_id = order("anna")["PendingRequests"][0]["WorkspaceId"]

    assert state_of(workspace_id) is None
    assert _codes(order("anna")) == {"anna": "ResourceExists.WorkSpace"}
    control.advance(61)
    assert state_of(workspace_id) == "PENDING"
    assert (workspaces.describe_tags(ResourceId=workspace_id)["TagList"], tagged()) == ([], 0)
    control.advance(60)
    assert workspaces.describe_tags(ResourceId=workspace_id)["TagList"] != []
    assert tagged() == 1
