"""Scripted trouble, one kind after the other, seen through real boto3 and in the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)

from sandbox import demo
from sandbox.control import Sandbox, SandboxError

Order = Callable[..., Any]
MakeClient = Callable[..., Any]
StateOf = Callable[[str], str | None]


@pytest.mark.parametrize(
    ("kind", "more", "status", "code"),
    [
        ("throttle", {}, 400, "ThrottlingException"),
        ("http_500", {}, 500, "InternalServerException"),
        ("http_503", {}, 503, "ServiceUnavailable"),
        ("error", {"code": "OptInRequired", "message": "Not here.", "status": 403}, 403, "OptInRequired"),
    ],
)
def test_a_refusing_fault_strikes_once_and_nothing_happens(
    kind: str, more: dict[str, Any], status: int, code: str, order: Order, control: Sandbox
) -> None:
    control.add_fault(kind, operation="CreateWorkspaces", **more)

    with pytest.raises(ClientError) as refusal:
        order("anna")

    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert control.journal() == []
    assert order("anna")["FailedRequests"] == []
    assert [line["outcome"] for line in control.ledger(operation="CreateWorkspaces")] == [code, "ok"]


def test_a_dropped_call_has_no_effect(order: Order, control: Sandbox) -> None:
    control.add_fault("drop_before", operation="CreateWorkspaces")

    with pytest.raises(ConnectionClosedError):
        order("anna")

    assert control.journal() == []
    [line] = control.ledger()
    assert (line["outcome"], line["fault"], line["status"]) == ("dropped", "drop_before", None)


def test_a_lost_answer_leaves_its_effect(order: Order, control: Sandbox) -> None:
    control.add_fault("drop_after", operation="CreateWorkspaces")

    with pytest.raises(ConnectionClosedError):
        order("anna")

    assert [one["user_name"] for one in control.journal()] == ["anna"]
    [line] = control.ledger()
    assert (line["outcome"], line["accepted"], line["claims"]) == ("answer_lost", 1, ["claim/anna"])
    assert [item["ErrorCode"] for item in order("anna")["FailedRequests"]] == ["ResourceExists.WorkSpace"]


@pytest.mark.parametrize(("effect", "survivors"), [(False, []), (True, ["anna"])])
def test_a_hanging_call_times_out_while_others_are_served(
    effect: bool, survivors: list[str], control: Sandbox, make_client: MakeClient
) -> None:
    control.add_fault("hang", operation="CreateWorkspaces", seconds=3, effect=effect)
    hasty = make_client(read_timeout_s=0.3)
    spec = {"DirectoryId": demo.DEMO_DIRECTORY_ID, "UserName": "anna", "BundleId": demo.DEMO_UBUNTU_BUNDLE_ID}
    outcomes: list[BaseException] = []

    def hang() -> None:
        with pytest.raises(ReadTimeoutError) as timeout:
            hasty.create_workspaces(Workspaces=[spec])
        outcomes.append(timeout.value)

    hanging = threading.Thread(target=hang)
    hanging.start()
    while not control.ledger(operation="CreateWorkspaces"):
        pass
    served = make_client().describe_workspaces()["Workspaces"]
    hanging.join()

    assert len(outcomes) == 1
    assert [one["UserName"] for one in served] == survivors


def test_a_slow_call_is_carried_out_late(order: Order, control: Sandbox) -> None:
    control.add_fault("slow", operation="CreateWorkspaces", seconds=0.05)

    assert order("anna")["FailedRequests"] == []
    assert control.ledger()[0]["fault"] == "slow"


def test_a_slow_call_takes_effect_after_its_caller_has_given_up(
    control: Sandbox, make_client: MakeClient
) -> None:
    control.add_fault("slow", operation="CreateWorkspaces", seconds=0.4)
    spec = {"DirectoryId": demo.DEMO_DIRECTORY_ID, "UserName": "anna", "BundleId": demo.DEMO_UBUNTU_BUNDLE_ID}
    with pytest.raises(ReadTimeoutError):
        make_client(read_timeout_s=0.1).create_workspaces(Workspaces=[spec])
    at_once = control.journal()

    while not control.ledger(operation="CreateWorkspaces"):
        pass

    assert at_once == []
    assert [one["user_name"] for one in control.journal()] == ["anna"]


@pytest.mark.parametrize("kind", ["garbage", "truncated"])
def test_a_spoilt_answer_reaches_the_caller_as_one_without_its_members(
    kind: str, order: Order, workspaces: Any, control: Sandbox
) -> None:
    # botocore reads a body that is not JSON as an empty structure, status 200: no list is not an empty list.
    order("anna")
    control.add_fault(kind, operation="DescribeWorkspaces")

    spoilt = workspaces.describe_workspaces()

    assert spoilt["ResponseMetadata"]["HTTPStatusCode"] == 200 and "Workspaces" not in spoilt
    assert len(workspaces.describe_workspaces()["Workspaces"]) == 1


def test_a_listing_may_come_empty(order: Order, workspaces: Any, control: Sandbox) -> None:
    order("anna")
    control.add_fault("empty_listing", operation="DescribeWorkspaces")

    assert workspaces.describe_workspaces()["Workspaces"] == []
    assert len(workspaces.describe_workspaces()["Workspaces"]) == 1


def test_named_items_or_the_first_ones_are_refused(order: Order, workspaces: Any, control: Sandbox) -> None:
    control.add_fault("item_error", code="InternalError.Item", message="Try later.", users=["BEN"])
    answer = order("anna", "ben", "cleo")
    control.add_fault("item_error", code="InternalError.Item", items=1)
    ids = [one["WorkspaceId"] for one in answer["PendingRequests"]]

    refused = workspaces.terminate_workspaces(
        TerminateWorkspaceRequests=[{"WorkspaceId": one} for one in ids]
    )["FailedRequests"]

    assert [item["WorkspaceRequest"]["UserName"] for item in answer["FailedRequests"]] == ["ben"]
    assert answer["FailedRequests"][0]["ErrorMessage"] == "Try later."
    assert [item["WorkspaceId"] for item in refused] == ids[:1]


def test_a_launch_may_fail_at_its_end(order: Order, workspaces: Any, control: Sandbox) -> None:
    control.add_fault("launch_error", code="DomainJoin", message="No domain controller.", users=["ben"])
    order("anna", "ben")
    control.advance(60)
    early = {one["UserName"]: one["State"] for one in workspaces.describe_workspaces()["Workspaces"]}
    control.advance(1500)

    late = {one["UserName"]: one for one in workspaces.describe_workspaces()["Workspaces"]}

    assert early == {"anna": "PENDING", "ben": "PENDING"}
    assert late["anna"]["State"] == "AVAILABLE"
    assert (late["ben"]["State"], late["ben"]["ErrorCode"]) == ("ERROR", "DomainJoin")


def test_a_launch_may_never_end_and_is_still_terminated(
    order: Order, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    control.add_fault("stuck")
    workspace_id = order("anna")["PendingRequests"][0]["WorkspaceId"]
    control.advance(86400)
    stuck = state_of(workspace_id)
    workspaces.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": workspace_id}])
    control.advance(400)

    assert (stuck, state_of(workspace_id)) == ("PENDING", None)


def test_a_desktop_may_come_up_unhealthy(order: Order, control: Sandbox, state_of: StateOf) -> None:
    control.add_fault("unhealthy")
    workspace_id = order("anna")["PendingRequests"][0]["WorkspaceId"]
    control.advance(1500)

    assert state_of(workspace_id) == "UNHEALTHY"


def test_one_desktop_may_stay_invisible_longer(order: Order, control: Sandbox, state_of: StateOf) -> None:
    control.add_fault("visibility_lag", seconds=300)
    workspace_id = order("anna")["PendingRequests"][0]["WorkspaceId"]

    control.advance(299)
    assert state_of(workspace_id) is None
    control.advance(1)
    assert state_of(workspace_id) == "PENDING"


def test_a_rule_strikes_only_whom_it_names(order: Order, control: Sandbox, make_client: MakeClient) -> None:
    for more in (
        {"region": "us-east-1"},
        {"account_id": "000000000000"},
        {"access_key_id": "AKIA"},
        {"user_name": "ben"},
        {"operation": "StartWorkspaces"},
    ):
        control.add_fault("throttle", **more)

    assert order("anna")["FailedRequests"] == []
    with pytest.raises(ClientError, match="ThrottlingException"):
        order("Ben")
    with pytest.raises(ClientError, match="ThrottlingException"):
        make_client(region="us-east-1").describe_workspaces()
    assert [rule["hits"] for rule in control.list_faults()] == [1, 0, 0, 1, 0]


def test_a_rule_for_ever_ends_when_it_is_cleared(workspaces: Any, control: Sandbox) -> None:
    fault_id = control.add_fault("throttle", times=-1)

    for _ in range(3):
        with pytest.raises(ClientError):
            workspaces.describe_workspaces()

    assert control.clear_faults(fault_id) == 1
    assert workspaces.describe_workspaces()["Workspaces"] == []


def test_chance_is_the_same_for_the_same_seed(workspaces: Any, control: Sandbox) -> None:
    def strikes(seed: int) -> list[bool]:
        control.clear_faults()
        control.add_fault("throttle", times=-1, probability=0.5, seed=seed)
        before = len(control.ledger())
        for _ in range(20):
            try:
                workspaces.describe_workspaces()
            except ClientError:
                continue
        return [line["fault"] is not None for line in control.ledger()[before:]]

    first = strikes(1)

    assert strikes(1) == first != strikes(2)
    assert 0 < sum(first) < 20


@pytest.mark.parametrize(
    "nonsense", [{"kind": "magic"}, {"kind": "error"}, {"kind": "slow", "colour": "red"}]
)
def test_a_rule_that_means_nothing_is_refused(nonsense: dict[str, Any], control: Sandbox) -> None:
    with pytest.raises(SandboxError):
        control.add_fault(**nonsense)

    assert control.list_faults() == []


def test_a_refused_call_uses_up_no_other_rule(order: Order, control: Sandbox) -> None:
    control.add_fault("launch_error")
    control.add_fault("throttle", operation="CreateWorkspaces")

    with pytest.raises(ClientError, match="ThrottlingException"):
        order("anna")

    assert [(rule["kind"], rule["remaining"]) for rule in control.list_faults()] == [
        ("launch_error", 1),
        ("throttle", 0),
    ]
