"""A stop that a person presses and that comes to nothing: the hours' own stop follows all the same."""

import pytest

from tests.desk import Desk
from tests.engine.hours.story import by_hours, is_off, is_on, machine, sleep_until, with_hours
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.lifecycle import Action

LIMIT_S = 25 * 60
"""After so long a stop that has not finished counts as failed."""


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def assert_hours_followed_the_failed_stop(desk: Desk, workspace_id: int) -> None:
    assert "stop_failed" in desk.story(workspace_id)
    assert by_hours(desk, workspace_id) == ["stop_requested"]
    assert is_off(desk.row(workspace_id))


def test_the_hours_stop_what_a_persons_stop_before_the_end_of_the_shift_did_not(desk: Desk) -> None:
    """The cloud accepts it, is stopping over the end of the shift, and then runs all the same."""
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:25")
    desk.sandbox.add_fault("stuck", operation="StopWorkspaces", times=1)

    desk.press(workspace_id, Action.STOP)
    desk.live(12 * 60)
    desk.sandbox.set_workspace(machine(desk, workspace_id), state="AVAILABLE")
    desk.live(LIMIT_S)

    assert_hours_followed_the_failed_stop(desk, workspace_id)


def test_the_hours_stop_what_the_cloud_refused_to_stop_after_the_end_of_the_shift(desk: Desk) -> None:
    """It is pressed before; the cloud is busy until after the end, and then refuses it for good."""
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")
    desk.sandbox.add_fault("throttle", operation="StopWorkspaces", times=100)
    desk.press(workspace_id, Action.STOP)
    desk.live(8 * 60)
    assert desk.row(workspace_id).action_sent_at is None
    desk.sandbox.clear_faults()
    desk.sandbox.add_fault("item_error", operation="StopWorkspaces", code="OperationNotSupported", times=1)

    desk.live(LIMIT_S)

    assert_hours_followed_the_failed_stop(desk, workspace_id)


def test_inside_the_shift_a_stop_that_failed_is_not_answered_by_a_start(desk: Desk) -> None:
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "14:00")
    desk.sandbox.add_fault("stuck", operation="StopWorkspaces", times=1)

    desk.press(workspace_id, Action.STOP)
    desk.live(LIMIT_S)
    desk.sandbox.set_workspace(machine(desk, workspace_id), state="STOPPED")
    desk.live(LIMIT_S)

    assert is_off(desk.row(workspace_id))
    assert by_hours(desk, workspace_id) == []


def test_the_hours_follow_what_a_person_has_stopped_and_its_client_starts_again(desk: Desk) -> None:
    """The stop was on its way as the shift ended."""
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")

    desk.press(workspace_id, Action.STOP)
    desk.live(10 * 60)

    assert is_off(desk.row(workspace_id))
    assert desk.row(workspace_id).hours_duty is HoursDuty.IDLE


def test_a_stop_just_before_the_shift_wins_over_its_start(desk: Desk) -> None:
    """It was started for the shift already."""
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")
    desk.live(10 * 60)
    sleep_until(desk, 1, "08:44")
    desk.live(12 * 60)
    assert is_on(desk, workspace_id)

    desk.press(workspace_id, Action.STOP)
    desk.live(3600)

    assert is_off(desk.row(workspace_id))
