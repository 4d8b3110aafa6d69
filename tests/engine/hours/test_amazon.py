"""Power by hours on Amazon: on before the shift, off after it, and nobody is cut off."""

import pytest

from tests.desk import Desk
from tests.engine.hours.story import (
    SPREAD,
    by_hours,
    connect,
    die_at,
    give_hours,
    is_off,
    is_on,
    machine,
    office_hours,
    sleep_until,
    with_hours,
)
from tests.windows import HOUR, set_window
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.lifecycle import Action

ASKED = "DescribeWorkspacesConnectionStatus"
LATER = SPREAD.total_seconds() + 240


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def test_it_is_stopped_after_the_shift_and_runs_again_before_the_next(desk: Desk) -> None:
    workspace_id = with_hours(desk)

    sleep_until(desk, 0, "17:29")
    assert is_on(desk, workspace_id)
    desk.live(LATER)
    assert is_off(desk.row(workspace_id))
    sleep_until(desk, 1, "08:44")
    assert is_off(desk.row(workspace_id))
    desk.live(15 * 60)

    assert is_on(desk, workspace_id), "before 9:00"
    assert by_hours(desk, workspace_id) == ["stop_requested", "start_requested"]


def test_who_is_connected_at_the_end_of_the_shift_is_not_cut_off(desk: Desk) -> None:
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:20")
    connect(desk, workspace_id)

    desk.live(3 * 3600)

    assert is_on(desk, workspace_id)
    assert desk.calls("StopWorkspaces") == []


@pytest.mark.parametrize("point", ["connections_asked", "power", "powered"])
def test_a_worker_that_dies_at_the_stop_is_followed_by_one_that_asks_again(desk: Desk, point: str) -> None:
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")

    assert die_at(desk, point, until=lambda: desk.row(workspace_id).requested_action is Action.STOP)
    asked = len(desk.calls(ASKED))
    desk.live(600)

    assert is_off(desk.row(workspace_id))
    assert len(desk.calls(ASKED)) > asked
    # What was sent before is on its way down, and the cloud says nothing of it.
    assert by_hours(desk, workspace_id)[1:] == (["stop_withdrawn"] if point == "powered" else [])
    assert len(desk.calls("StopWorkspaces")) == 1


def test_who_connects_a_moment_before_the_stop_is_not_cut_off(desk: Desk) -> None:
    """The newest look at connections knows nothing of it: the question right before the call does."""
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")
    assert die_at(desk, "power", until=lambda: desk.row(workspace_id).requested_action is Action.STOP)

    connect(desk, workspace_id)
    desk.live(3600)

    assert is_on(desk, workspace_id)
    assert desk.calls("StopWorkspaces") == []
    assert by_hours(desk, workspace_id)[:2] == ["stop_requested", "stop_withdrawn"]


def test_who_stayed_is_followed_by_a_stop_when_they_have_been_away_for_a_while(desk: Desk) -> None:
    workspace_id = with_hours(desk, office_hours(idle_minutes=30))
    sleep_until(desk, 0, "17:20")
    connect(desk, workspace_id)
    desk.live(2 * 3600)

    desk.stage.disconnect(machine(desk, workspace_id))
    desk.live(20 * 60)
    assert is_on(desk, workspace_id), "perhaps they come back"
    desk.live(30 * 60)

    assert is_off(desk.row(workspace_id))


def test_what_a_person_stops_inside_the_hours_stays_off_until_the_next_shift(desk: Desk) -> None:
    workspace_id = with_hours(desk)
    desk.live(300)

    desk.press(workspace_id, Action.STOP)
    desk.live(3600)
    assert is_off(desk.row(workspace_id))
    sleep_until(desk, 1, "08:44")
    desk.live(15 * 60)

    assert is_on(desk, workspace_id)


def test_what_a_person_starts_outside_the_hours_runs_until_the_end_of_the_next_shift(desk: Desk) -> None:
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")
    desk.live(LATER)
    assert is_off(desk.row(workspace_id))

    desk.press(workspace_id, Action.START)
    desk.live(40 * 60)
    assert is_on(desk, workspace_id), "nobody is connected, and yet somebody pressed it"
    sleep_until(desk, 1, "17:29")
    desk.live(LATER)

    assert is_off(desk.row(workspace_id))


