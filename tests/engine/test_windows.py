"""The contract is the switch: access begins and ends with its window, and can come back in the grace.

Played on both clouds: tests/engine/azure/test_windows.py imports these stories.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.desk import Desk
from tests.windows import (
    DAY,
    GRACE_DAYS,
    HOUR,
    access_of,
    pass_time,
    set_exactly,
    set_grace,
    set_window,
    settle,
    undo,
    until,
)
from webapp.domain.access import Access, Because
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, Desired, Phase, State
from webapp.domain.windows import TypedWindow
from webapp.queries.workspaces import get_workspace
from webapp.services.connection import connection_of

MINUTE = timedelta(minutes=1)
LAST_DAYS = [
    pytest.param("America/Havana", date(2027, 3, 13), datetime(2027, 3, 14, 5, tzinfo=UTC), id="skipped"),
    pytest.param("America/Havana", date(2027, 11, 6), datetime(2027, 11, 7, 4, tzinfo=UTC), id="twice"),
    pytest.param("Pacific/Pago_Pago", date(2026, 12, 31), datetime(2027, 1, 1, 11, tzinfo=UTC), id="-11"),
    pytest.param("Pacific/Kiritimati", date(2026, 12, 31), datetime(2026, 12, 31, 10, tzinfo=UTC), id="+14"),
    pytest.param("America/St_Johns", date(2027, 6, 30), datetime(2027, 7, 1, 2, 30, tzinfo=UTC), id="-2:30"),
    pytest.param("Europe/Berlin", date(2028, 2, 29), datetime(2028, 2, 29, 23, tzinfo=UTC), id="29 February"),
]
"""The midnight that ends the day: skipped in spring, shown twice in autumn (the first counts), far off."""


def can_connect(desk: Desk, workspace_id: int) -> bool:
    company_id = desk.row(workspace_id).company_id
    try:
        with desk.sessions() as session:
            row = get_workspace(session, workspace_id, company_id=company_id)
            return bool(connection_of(row, now=desk.clock.now()).connection_string)
    except Conflict as refused:
        assert refused.code == "not_connectable"
        return False


def hired(desk: Desk, *, ends: timedelta | None = 30 * DAY, starts: timedelta | None = None) -> int:
    """A desktop in use, of a person whose contract ends then."""
    application_id = desk.add_application().id
    workspace_id = desk.available(application_id=application_id)
    set_window(desk, application_id, starts=starts, ends=ends)
    settle(desk)
    return workspace_id


def assert_it_is_kept(desk: Desk, workspace_id: int) -> None:
    """Off, with its machine, and nobody has asked for its end."""
    row = desk.row(workspace_id)
    assert (row.phase, row.desired, row.state) == (Phase.READY, Desired.PRESENT, State.STOPPED), desk.story(
        workspace_id
    )
    assert desk.stage.machines()


def test_no_minute_more_with_the_scheduler_dead_for_an_hour(desk: Desk) -> None:
    workspace_id = hired(desk)
    ends_at = desk.row(workspace_id).ends_at
    assert ends_at is not None and can_connect(desk, workspace_id)

    desk.clock.pause(until(desk, ends_at, before=MINUTE).total_seconds())
    assert access_of(desk, workspace_id) is Access.OPEN
    desk.clock.pause(2 * 60)

    for _ in range(60):
        assert access_of(desk, workspace_id) is Access.SUSPENDED and not can_connect(desk, workspace_id)
        with pytest.raises(Conflict):
            desk.press(workspace_id, Action.START)
        desk.clock.pause(60)
    assert desk.row(workspace_id).suspended_at is None  # no worker has come, and none was needed


@pytest.mark.parametrize(("zone", "last_day", "ends_at"), LAST_DAYS)
def test_a_last_day_ends_access_at_its_local_midnight_with_the_scheduler_dead_for_an_hour(
    desk: Desk, zone: str, last_day: date, ends_at: datetime
) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    set_exactly(desk, application_id, TypedWindow(zone, last_day=last_day).window())
    assert desk.row(workspace_id).ends_at == ends_at

    desk.clock.pause(until(desk, ends_at).total_seconds() - 1)
    assert access_of(desk, workspace_id) is Access.OPEN and can_connect(desk, workspace_id)
    for seconds in (1, 60, 3540):
        desk.clock.pause(seconds)
        assert access_of(desk, workspace_id) is Access.SUSPENDED and not can_connect(desk, workspace_id)
    assert desk.row(workspace_id).suspended_at is None  # no worker has come yet
    desk.sweep()
    settle(desk)

    row = desk.row(workspace_id)
    assert row.suspended_at == ends_at + HOUR and row.destroy_at == row.suspended_at + GRACE_DAYS * DAY
    assert row.access_ended_at is not None
    assert_it_is_kept(desk, workspace_id)


def test_at_the_end_the_desktop_is_stopped_and_kept_for_the_grace_to_its_last_minute(desk: Desk) -> None:
    workspace_id = hired(desk)
    ends_at = desk.row(workspace_id).ends_at
    assert ends_at is not None

    pass_time(desk, until(desk, ends_at))

    row = desk.row(workspace_id)
    assert (row.suspended_because, row.suspended_at) == (Because.CONTRACT_ENDED, ends_at)
    assert row.access_ended_at is not None and row.destroy_at == ends_at + GRACE_DAYS * DAY
    assert_it_is_kept(desk, workspace_id)
    pass_time(desk, until(desk, row.destroy_at, before=13 * MINUTE))
    assert_it_is_kept(desk, workspace_id)
    desk.live((until(desk, row.destroy_at) + MINUTE).total_seconds())
    assert desk.row(workspace_id).desired is Desired.ABSENT
    desk.live_until(workspace_id, State.TERMINATED)
    assert desk.stage.machines() == []
    assert {"contract_ended", "access_ended", "grace_over"} <= set(desk.story(workspace_id))


def test_a_row_is_due_at_the_end_of_the_window_and_then_at_the_end_of_the_grace(desk: Desk) -> None:
    workspace_id = hired(desk, ends=14 * MINUTE)
    ends_at = desk.row(workspace_id).ends_at
    assert ends_at is not None

    desk.clock.pause(until(desk, ends_at).total_seconds() - 1)
    desk.sweep()
    assert desk.row(workspace_id).due_at == ends_at
    desk.clock.pause(1)
    desk.sweep()

    destroy_at = desk.row(workspace_id).destroy_at
    assert destroy_at == ends_at + GRACE_DAYS * DAY
    desk.clock.pause((until(desk, destroy_at) - MINUTE).total_seconds())
    desk.sweep()
    assert desk.row(workspace_id).due_at == destroy_at


@pytest.mark.parametrize("after", [timedelta(0), HOUR, GRACE_DAYS * DAY - MINUTE])
def test_an_extension_wins_at_any_moment_of_the_grace(desk: Desk, after: timedelta) -> None:
    workspace_id = hired(desk)
    row = desk.row(workspace_id)
    pass_time(desk, until(desk, row.ends_at or desk.clock.now()))
    destroy_at = desk.row(workspace_id).destroy_at
    assert destroy_at is not None
    desk.clock.pause(min(after, until(desk, destroy_at) - MINUTE).total_seconds())

    set_window(desk, row.application_id, ends=60 * DAY)

    assert access_of(desk, workspace_id) is Access.OPEN
    desk.clock.pause(120)
    settle(desk)
    row = desk.row(workspace_id)
    assert (row.desired, row.suspended_at, row.destroy_at) == (Desired.PRESENT, None, None)
    assert (row.access_cut_at, row.access_ended_at) == (None, None)
    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)
    assert can_connect(desk, workspace_id)


def test_a_terminated_desktop_is_blocked_at_once_and_comes_back_in_one_press(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = hired(desk, ends=None)
    now = desk.clock.now()

    row = desk.press(workspace_id, Action.TERMINATE)

    assert (row.desired, row.suspended_because) == (Desired.PRESENT, Because.TERMINATE_REQUESTED)
    assert row.destroy_at == now + GRACE_DAYS * DAY
    assert not can_connect(desk, workspace_id)
    settle(desk)
    assert_it_is_kept(desk, workspace_id)
    desk.press(workspace_id, Action.TERMINATE)  # a second press changes nothing
    assert desk.row(workspace_id).destroy_at == row.destroy_at

    undo(desk, workspace_id)
    undo(desk, workspace_id)

    assert access_of(desk, workspace_id) is Access.OPEN
    settle(desk)
    row = desk.row(workspace_id)
    assert (row.suspended_at, row.access_cut_at, row.access_ended_at) == (None, None, None)
    pass_time(desk, 8 * DAY)
    assert desk.row(workspace_id).desired is Desired.PRESENT
    assert desk.story(workspace_id).count("termination_undone") == 1


def test_after_the_grace_a_termination_cannot_be_undone(desk: Desk) -> None:
    set_grace(desk, 1)
    workspace_id = hired(desk, ends=None)
    desk.press(workspace_id, Action.TERMINATE)
    settle(desk)

    pass_time(desk, DAY)

    with pytest.raises(Conflict, match="too late"):
        undo(desk, workspace_id)
    desk.live_until(workspace_id, State.TERMINATED)


def test_a_desktop_that_was_never_usable_is_terminated_at_once(desk: Desk) -> None:
    set_grace(desk)
    workspace_id = desk.order()
    desk.work()

    assert desk.press(workspace_id, Action.TERMINATE).desired is Desired.ABSENT


def test_a_desktop_for_a_contract_that_has_not_begun_is_made_and_stays_off_until_it_begins(
    desk: Desk,
) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=2 * DAY)
    starts_at = desk.clock.now() + 2 * DAY

    workspace_id = desk.order(application_id=application_id)
    desk.live(3600)

    assert access_of(desk, workspace_id) is Access.NOT_YET and not can_connect(desk, workspace_id)
    assert_it_is_kept(desk, workspace_id)
    with pytest.raises(Conflict, match="has not begun"):
        desk.press(workspace_id, Action.START)
    pass_time(desk, until(desk, starts_at))
    assert access_of(desk, workspace_id) is Access.OPEN
    assert desk.row(workspace_id).access_cut_at is None
    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)
    assert can_connect(desk, workspace_id)


def test_nothing_is_ordered_and_nothing_new_made_for_a_contract_that_has_ended(desk: Desk) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, ends=HOUR)
    workspace_id = desk.order(application_id=application_id)
    desk.clock.pause(2 * 3600)
    settle(desk)

    row = desk.row(workspace_id)
    assert (row.phase, row.suspended_because) == (Phase.REQUESTED, Because.CONTRACT_ENDED)
    assert row.due_at == row.destroy_at and desk.stage.machines() == []
    pass_time(desk, 8 * DAY)
    assert desk.row(workspace_id).phase is Phase.GONE

    with pytest.raises(Conflict) as refused:
        desk.order(application_id=application_id)
    assert refused.value.code == "contract_ended"
