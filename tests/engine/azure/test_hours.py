"""Power by hours on Azure: the same hours; a stop signs nobody out who is at work."""

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.engine.hours.story import (
    SPREAD,
    after_the_question,
    by_hours,
    is_off,
    is_on,
    machine,
    sleep_until,
    with_hours,
)
from webapp.domain.connections import ConnectionState
from webapp.models import DesktopConnection, User

PERSON = "sam@example.com"
LATER = SPREAD.total_seconds() + 360


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def messages(desk: Desk) -> list[list[str]]:
    """Shown in the sessions that are open."""
    hosts = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
    return [shown for host in hosts for one in host["sessions"] for shown in one["messages"]]


def test_it_is_deallocated_after_the_shift_and_runs_again_before_the_next(desk: Desk) -> None:
    workspace_id = with_hours(desk, username=PERSON)

    sleep_until(desk, 0, "17:29")
    assert is_on(desk, workspace_id)
    desk.live(LATER)
    assert is_off(desk.row(workspace_id))
    sleep_until(desk, 1, "08:44")
    desk.live(15 * 60)

    assert is_on(desk, workspace_id), "before 9:00"
    assert by_hours(desk, workspace_id) == ["stop_requested", "start_requested"]


def test_who_is_at_work_at_the_end_of_the_shift_is_neither_signed_out_nor_stopped(desk: Desk) -> None:
    workspace_id = with_hours(desk, username=PERSON)
    sleep_until(desk, 0, "17:20")
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON)

    desk.live(3 * 3600)

    assert is_on(desk, workspace_id)
    assert desk.calls("virtualMachines.deallocate") == []
    [host] = [one for one in desk.sandbox.parts() if one["kind"] == "host"]
    assert len(host["sessions"]) == 1


@pytest.mark.parametrize(
    ("state", "connection"),
    [
        ("Pending", ConnectionState.CONNECTED),
        ("UserProfileDiskMounted", ConnectionState.CONNECTED),
        ("Unknown", ConnectionState.UNKNOWN),
        ("Dreaming", ConnectionState.UNKNOWN),
    ],
)
def test_who_is_signing_in_at_the_end_of_the_shift_is_not_cut_off(
    desk: Desk, state: str, connection: ConnectionState
) -> None:
    """Neither is anybody in a state that Berth does not know."""
    workspace_id = with_hours(desk, username=PERSON)
    sleep_until(desk, 0, "17:10")
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON, state="Disconnected")
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON, state=state)

    sleep_until(desk, 0, "17:29")
    desk.live(LATER)

    assert is_on(desk, workspace_id)
    assert desk.calls("virtualMachines.deallocate") == []
    with desk.sessions() as session:
        assert session.get_one(DesktopConnection, workspace_id).state is connection


def test_who_comes_back_while_a_stop_waits_is_left_at_work(desk: Desk) -> None:
    """A session that was left open is signed out first, which takes time; then its person is there again."""
    desk.sandbox.set_settings(sign_out_s=86400)
    workspace_id = with_hours(desk, username=PERSON)
    sleep_until(desk, 0, "17:10")
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON, state="Disconnected")
    sleep_until(desk, 0, "17:29")
    for _ in range(60):
        desk.live(15, step_s=15)
        if desk.story(workspace_id)[-1] == "signing_out":
            break

    desk.sandbox.open_session(machine(desk, workspace_id), PERSON)
    desk.live(1800)

    assert is_on(desk, workspace_id)
    assert desk.calls("virtualMachines.deallocate") == []
    assert by_hours(desk, workspace_id)[:2] == ["stop_requested", "stop_withdrawn"]


@pytest.mark.parametrize("state", ["Active", "Dreaming"])
def test_who_connects_between_the_question_and_the_sign_out_is_left_at_work(desk: Desk, state: str) -> None:
    """The question is asked for several desktops at once, so seconds may pass until one is signed out."""
    workspace_id = with_hours(desk, username=PERSON)
    sleep_until(desk, 0, "17:10")
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON, state="Disconnected")
    sleep_until(desk, 0, "17:29")

    after_the_question(
        desk,
        workspace_id,
        lambda: desk.sandbox.open_session(machine(desk, workspace_id), PERSON, state=state),
    )
    desk.live(3600)

    assert is_on(desk, workspace_id)
    assert desk.calls("userSessions.delete") == desk.calls("virtualMachines.deallocate") == []
    assert by_hours(desk, workspace_id)[:2] == ["stop_requested", "stop_withdrawn"]


def test_a_session_that_was_left_open_is_signed_out_and_the_desktop_stopped(desk: Desk) -> None:
    workspace_id = with_hours(desk, username=PERSON)
    sleep_until(desk, 0, "17:10")
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON, state="Disconnected")

    sleep_until(desk, 0, "17:29")
    desk.live(LATER)

    assert is_off(desk.row(workspace_id))


def test_who_is_at_work_when_the_hours_end_reads_it_on_the_desktop_once_an_evening(desk: Desk) -> None:
    workspace_id = with_hours(desk, username=PERSON)
    sleep_until(desk, 0, "17:20")
    before = messages(desk)
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON)

    desk.live(3 * 3600)

    [[title, text]] = messages(desk)
    assert before == []
    assert title == "Your working hours are over"
    assert text.startswith("You can go on working: nobody is cut off. When nobody has been connected")
    assert "15 minutes" in text
    assert by_hours(desk, workspace_id) == ["hours_said"]
    assert is_on(desk, workspace_id)
    sleep_until(desk, 1, "17:29")
    desk.live(LATER)
    assert len(messages(desk)) == 2


def test_it_is_said_in_the_language_of_the_person(desk: Desk) -> None:
    workspace_id = with_hours(desk, username=PERSON)
    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.role == "seeker").values(language="de"))
    sleep_until(desk, 0, "17:20")
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON)

    desk.live(LATER + 600)

    [[title, text]] = messages(desk)
    assert title == "Ihre Arbeitszeit ist vorbei"
    assert "15 Minuten" in text


def test_a_key_that_may_not_send_it_or_a_session_that_is_not_in_use_changes_nothing_else(desk: Desk) -> None:
    sessions = "Microsoft.DesktopVirtualization/hostpools/sessionhosts/usersessions"
    desk.sandbox.deny([f"{sessions}/sendMessage/action"])
    workspace_id = with_hours(desk, username=PERSON)
    sleep_until(desk, 0, "17:20")
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON)

    desk.live(LATER + 600)

    assert messages(desk) == []
    assert by_hours(desk, workspace_id) == []
    assert is_on(desk, workspace_id)
    assert desk.credential().blocked_code is None
