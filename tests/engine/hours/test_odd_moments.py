"""Power by hours where the cloud refuses, somebody comes for a moment, or access is given back."""

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.engine.hours.story import (
    SPREAD,
    by_hours,
    connect,
    die_at,
    is_off,
    is_on,
    look_at_connections,
    machine,
    office_hours,
    sleep_until,
    sleep_until_turn,
    with_hours,
)
from tests.rows import set_rows
from tests.windows import DAY, HOUR, set_grace, set_window, undo
from webapp.domain.duties import LOOK_AT_CONNECTIONS, TAKE_INVENTORY
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.hours.week import Hours
from webapp.domain.lifecycle import Action
from webapp.engine.duties.running import READING_LIMIT_S
from webapp.engine.reconcile import reconcile
from webapp.models import Duty, Workspace

LOOK, STOP = "DescribeWorkspacesConnectionStatus", "StopWorkspaces"
LATER = SPREAD.total_seconds() + 240


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


@pytest.mark.parametrize("kind", ["error", "item_error"])
def test_a_stop_that_the_cloud_refuses_is_sent_again_at_the_next_edge_only(desk: Desk, kind: str) -> None:
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:29")
    desk.sandbox.add_fault(kind, operation=STOP, times=-1, code="InvalidParameterValuesException")

    desk.live(2 * 3600)

    row = desk.row(workspace_id)
    assert is_on(desk, workspace_id) and row.requested_action is None
    assert row.error_code is not None, "a person sees why it still runs"
    assert len(desk.calls(STOP)) == 1
    assert by_hours(desk, workspace_id) == ["stop_requested"]
    desk.sandbox.clear_faults()
    sleep_until(desk, 1, "17:29")
    desk.live(LATER)
    assert is_off(desk.row(workspace_id))


def test_who_comes_for_a_moment_before_an_idle_stop_gets_the_idle_minutes_again(desk: Desk) -> None:
    """The looks at connections know nothing of it: the question right before the call does."""
    workspace_id = with_hours(desk, office_hours(idle_minutes=30))
    sleep_until(desk, 0, "17:20")
    connect(desk, workspace_id)
    desk.live(1800)
    desk.stage.disconnect(machine(desk, workspace_id))
    desk.live(1200)
    assert die_at(desk, "power", until=lambda: desk.row(workspace_id).requested_action is Action.STOP)

    connect(desk, workspace_id)
    desk.stage.disconnect(machine(desk, workspace_id))
    desk.live(20 * 60)

    assert is_on(desk, workspace_id), "perhaps they come back"
    assert by_hours(desk, workspace_id)[:2] == ["stop_requested", "stop_withdrawn"]
    desk.live(20 * 60)
    assert is_off(desk.row(workspace_id))


def test_who_leaves_after_a_failed_look_and_one_whose_worker_slept_is_seen_to_have_left(
    desk: Desk,
) -> None:
    workspace_id = with_hours(desk)
    sleep_until(desk, 0, "17:20")
    connect(desk, workspace_id)
    desk.sandbox.add_fault("http_503", operation=LOOK, times=-1)
    look_at_connections(desk)
    desk.sandbox.clear_faults()
    slept = list[str]()

    def sleep(point: str) -> None:
        if point == "connections_read" and not slept:
            slept.append(point)
            desk.clock.pause(READING_LIMIT_S + 1)

    desk.clock.pause(90)
    reconcile(desk.make_engine(crashpoint=sleep), desk.credential_id)
    assert slept and desk.duty(LOOK_AT_CONNECTIONS).failure_code == "duty_too_slow"
    desk.stage.disconnect(machine(desk, workspace_id))
    desk.live(3600)

    assert is_off(desk.row(workspace_id))


def loses_connection(desk: Desk, hours: Hours) -> int:
    """Somebody at work, right before their desktop's turn to be stopped, and a look sees it."""
    workspace_id = with_hours(desk, hours)
    sleep_until(desk, 0, "17:20")
    connect(desk, workspace_id)
    sleep_until_turn(desk, workspace_id)
    desk.stage.disconnect(machine(desk, workspace_id))
    look_at_connections(desk)
    return workspace_id


def test_who_loses_the_connection_at_the_end_of_the_shift_has_minutes_to_come_back(desk: Desk) -> None:
    """Then it is stopped, and not after the idle minutes: they have left."""
    workspace_id = loses_connection(desk, office_hours(idle_minutes=60))

    desk.live(4 * 60)
    assert is_on(desk, workspace_id)
    assert desk.calls(STOP) == []
    desk.live(SPREAD.total_seconds() + 6 * 60)

    assert is_off(desk.row(workspace_id))
    assert len(desk.calls(STOP)) == 1


def test_who_comes_back_within_minutes_of_a_lost_connection_is_not_cut_off(desk: Desk) -> None:
    workspace_id = loses_connection(desk, office_hours())

    desk.live(4 * 60)
    connect(desk, workspace_id)
    desk.live(3600)

    assert is_on(desk, workspace_id)
    assert desk.calls(STOP) == []


@pytest.mark.parametrize(("undone_at", "runs"), [("12:00", True), ("20:00", False)])
def test_a_termination_that_is_undone_inside_a_shift_starts_the_desktop(
    desk: Desk, undone_at: str, runs: bool
) -> None:
    set_grace(desk)
    workspace_id = with_hours(desk)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live(600)
    assert is_off(desk.row(workspace_id))
    sleep_until(desk, 0, undone_at)

    undo(desk, workspace_id)
    desk.live(900)

    assert is_on(desk, workspace_id) is runs


def test_a_contract_that_is_extended_after_its_end_starts_the_desktop_inside_a_shift(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = with_hours(desk)
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, ends=HOUR)
    desk.live(5400)
    assert is_off(desk.row(workspace_id))

    set_window(desk, application_id, ends=9 * DAY)
    desk.live(900)

    assert is_on(desk, workspace_id)


@pytest.mark.parametrize("duty", [HoursDuty.START, HoursDuty.STOP])
def test_an_inventory_does_not_put_off_the_look_that_an_edge_has_asked_for(
    desk: Desk, duty: HoursDuty
) -> None:
    workspace_id = with_hours(desk)
    desk.live(600)
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        set_rows(session, Workspace.id == workspace_id, hours_duty=duty, due_at=now)
        session.execute(update(Duty).where(Duty.kind == TAKE_INVENTORY).values(due_at=now))
    desk.clock.pause(1)

    desk.sweep()

    assert desk.row(workspace_id).hours_duty is not duty, "the look came at once"
