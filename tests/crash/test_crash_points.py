"""A worker dies at each named point, as by kill -9; what it began is finished by the next, once."""

import pytest

from tests import killing
from tests.conftest import postgres_first
from tests.desk import Desk
from webapp.domain.lifecycle import Action, State
from webapp.engine.reconcile import reconcile

pytestmark = [pytest.mark.crash, postgres_first]

CREATING = ["found", "intent", "created"]
ENDING = ["terminating", "terminated"]


def die_at(desk: Desk, point: str) -> None:
    """While it reconciles the account."""
    killing.die_at(desk, point, lambda engine: reconcile(engine, desk.credential_id))
    desk.notifier.notifications.clear()


@pytest.mark.parametrize("point", CREATING)
def test_a_worker_killed_while_creating_leaves_exactly_one_machine(desk: Desk, point: str) -> None:
    workspace_ids = [desk.order() for _ in range(3)]

    die_at(desk, point)
    for workspace_id in workspace_ids:
        desk.live_until(workspace_id, State.AVAILABLE)

    machines = desk.sandbox.journal()
    assert len({machine["claim"] for machine in machines}) == len(machines) == 3


@pytest.mark.parametrize("point", CREATING)
def test_a_cancel_after_the_crash_leaves_no_machine(desk: Desk, point: str) -> None:
    workspace_id = desk.order()

    die_at(desk, point)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert [machine for machine in desk.sandbox.journal() if machine["gone_at"] is None] == []


def test_a_lost_answer_and_a_crash_at_once_leave_exactly_one_machine(desk: Desk) -> None:
    desk.sandbox.add_fault("drop_after", operation="CreateWorkspaces", times=1)
    workspace_id = desk.order()

    die_at(desk, "refused")
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.sandbox.journal()) == 1


@pytest.mark.parametrize("point", ENDING)
def test_a_worker_killed_while_terminating_still_ends_the_machine(desk: Desk, point: str) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)

    die_at(desk, point)
    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.sandbox.journal()[0]["gone_at"] is not None


@pytest.mark.parametrize("point", ["power", "powered"])
def test_a_worker_killed_at_a_stop_still_stops_it(desk: Desk, point: str) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)

    die_at(desk, point)

    desk.live_until(workspace_id, State.STOPPED)


@pytest.mark.parametrize("point", ["power", "powered"])
def test_a_worker_killed_at_a_restart_never_restarts_twice(desk: Desk, point: str) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.RESTART)

    die_at(desk, point)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert sum(call["accepted"] for call in desk.calls("RebootWorkspaces")) <= 1


def test_nobody_gets_in_before_the_dead_workers_lease_has_run_out(desk: Desk) -> None:
    workspace_id = desk.order()
    die_at(desk, "intent")
    sent = len(desk.calls("CreateWorkspaces"))

    desk.live(desk.settings.lease_s - 2)
    assert len(desk.calls("CreateWorkspaces")) == sent
    desk.live(10)

    assert len(desk.calls("CreateWorkspaces")) == sent + 1
    assert desk.row(workspace_id).cloud_workspace_id is not None


def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(desk: Desk) -> None:
    workspace_id = desk.order()
    overtaken: list[str] = []

    def sleep_past_the_lease(name: str) -> None:
        if name == "intent" and not overtaken:
            overtaken.append(name)
            desk.clock.pause(desk.settings.lease_s * 40)
            reconcile(desk.engine, desk.credential_id)  # the next worker takes over and makes the machine

    reconcile(desk.make_engine(crashpoint=sleep_past_the_lease), desk.credential_id)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.sandbox.journal()) == 1
    assert len([call for call in desk.calls("CreateWorkspaces") if call["accepted"]]) == 1
