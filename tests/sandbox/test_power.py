"""Power actions, termination and modification: which state allows what, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.control import Sandbox

Desk = Callable[..., str]
StateOf = Callable[[str], str | None]

ACTIONS = {
    "start": (("STOPPED",), "STARTING", "AVAILABLE", 90),
    "stop": (("AVAILABLE", "IMPAIRED", "UNHEALTHY", "ERROR"), "STOPPING", "STOPPED", 60),
    "reboot": (("AVAILABLE", "UNHEALTHY"), "REBOOTING", "AVAILABLE", 180),
    "rebuild": (("AVAILABLE", "ERROR", "UNHEALTHY", "STOPPED", "REBOOTING"), "REBUILDING", "AVAILABLE", 1800),
}
"""Action: states that allow it, the passing state, the state after so many seconds."""
SETTLED = ("AVAILABLE", "IMPAIRED", "UNHEALTHY", "ERROR", "STOPPED", "SUSPENDED", "ADMIN_MAINTENANCE")


def _act(client: Any, action: str, *ids: str) -> dict[str, str]:
    """Error codes by id of those that were refused."""
    method = getattr(client, f"{action}_workspaces")
    answer = method(**{f"{action.capitalize()}WorkspaceRequests": [{"WorkspaceId": one} for one in ids]})
    return {item["WorkspaceId"]: item["ErrorCode"] for item in answer["FailedRequests"]}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_passes_through_its_state(
    action: str, desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    allowed, passing, after, seconds = ACTIONS[action]
    workspace_id = desk()
    control.set_workspace(workspace_id, state=allowed[0])

    refused = _act(workspaces, action, workspace_id)
    at_once = state_of(workspace_id)
    control.advance(seconds - 1)
    nearly = state_of(workspace_id)
    control.advance(1)

    assert refused == {}
    assert (at_once, nearly, state_of(workspace_id)) == (passing, passing, after)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_refused_by_item_in_every_other_state(
    action: str, desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    verdicts = {}

    for state in SETTLED:
        control.set_workspace(workspace_id, state=state)
        verdicts[state] = not _act(workspaces, action, workspace_id)

    assert verdicts == {state: state in ACTIONS[action][0] for state in SETTLED}


def test_a_reboot_that_hangs_may_be_repeated_after_20_minutes(
    desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    control.set_workspace(workspace_id, state="REBOOTING")

    assert _act(workspaces, "reboot", workspace_id) == {workspace_id: "InvalidResourceState"}
    control.advance(1201)
    assert _act(workspaces, "reboot", workspace_id) == {}


def test_always_on_cannot_be_started_or_stopped(desk: Desk, workspaces: Any) -> None:
    workspace_id = desk(mode="ALWAYS_ON")

    assert _act(workspaces, "stop", workspace_id) == {workspace_id: "OperationNotSupported"}
    assert _act(workspaces, "start", workspace_id) == {workspace_id: "OperationNotSupported"}


def test_a_batch_obeys_for_some_and_refuses_others(desk: Desk, workspaces: Any, state_of: StateOf) -> None:
    anna = desk("anna")

    refused = _act(workspaces, "stop", anna, "ws-000000000")

    assert refused == {"ws-000000000": "ResourceNotFound.WorkSpace"}
    assert state_of(anna) == "STOPPING"


def test_25_are_the_most_and_rebuild_takes_one(workspaces: Any) -> None:
    many = [f"ws-{number:09d}" for number in range(26)]

    assert len(_act(workspaces, "terminate", *many[:25])) == 25
    with pytest.raises(ClientError, match="ValidationException"):
        _act(workspaces, "terminate", *many)
    with pytest.raises(ClientError, match="ValidationException"):
        _act(workspaces, "rebuild", *many[:2])


def test_rebuilding_gives_another_address(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    before = workspaces.describe_workspaces()["Workspaces"][0]["IpAddress"]
    _act(workspaces, "rebuild", workspace_id)
    control.advance(1801)

    after = workspaces.describe_workspaces()["Workspaces"][0]["IpAddress"]

    assert after != before


def test_a_terminated_desktop_is_shown_briefly_and_then_absent(
    desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    workspace_id = desk()
    seen = []

    assert _act(workspaces, "terminate", workspace_id) == {}
    assert _act(workspaces, "terminate", workspace_id) == {}
    for seconds in (0, 299, 1, 30):
        control.advance(seconds)
        seen.append(state_of(workspace_id))

    assert seen == ["TERMINATING", "TERMINATING", "TERMINATED", None]
    assert _act(workspaces, "terminate", workspace_id) == {workspace_id: "ResourceNotFound.WorkSpace"}


def test_terminating_frees_the_user_only_when_it_is_done(
    desk: Desk, workspaces: Any, control: Sandbox, order: Callable[..., Any]
) -> None:
    first = desk("anna")
    _act(workspaces, "terminate", first)

    assert [item["ErrorCode"] for item in order("anna")["FailedRequests"]] == ["ResourceExists.WorkSpace"]
    control.advance(301)
    assert order("anna")["FailedRequests"] == []


@pytest.mark.parametrize("state", ["PENDING", "ERROR", "STOPPED", "REBUILDING", "ADMIN_MAINTENANCE"])
def test_every_state_but_suspended_can_be_terminated(
    state: str, desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    control.set_workspace(workspace_id, state="SUSPENDED")
    suspended = _act(workspaces, "terminate", workspace_id)
    control.set_workspace(workspace_id, state=state)

    assert suspended == {workspace_id: "InvalidResourceState"}
    assert _act(workspaces, "terminate", workspace_id) == {}


def test_the_running_mode_can_be_changed(desk: Desk, workspaces: Any) -> None:
    workspace_id = desk()

    workspaces.modify_workspace_properties(
        WorkspaceId=workspace_id, WorkspaceProperties={"RunningMode": "ALWAYS_ON"}
    )

    properties = workspaces.describe_workspaces()["Workspaces"][0]["WorkspaceProperties"]
    assert properties["RunningMode"] == "ALWAYS_ON"
    assert "RunningModeAutoStopTimeoutInMinutes" not in properties


@pytest.mark.parametrize(
    ("properties", "state", "code"),
    [
        ({"RootVolumeSizeGib": 200}, "AVAILABLE", "InvalidParameterValuesException"),
        ({"RunningModeAutoStopTimeoutInMinutes": 7}, "AVAILABLE", "InvalidParameterValuesException"),
        ({"RunningMode": "ALWAYS_ON"}, "PENDING", "InvalidResourceStateException"),
    ],
)
def test_other_changes_are_refused(
    properties: dict[str, Any], state: str, code: str, desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    control.set_workspace(workspace_id, state=state)

    with pytest.raises(ClientError) as refusal:
        workspaces.modify_workspace_properties(WorkspaceId=workspace_id, WorkspaceProperties=properties)

    assert refusal.value.response["Error"]["Code"] == code


def test_an_administrator_may_hold_a_desktop(
    desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    workspace_id = desk()

    workspaces.modify_workspace_state(WorkspaceId=workspace_id, WorkspaceState="ADMIN_MAINTENANCE")

    assert state_of(workspace_id) == "ADMIN_MAINTENANCE"
    assert _act(workspaces, "stop", workspace_id) == {workspace_id: "InvalidResourceState"}
    control.set_workspace(workspace_id, state="STOPPED")
    with pytest.raises(ClientError, match="InvalidResourceStateException"):
        workspaces.modify_workspace_state(WorkspaceId=workspace_id, WorkspaceState="ADMIN_MAINTENANCE")


def test_someone_elses_desktop_does_not_exist(
    desk: Desk, control: Sandbox, make_client: Callable[..., Any]
) -> None:
    workspace_id = desk()
    control.add_account(
        "444455556666",
        quota=1,
        keys=[{"access_key_id": "AKIABERTHSTRANGER001", "secret_access_key": "s" * 40}],
    )
    stranger = make_client(key="AKIABERTHSTRANGER001", secret="s" * 40)

    assert stranger.describe_workspaces(WorkspaceIds=[workspace_id])["Workspaces"] == []
    assert _act(stranger, "terminate", workspace_id) == {workspace_id: "ResourceNotFound.WorkSpace"}
    assert demo.DEMO_ACCOUNT_ID not in str(stranger.describe_workspace_directories()["Directories"])
