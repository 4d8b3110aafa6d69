"""Whom the contract keeps out of a WorkSpace does not come in by the client either."""

import pytest

from sandbox import demo
from tests.desk import Desk
from tests.engine.test_windows import MINUTE, hired
from tests.windows import DAY, HOUR, pass_time, set_grace, set_window, settle, undo
from webapp.domain.errors import Invalid
from webapp.domain.lifecycle import Action, State

DIRECTORY = demo.DEMO_DIRECTORY_ID


def _machine(desk: Desk, workspace_id: int) -> str:
    return desk.row(workspace_id).cloud_workspace_id or ""


def test_a_suspended_desktop_that_its_person_starts_is_stopped_again(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk, ends=None)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)
    machine = _machine(desk, workspace_id)
    ended_at = desk.row(workspace_id).access_ended_at

    desk.sandbox.set_workspace(machine, state="AVAILABLE")
    desk.live(2 * desk.settings.poll_interval_s + 1)

    assert len(desk.calls("StopWorkspaces")) == 2
    settle(desk)
    row = desk.row(workspace_id)
    assert (row.state, row.access_ended_at) == (State.STOPPED, ended_at)
    assert desk.story(workspace_id).count("kept_out") == 1


def test_one_that_always_runs_is_put_into_admin_maintenance_and_comes_out_again(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk, ends=None)
    machine = _machine(desk, workspace_id)
    desk.sandbox.set_workspace(machine, running_mode="ALWAYS_ON")
    settle(desk)

    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)

    assert desk.row(workspace_id).cloud_word == "ADMIN_MAINTENANCE"
    assert desk.row(workspace_id).access_ended_at is not None
    assert desk.calls("StopWorkspaces") == []
    undo(desk, workspace_id)
    settle(desk)
    assert desk.row(workspace_id).state is State.AVAILABLE
    assert len(desk.calls("ModifyWorkspaceState")) == 2


@pytest.mark.parametrize("kind", ["throttle", "drop_after", "http_500"])
def test_a_stop_that_fails_is_sent_again_until_the_person_is_out(desk: Desk, kind: str) -> None:
    set_grace(desk)
    workspace_id = hired(desk, ends=None)
    desk.sandbox.add_fault(kind, operation="StopWorkspaces", times=2)

    desk.press(workspace_id, Action.TERMINATE)
    settle(desk, minutes=20)

    row = desk.row(workspace_id)
    assert (row.state, row.access_ended_at is not None) == (State.STOPPED, True)


def test_the_missing_right_to_stop_is_logged_once_and_no_entry_point_opens(desk: Desk) -> None:
    workspace_id = hired(desk, ends=DAY)
    desk.sandbox.add_fault("error", operation="StopWorkspaces", times=-1, code="AccessDeniedException")

    pass_time(desk, DAY)
    settle(desk, minutes=30)

    row = desk.row(workspace_id)
    assert row.suspended_at is not None and row.access_ended_at is None
    assert desk.story(workspace_id).count("access_not_ended") == 1


def test_a_shorter_contract_ends_access_at_its_new_end_and_with_the_whole_grace(desk: Desk) -> None:
    workspace_id = hired(desk)
    row = desk.row(workspace_id)

    set_window(desk, row.application_id, ends=MINUTE)
    desk.clock.pause(60)
    now = desk.clock.now()
    desk.work()

    row = desk.row(workspace_id)
    assert (row.suspended_at, row.destroy_at) == (now, now + 7 * DAY)


def test_an_end_in_the_past_is_refused_because_it_would_end_a_desktop_without_that_permission(
    desk: Desk,
) -> None:
    workspace_id = hired(desk)
    before = desk.row(workspace_id)

    with pytest.raises(Invalid, match="must be in the future"):
        set_window(desk, before.application_id, ends=-DAY)

    row = desk.row(workspace_id)
    assert (row.ends_at, row.suspended_at, row.version) == (before.ends_at, None, before.version)


@pytest.mark.parametrize("operation", ["DescribeUser", "DisableUser"])
def test_a_directory_that_refuses_keeps_no_desktop_running(desk: Desk, operation: str) -> None:
    """Nor does it hold the account's orders: the rights about users are optional."""
    desk.sandbox.set_users(DIRECTORY, ["leo.brandt"])
    workspace_id = desk.order(username="new.hire", create_user=True)
    desk.live_until(workspace_id, State.AVAILABLE)
    set_window(desk, desk.row(workspace_id).application_id, ends=HOUR)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[f"ds-data:{operation}"])

    pass_time(desk, HOUR)

    assert [machine["state"] for machine in desk.machines()] == ["STOPPED"]
    assert desk.credential().blocked_code is None
    assert desk.row(workspace_id).suspended_at is not None
