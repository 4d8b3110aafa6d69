"""Who is connected on Amazon: what is asked, what is written down, and what is said of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil

import pytest
from sqlalchemy import delete, event, select, update

from sandbox import demo
from tests.conftest import both_databases
from tests.desk import Desk
from webapp.domain.connections import IDLE_DAYS, ConnectionState
from webapp.domain.duties import LOOK_AT_CONNECTIONS
from webapp.domain.lifecycle import Action, State
from webapp.engine.duties.connections import rested_after
from webapp.engine.reconcile import reconcile
from webapp.models import Company, DesktopConnection, Duty, UseDay

ASKED = "DescribeWorkspacesConnectionStatus"
INTERVAL = timedelta(seconds=300)


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def is_near(one: datetime | None, other: datetime | None) -> bool:
    """The cloud's clock goes on while a test runs."""
    return one is not None and other is not None and abs(one - other) < timedelta(minutes=2)


def machine(desk: Desk, workspace_id: int) -> str:
    return desk.row(workspace_id).cloud_workspace_id or ""


def known(desk: Desk, workspace_id: int) -> DesktopConnection | None:
    with desk.sessions() as session:
        return session.get(DesktopConnection, workspace_id)


def state(desk: Desk, workspace_id: int) -> ConnectionState | None:
    found = known(desk, workspace_id)
    return None if found is None else found.state


def days(desk: Desk, workspace_id: int) -> Sequence[date]:
    with desk.sessions() as session:
        return session.scalars(
            select(UseDay.day).where(UseDay.workspace_id == workspace_id).order_by(UseDay.day)
        ).all()


def look(desk: Desk, after: timedelta = INTERVAL) -> datetime:
    """Let time pass; a worker comes and looks. When the look was."""
    desk.clock.pause(after.total_seconds())
    for _ in range(10):  # a nightly test or an inventory may come first
        with desk.sessions() as session:
            if (
                session.scalars(
                    select(Duty.last_good_at).where(
                        Duty.kind == LOOK_AT_CONNECTIONS, Duty.credential_id == desk.credential_id
                    )
                ).one()
                == desk.clock.now()
            ):
                break
        reconcile(desk.engine, desk.credential_id)
    return desk.clock.now()


def calls(desk: Desk) -> int:
    return len(desk.calls(ASKED))


@both_databases
def test_a_new_desktop_has_never_been_connected_to(desk: Desk) -> None:
    workspace_id = desk.available()

    looked_at = look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert (found.state, found.first_connected_at, found.last_connected_at) == (
        ConnectionState.DISCONNECTED,
        None,
        None,
    )
    assert found.quiet_since == desk.row(workspace_id).available_at
    assert days(desk, workspace_id) == []
    assert desk.credential().connections_looked_at == looked_at


@both_databases
def test_who_connects_and_leaves_is_seen_with_times_and_the_days_of_use(desk: Desk) -> None:
    workspace_id = desk.available()
    look(desk)
    came_at = desk.clock.now()
    desk.stage.connect(machine(desk, workspace_id), "")

    look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert (found.state, found.quiet_since) == (ConnectionState.CONNECTED, None)
    assert found.first_connected_at == found.last_connected_at
    assert is_near(found.first_connected_at, came_at)
    assert days(desk, workspace_id) == [came_at.date()]

    seen_at = look(desk, timedelta(hours=20))
    assert days(desk, workspace_id) == [came_at.date(), seen_at.date()]
    desk.stage.disconnect(machine(desk, workspace_id))
    look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert found.state is ConnectionState.DISCONNECTED and is_near(found.first_connected_at, came_at)
    assert found.last_connected_at == found.quiet_since
    assert is_near(found.quiet_since, seen_at)


def test_a_look_that_finds_nothing_new_writes_the_time_of_the_look_alone(desk: Desk) -> None:
    ids = [desk.available() for _ in range(3)]
    desk.stage.connect(machine(desk, ids[0]), "")
    look(desk)
    look(desk)
    before = [desk.row(one).version for one in ids]
    written = list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(statement.split()[1 if statement.startswith("UPDATE") else 2])

    event.listen(desk.database, "before_cursor_execute", note)
    looked_at = look(desk)
    event.remove(desk.database, "before_cursor_execute", note)

    assert not {"desktop_connections", "use_days", "workspaces", "events"} & set(written)
    assert desk.credential().connections_looked_at == looked_at
    assert [desk.row(one).version for one in ids] == before


def test_a_desktop_that_is_missing_from_the_answer_says_nothing(desk: Desk) -> None:
    new, used = desk.available(), desk.available()
    desk.stage.connect(machine(desk, used), "")
    with desk.sessions.begin() as session:
        session.execute(delete(DesktopConnection).where(DesktopConnection.workspace_id == new))
    desk.sandbox.set_workspace(machine(desk, new), state="PENDING")

    seen_at = look(desk)

    assert known(desk, new) is None
    assert state(desk, used) is ConnectionState.CONNECTED

    desk.sandbox.set_workspace(machine(desk, used), state="PENDING")
    look(desk)

    found = known(desk, used)
    assert found is not None
    assert found.state is ConnectionState.UNKNOWN and is_near(found.last_connected_at, seen_at)


def test_a_desktop_that_stops_is_asked_about_once_more_and_then_no_more(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.stage.connect(machine(desk, workspace_id), "")
    look(desk)
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)
    look(desk)
    before = calls(desk)

    look(desk)
    look(desk)

    assert calls(desk) == before
    found = known(desk, workspace_id)
    assert found is not None
    assert (found.state, found.is_watched) == (ConnectionState.UNKNOWN, False)

    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)
    look(desk)

    assert state(desk, workspace_id) is ConnectionState.DISCONNECTED
    assert calls(desk) > before


