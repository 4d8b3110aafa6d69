"""Between the question for many desktops and the sign-out of one: who is there then is seen, and counts."""

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.engine.azure.test_hibernation import set_hibernation
from tests.engine.hours.story import (
    after_the_question,
    by_hours,
    is_on,
    look_at_connections,
    machine,
    office_hours,
    sleep_until,
    sleep_until_turn,
    with_hours,
)
from webapp.models import Schedule

PERSON = "sam@example.com"
HOUR_S = 3600


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def has_session(desk: Desk, workspace_id: int, state: str) -> None:
    """The one that began at noon, in another state: who connects again gets it back."""
    now = desk.clock.now().timestamp()
    desk.sandbox.close_sessions(machine(desk, workspace_id))
    desk.sandbox.set_now(now - 5 * HOUR_S)
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON, state=state)
    desk.sandbox.set_now(now)


def left_open(desk: Desk) -> int:
    workspace_id = with_hours(desk, office_hours(idle_minutes=60), username=PERSON)
    sleep_until(desk, 0, "17:10")
    has_session(desk, workspace_id, "Disconnected")
    sleep_until(desk, 0, "17:29")
    return workspace_id


@pytest.mark.parametrize("hibernates", [False, True])
def test_who_is_seen_at_the_sign_out_gets_the_idle_minutes(desk: Desk, hibernates: bool) -> None:
    """Although the connection is lost again before the next look."""
    if hibernates:
        set_hibernation(desk)
    workspace_id = left_open(desk)
    after_the_question(desk, workspace_id, lambda: has_session(desk, workspace_id, "Active"))
    assert by_hours(desk, workspace_id)[:2] == ["stop_requested", "stop_withdrawn"]

    has_session(desk, workspace_id, "Disconnected")
    desk.live(30 * 60)

    assert is_on(desk, workspace_id), "they have an hour"


def test_a_state_that_nobody_knows_is_not_said_to_be_somebody(desk: Desk) -> None:
    workspace_id = left_open(desk)

    after_the_question(desk, workspace_id, lambda: has_session(desk, workspace_id, "Dreaming"))

    [said] = [one.message for one in desk.events(workspace_id) if one.event == "stop_withdrawn"]
    assert said == "The cloud does not say who is connected, so Berth sends no stop now."


def test_without_an_answer_at_that_moment_nothing_is_hibernated(desk: Desk) -> None:
    set_hibernation(desk)
    workspace_id = left_open(desk)

    def somebody_comes() -> None:
        has_session(desk, workspace_id, "Active")
        desk.sandbox.add_fault("error", operation="userSessions.list", times=-1, code="ServiceUnavailable")

    after_the_question(desk, workspace_id, somebody_comes)
    desk.live(60)

    assert "hibernation_sent" not in desk.story(workspace_id)
    assert by_hours(desk, workspace_id)[:2] == ["stop_requested", "stop_withdrawn"]


def test_looks_of_others_write_nothing_about_who_left_a_moment_ago(desk: Desk) -> None:
    """Each look of the account includes it while it waits; programs compare its version."""
    workspace_id = with_hours(desk, office_hours(idle_minutes=60), username=PERSON)
    sleep_until(desk, 0, "17:20")
    has_session(desk, workspace_id, "Active")
    sleep_until_turn(desk, workspace_id)
    has_session(desk, workspace_id, "Disconnected")
    look_at_connections(desk)
    other = desk.order()
    desk.live(60, step_s=5)
    before = desk.row(workspace_id).version

    for _ in range(15):
        with desk.sessions.begin() as session:
            at_once = update(Schedule).where(Schedule.workspace_id == other)
            session.execute(at_once.values(due_at=desk.clock.now()))
        desk.live(10, step_s=10)

    assert is_on(desk, workspace_id)
    assert desk.row(workspace_id).version == before