def test_a_stop_that_a_person_presses_while_the_hours_ask_for_one_is_the_persons(desk: Desk) -> None:
    """Nobody looks then who is connected."""
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")
    desk.sandbox.add_fault("throttle", operation="StopWorkspaces", times=2)
    for _ in range(60):
        desk.live(10, step_s=10)
        if desk.row(workspace_id).requested_action is Action.STOP:
            break
    assert desk.row(workspace_id).requested_action is Action.STOP
    connect(desk, workspace_id)

    desk.press(workspace_id, Action.STOP)
    desk.live(300)

    assert is_off(desk.row(workspace_id))


def test_on_a_holiday_it_stays_off(desk: Desk) -> None:
    """25 December 2026 is a Friday."""
    workspace_id = with_hours(desk, office_hours(holidays="DE"))
    sleep_until(desk, 30, "17:29")
    desk.live(LATER)
    assert is_off(desk.row(workspace_id))

    for day in (1, 1, 1):
        sleep_until(desk, day, "09:30")
        assert is_off(desk.row(workspace_id))
    sleep_until(desk, 1, "08:44")
    desk.live(15 * 60)

    assert desk.clock.now().date().isoformat() == "2026-12-28"
    assert is_on(desk, workspace_id)


def test_the_end_of_the_contract_wins_over_its_hours(desk: Desk) -> None:
    workspace_id = with_hours(desk)
    set_window(desk, desk.row(workspace_id).application_id, ends=HOUR)

    sleep_until(desk, 1, "08:44")
    desk.live(30 * 60)

    assert is_off(desk.row(workspace_id))
    assert by_hours(desk, workspace_id) == []


def test_hours_do_not_start_it_before_its_contract_begins(desk: Desk) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=48 * HOUR)
    workspace_id = with_hours(desk, application_id=application_id)
    desk.live(600)
    assert is_off(desk.row(workspace_id))

    sleep_until(desk, 1, "09:30")
    desk.live(300)
    assert is_off(desk.row(workspace_id)), "Wednesday, but the contract begins on Thursday at 11"
    sleep_until(desk, 1, "11:01")
    desk.live(600)

    assert is_on(desk, workspace_id)


def test_without_the_right_to_see_who_is_connected_it_is_never_stopped(desk: Desk) -> None:
    workspace_id = with_hours(desk)
    desk.stage.deny_connections()
    desk.live(1200)

    sleep_until(desk, 0, "17:29")
    desk.live(2 * 3600)

    assert is_on(desk, workspace_id)
    assert desk.calls("StopWorkspaces") == []


def test_hours_that_are_taken_away_leave_it_as_it_is(desk: Desk) -> None:
    workspace_id = with_hours(desk)

    give_hours(desk, workspace_id, None)
    sleep_until(desk, 0, "17:29")
    desk.live(3600)

    row = desk.row(workspace_id)
    assert is_on(desk, workspace_id)
    assert (row.hours_duty, row.hours_turn_at) == (None, None)
    assert desk.story(workspace_id)[-2:] == ["hours_changed", "hours_changed"]


def test_new_hours_count_at_once(desk: Desk) -> None:
    workspace_id = with_hours(desk, office_hours("14–15"))
    desk.live(600)
    assert desk.row(workspace_id).hours_duty is HoursDuty.IDLE

    desk.live(40 * 60)

    assert is_off(desk.row(workspace_id)), "at 11:50 nobody has been connected for a while"


def test_an_always_on_desktop_is_left_alone(desk: Desk) -> None:
    workspace_id = with_hours(desk)
    desk.sandbox.set_workspace(machine(desk, workspace_id), running_mode="ALWAYS_ON")
    desk.live(600)

    sleep_until(desk, 0, "17:29")
    desk.live(3600)

    assert by_hours(desk, workspace_id) == []