def test_a_desktop_that_has_ended_is_asked_about_no_more_and_keeps_what_is_known(desk: Desk) -> None:
    workspace_id = desk.available()
    came_at = desk.clock.now()
    desk.stage.connect(machine(desk, workspace_id), "")
    seen_at = look(desk)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert (found.state, found.quiet_since, found.is_watched) == (ConnectionState.UNKNOWN, None, False)
    assert is_near(found.first_connected_at, came_at)
    assert found.last_connected_at is not None and found.last_connected_at >= seen_at


@pytest.mark.parametrize("number", [1, 25, 26, 60])
def test_a_round_is_one_call_for_25_desktops(desk: Desk, number: int) -> None:
    made = [desk.order() for _ in range(number)]
    desk.work()
    for one in made:
        desk.live_until(one, State.AVAILABLE)
    look(desk)
    before = calls(desk)

    look(desk)

    assert calls(desk) - before == ceil(number / 25)
    assert {state(desk, one) for one in made} == {ConnectionState.DISCONNECTED}


def test_without_the_right_nothing_fails_and_nothing_is_claimed(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.stage.connect(machine(desk, workspace_id), "")
    seen_at = look(desk)
    desk.stage.deny_connections()

    hidden_at = look(desk)

    found = known(desk, workspace_id)
    assert found is not None
    assert (found.state, found.last_connected_at) == (ConnectionState.UNKNOWN, seen_at)
    assert desk.duty(LOOK_AT_CONNECTIONS).failures == 0
    assert desk.credential().connections_hidden_at == hidden_at
    assert desk.credential().connections_looked_at == seen_at
    before = calls(desk)
    look_again = desk.duty(LOOK_AT_CONNECTIONS).due_at - desk.clock.now()
    assert look_again > INTERVAL * 5
    assert calls(desk) == before

    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[])
    look(desk, timedelta(hours=1))

    assert desk.credential().connections_hidden_at is None
    assert state(desk, workspace_id) is ConnectionState.CONNECTED


def test_an_error_of_the_cloud_is_a_failing_duty_and_changes_nothing(desk: Desk) -> None:
    workspace_id = desk.available()
    looked_at = look(desk)
    desk.stage.connect(machine(desk, workspace_id), "")
    desk.sandbox.add_fault("error", operation=ASKED, times=9, code="InvalidParameterValuesException")

    desk.clock.pause(INTERVAL.total_seconds())
    reconcile(desk.engine, desk.credential_id)

    assert desk.duty(LOOK_AT_CONNECTIONS).failures == 1
    assert state(desk, workspace_id) is ConnectionState.DISCONNECTED
    assert desk.credential().connections_looked_at == looked_at


class Crash(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("point", ["connections_read", "connections_written"])
def test_a_crash_between_reading_and_writing_loses_and_doubles_nothing(desk: Desk, point: str) -> None:
    workspace_id = desk.available()
    look(desk)
    came_at = desk.clock.now()
    desk.stage.connect(machine(desk, workspace_id), "")

    def crash(name: str) -> None:
        if name == point:
            raise Crash

    desk.clock.pause(INTERVAL.total_seconds())
    with pytest.raises(Crash):
        reconcile(desk.make_engine(crashpoint=crash), desk.credential_id)
    look(desk, timedelta(hours=2))

    found = known(desk, workspace_id)
    assert found is not None and is_near(found.first_connected_at, came_at)
    assert days(desk, workspace_id) == [came_at.date()]
    assert desk.story(workspace_id).count("first_connected") == 1


@pytest.mark.parametrize(("took_min", "rests_min"), [(1, 4), (10, 40), (180, 60)])
def test_a_long_round_leaves_the_rate_to_others_and_one_whose_worker_slept_delays_no_stop_for_long(
    took_min: int, rests_min: int
) -> None:
    began_at = datetime(2026, 11, 24, 10, tzinfo=UTC)
    ended_at = began_at + timedelta(minutes=took_min)

    assert rested_after(began_at, ended_at) == ended_at + timedelta(minutes=rests_min)


def test_the_first_connection_is_said_once_and_not_what_the_very_first_look_finds(desk: Desk) -> None:
    old = desk.available()
    look(desk)
    new = desk.available()
    desk.stage.connect(machine(desk, new), "")
    for _ in range(3):
        look(desk)
        desk.stage.disconnect(machine(desk, new))
        look(desk)
        desk.stage.connect(machine(desk, new), "")

    assert desk.story(new).count("first_connected") == 1
    assert desk.story(old).count("first_connected") == 0


@both_databases
def test_a_desktop_is_said_to_be_idle_once_for_each_time_that_it_is(desk: Desk) -> None:
    never, left = desk.available(), desk.available()
    desk.stage.connect(machine(desk, left), "")
    look(desk)
    desk.stage.disconnect(machine(desk, left))
    look(desk)

    look(desk, timedelta(days=IDLE_DAYS) - INTERVAL * 5)
    assert "idle" not in desk.story(left)
    look(desk, timedelta(hours=1))
    look(desk, timedelta(hours=1))

    assert desk.story(never).count("idle") == desk.story(left).count("idle") == 1

    desk.stage.connect(machine(desk, left), "")
    look(desk)
    desk.stage.disconnect(machine(desk, left))
    look(desk)
    look(desk, timedelta(days=IDLE_DAYS))
    look(desk)

    assert desk.story(left).count("idle") == 2
    assert desk.story(never).count("idle") == 1


def test_a_company_says_after_how_many_days_a_desktop_is_idle(desk: Desk) -> None:
    workspace_id = desk.available()
    with desk.sessions.begin() as session:
        session.execute(update(Company).values(idle_days=2))
    look(desk)

    look(desk, timedelta(days=2))
    look(desk)

    assert desk.story(workspace_id).count("idle") == 1
