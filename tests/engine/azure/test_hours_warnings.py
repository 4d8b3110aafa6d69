"""Some minutes before the hours stop a desktop, who is at work reads of it there, once."""

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.engine.azure.test_hours import messages
from tests.engine.hours.story import (
    by_hours,
    die_at,
    is_off,
    is_on,
    machine,
    office_hours,
    sleep_until,
    with_hours,
)
from webapp.models import User, Workspace
from webapp.services import working_on

PERSON = "sam@example.com"
SESSIONS = "Microsoft.DesktopVirtualization/hostpools/sessionhosts/usersessions"
SEND = "userSessions.sendMessage"


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def at_work(desk: Desk, workdays: str = "9:00–17:30") -> int:
    """At eleven in the morning, and for the rest of the day."""
    workspace_id = with_hours(desk, office_hours(workdays), username=PERSON)
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON)
    desk.live(600)
    return workspace_id


def work_on(desk: Desk, workspace_id: int) -> None:
    working_on.work_on(desk.context, desk.session.get_one(Workspace, workspace_id), actor=desk.actor)
    desk.session.commit()


def titles(desk: Desk) -> list[str]:
    return [title for title, _ in messages(desk)]


def test_who_is_at_work_reads_a_quarter_of_an_hour_before_the_stop_when_it_comes(desk: Desk) -> None:
    workspace_id = at_work(desk)
    sleep_until(desk, 0, "17:09")
    assert messages(desk) == []

    desk.live(7 * 60)

    [[title, text]] = messages(desk)
    assert title == "Your working hours end soon"
    assert "From 24 Nov 2026, 17:30 CET on this desktop is switched off once you have signed out" in text
    assert "“Let me work on for 2 hours”" in text
    assert by_hours(desk, workspace_id) == ["hours_warned"]
    desk.live(3 * 3600)
    assert titles(desk) == ["Your working hours end soon", "Your working hours are over"]
    assert is_on(desk, workspace_id)


def test_it_is_said_in_the_language_and_the_zone_of_the_person(desk: Desk) -> None:
    at_work(desk)
    with desk.sessions.begin() as session:
        chosen = {"language": "de", "time_zone": "Europe/Lisbon"}
        session.execute(update(User).where(User.role == "seeker").values(chosen))
    sleep_until(desk, 0, "17:09")

    desk.live(7 * 60)

    [[title, text]] = messages(desk)
    assert title == "Ihre Arbeitszeit endet bald"
    assert "24. Nov. 2026, 16:30 WEZ" in text and "„2 Stunden weiterarbeiten“" in text


def test_nothing_is_said_where_nobody_is_connected(desk: Desk) -> None:
    workspace_id = with_hours(desk, username=PERSON)
    sleep_until(desk, 0, "17:09")

    desk.live(2100)

    assert desk.calls(SEND) == []
    assert by_hours(desk, workspace_id) == ["stop_requested"]
    assert is_off(desk.row(workspace_id))


@pytest.mark.parametrize(("point", "count"), [("warning", 0), ("warned", 1)])
def test_a_worker_that_dies_while_it_says_it_is_followed_by_one_that_does_not(
    desk: Desk, point: str, count: int
) -> None:
    workspace_id = at_work(desk)
    sleep_until(desk, 0, "17:09")
    assert die_at(desk, point, until=lambda: True)
    assert desk.row(workspace_id).hours_warn_at is None

    desk.live(600)

    assert len(messages(desk)) == count


def test_who_works_on_reads_it_before_the_two_hours_end_and_may_work_on_again(desk: Desk) -> None:
    workspace_id = at_work(desk)
    sleep_until(desk, 0, "17:05")
    work_on(desk, workspace_id)
    desk.live(3600)
    assert messages(desk) == []

    sleep_until(desk, 0, "18:44")
    desk.live(7 * 60)

    [[_, text]] = messages(desk)
    assert "19:05 CET" in text
    with desk.sessions() as session:
        row = session.get_one(Workspace, workspace_id)
        assert working_on.is_offered(row, desk.clock.now())
    work_on(desk, workspace_id)
    sleep_until(desk, 0, "20:30")
    desk.live(7 * 60)
    assert titles(desk) == ["Your working hours end soon"] * 2


def test_nothing_is_said_before_a_break_that_is_too_short_for_a_stop(desk: Desk) -> None:
    at_work(desk, "9:00–12:00, 12:30–17:30")
    sleep_until(desk, 0, "11:35")

    desk.live(3600)

    assert messages(desk) == []


def test_a_key_that_may_not_say_it_changes_nothing_else(desk: Desk) -> None:
    desk.sandbox.deny([f"{SESSIONS}/sendMessage/action"])
    workspace_id = at_work(desk)
    sleep_until(desk, 0, "17:09")

    desk.live(3600)

    assert messages(desk) == [] and by_hours(desk, workspace_id) == []
    assert is_on(desk, workspace_id)
    assert desk.credential().blocked_code is None
