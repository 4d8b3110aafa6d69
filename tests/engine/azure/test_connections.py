"""Who is connected on Azure: the sessions of the pool, and what nobody remembers."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from tests.desk import Desk
from tests.engine.test_connections import days, is_near, known, look, machine, state
from webapp.domain.connections import ConnectionState
from webapp.domain.duties import LOOK_AT_CONNECTIONS
from webapp.domain.lifecycle import Action, State
from webapp.engine.reconcile import reconcile
from webapp.models import DesktopConnection

PERSON = "sam@example.com"
ASKED = "userSessions.listByHostPool"


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def come(desk: Desk, workspace_id: int, **more: str) -> datetime:
    desk.sandbox.open_session(machine(desk, workspace_id), PERSON, **more)
    return desk.clock.now()


def test_who_signs_in_and_out_is_seen_with_times_and_the_days_of_use(desk: Desk) -> None:
    workspace_id = desk.available(username=PERSON)
    look(desk)
    found = known(desk, workspace_id)
    assert found is not None and found.is_past_known
    assert (found.state, found.first_connected_at) == (ConnectionState.DISCONNECTED, None)

    came_at = come(desk, workspace_id)
    look(desk)
    seen_at = look(desk, timedelta(days=1))

    found = known(desk, workspace_id)
    assert found is not None
    assert found.state is ConnectionState.CONNECTED and is_near(found.first_connected_at, came_at)
    assert days(desk, workspace_id) == [came_at.date(), seen_at.date()]

    desk.stage.disconnect(machine(desk, workspace_id))
    look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert found.state is ConnectionState.DISCONNECTED
    assert is_near(found.last_connected_at, seen_at) and is_near(found.first_connected_at, came_at)
    assert desk.story(workspace_id).count("first_connected") == 1


def test_a_session_whose_person_has_left_it_open_is_not_connected(desk: Desk) -> None:
    workspace_id = desk.available(username=PERSON)
    look(desk)
    came_at = come(desk, workspace_id, state="Disconnected")

    look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert found.state is ConnectionState.DISCONNECTED and is_near(found.last_connected_at, came_at)


def test_one_list_serves_all_desktops_of_a_round(desk: Desk) -> None:
    made = [desk.order() for _ in range(4)]
    desk.work()
    for one in made:
        desk.live_until(one, State.AVAILABLE)
    look(desk)
    before = len(desk.calls(ASKED))

    look(desk)

    assert len(desk.calls(ASKED)) - before == 1
    assert {state(desk, one) for one in made} == {ConnectionState.DISCONNECTED}


def test_a_desktop_that_was_in_use_before_the_first_look_is_not_called_never_used_or_idle(
    desk: Desk,
) -> None:
    """As after an upgrade: Azure does not say who was there yesterday."""
    workspace_id = desk.available(username=PERSON)
    desk.clock.pause(3600 * 24 * 2)
    with desk.sessions.begin() as session:
        session.execute(delete(DesktopConnection))

    first_look = look(desk)

    found = known(desk, workspace_id)
    assert found is not None and not found.is_past_known
    assert is_near(found.quiet_since, first_look)

    come(desk, workspace_id)
    look(desk)
    assert desk.story(workspace_id).count("first_connected") == 0


def test_a_host_that_is_not_ours_is_found_by_its_machine(desk: Desk) -> None:
    """An adopted machine in a domain: its host's name is not its own."""
    workspace_id = desk.available(username=PERSON)
    look(desk)
    desk.sandbox.make_machine("byhand")
    desk.sandbox.open_session("byhand", "other@example.com")
    came_at = come(desk, workspace_id)

    look(desk)

    found = known(desk, workspace_id)
    assert found is not None and is_near(found.first_connected_at, came_at)


def test_without_the_right_nothing_fails_and_nothing_is_claimed(desk: Desk) -> None:
    workspace_id = desk.available(username=PERSON)
    come(desk, workspace_id)
    seen_at = look(desk)
    desk.stage.deny_connections()

    hidden_at = look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert found.state is ConnectionState.UNKNOWN and is_near(found.last_connected_at, seen_at)
    assert desk.duty(LOOK_AT_CONNECTIONS).failures == 0
    assert is_near(desk.credential().connections_hidden_at, hidden_at)


def test_a_pool_that_cannot_be_read_is_a_failing_duty_and_changes_nothing(desk: Desk) -> None:
    workspace_id = desk.available(username=PERSON)
    look(desk)
    come(desk, workspace_id)
    desk.sandbox.add_fault("http_503", operation=ASKED, times=9)

    desk.clock.pause(300)
    reconcile(desk.engine, desk.credential_id)

    assert desk.duty(LOOK_AT_CONNECTIONS).failures == 1
    assert state(desk, workspace_id) is ConnectionState.DISCONNECTED


def test_a_desktop_that_is_stopped_is_looked_at_once_more(desk: Desk) -> None:
    workspace_id = desk.available(username=PERSON)
    come(desk, workspace_id)
    look(desk)
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    look(desk)
    before = len(desk.calls(ASKED))
    look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert (found.state, found.is_watched) == (ConnectionState.DISCONNECTED, False)
    assert len(desk.calls(ASKED)) == before
    with desk.sessions() as session:
        assert session.scalars(select(DesktopConnection.workspace_id)).all() == [workspace_id]
