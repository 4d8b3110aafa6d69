"""From the order to the desktop and back, on both databases."""

import pytest

from tests.conftest import both_databases
from tests.desk import WINDOWS, Desk
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, Phase, State
from webapp.services.connection import connection_of
from webapp.services.workspace_actions import delete_workspace, refresh

pytestmark = both_databases


def test_an_order_becomes_an_available_desktop(desk: Desk) -> None:
    workspace_id = desk.order(username="mina.park")
    assert desk.row(workspace_id).state is State.PENDING

    desk.live_until(workspace_id, State.AVAILABLE)

    [machine] = desk.machines()
    assert machine["user_name"] == "mina.park"
    assert desk.row(workspace_id).cloud_workspace_id == machine["workspace_id"]
    assert desk.story(workspace_id) == ["ordered", "create_sent", "create_accepted", "available"]


def test_the_machine_carries_the_claim_of_its_row(desk: Desk) -> None:
    workspace_id = desk.available()

    row = desk.row(workspace_id)
    [birth] = desk.sandbox.journal()
    installation, uid, generation = birth["claim"].split("/")
    assert (len(installation), uid, generation) == (32, row.uid, "1")


def test_each_transition_has_exactly_one_event(desk: Desk) -> None:
    workspace_id = desk.available()

    states = [(event.from_state, event.to_state) for event in desk.events(workspace_id)]
    assert states[0] == (None, "PENDING")
    for (_, before), (after, _) in zip(states, states[1:], strict=False):
        assert before == after


def test_the_link_is_made_of_user_name_and_registration_code(desk: Desk) -> None:
    workspace_id = desk.available(username="mina.park")

    row = refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)
    assert (
        connection_of(row, now=desk.clock.now()).connection_string == "workspaces://mina.park@WSdemo+BERTH1"
    )


def test_stop_and_start_bring_it_down_and_up_again(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.press(workspace_id, Action.STOP)
    assert desk.row(workspace_id).state is State.STOPPING
    desk.live_until(workspace_id, State.STOPPED)
    desk.press(workspace_id, Action.START)
    assert desk.row(workspace_id).state is State.STARTING
    desk.live_until(workspace_id, State.AVAILABLE)

    assert desk.row(workspace_id).requested_action is None
    assert desk.story(workspace_id)[-6:] == [
        "stop_requested",
        "stop_sent",
        "stop_done",
        "start_requested",
        "start_sent",
        "start_done",
    ]


def test_a_restart_is_sent_once(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.press(workspace_id, Action.RESTART)
    desk.press(workspace_id, Action.RESTART)
    assert desk.row(workspace_id).state is State.RESTARTING
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.calls("RebootWorkspaces")) == 1 + _probes(desk, "RebootWorkspaces")
    assert desk.row(workspace_id).requested_action is None


def test_terminate_ends_the_machine_and_then_the_row(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.press(workspace_id, Action.TERMINATE)
    desk.press(workspace_id, Action.TERMINATE)
    assert desk.row(workspace_id).state is State.TERMINATING
    desk.live_until(workspace_id, State.TERMINATED)

    assert [one["gone_at"] is not None for one in desk.sandbox.journal()] == [True]
    assert desk.row(workspace_id).due_at is None
    assert desk.story(workspace_id)[-3:] == ["terminate_requested", "terminating", "terminated"]


def test_terminate_before_anything_was_sent_needs_no_call(desk: Desk) -> None:
    workspace_id = desk.order()

    desk.press(workspace_id, Action.TERMINATE)
    desk.work()

    assert desk.row(workspace_id).state is State.TERMINATED
    assert desk.machines() == []


def test_terminate_during_creation_wins(desk: Desk) -> None:
    workspace_id = desk.order()
    desk.work()
    assert desk.row(workspace_id).phase is Phase.CREATING

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert [one["gone_at"] is not None for one in desk.sandbox.journal()] == [True]


def test_the_slot_is_free_again_when_the_machine_is_gone(desk: Desk) -> None:
    first = desk.available(username="mina.park")
    application_id = desk.row(first).application_id
    with pytest.raises(Conflict):
        desk.order(username="mina.park", application_id=application_id)

    desk.press(first, Action.TERMINATE)
    desk.live_until(first, State.TERMINATED)
    second = desk.available(username="mina.park", application_id=application_id)

    assert desk.row(second).state is State.AVAILABLE
    assert len(desk.sandbox.journal()) == 2


def test_a_deleted_workspace_is_terminated_first_and_leaves_the_lists(desk: Desk) -> None:
    workspace_id = desk.available()

    delete_workspace(desk.context, workspace_id, company_id=desk.provider.company_id or 0, actor=desk.actor)
    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.row(workspace_id).is_deleted
    assert [one["gone_at"] is not None for one in desk.sandbox.journal()] == [True]


def test_what_somebody_does_at_the_console_is_noticed(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state="STOPPED")
    desk.live(desk.settings.observe_interval_s + 60)

    assert desk.row(workspace_id).state is State.STOPPED


def test_a_machine_ended_at_the_console_ends_the_row(desk: Desk) -> None:
    workspace_id = desk.available()

    desk.sandbox.terminate_workspace(desk.row(workspace_id).cloud_workspace_id or "")
    refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)
    desk.live_until(workspace_id, State.TERMINATED)

    assert desk.row(workspace_id).error_code == "terminated_outside"


def test_refresh_asks_the_cloud_with_one_call(desk: Desk) -> None:
    workspace_id = desk.available()
    desk.sandbox.set_workspace(desk.row(workspace_id).cloud_workspace_id or "", state="STOPPED")
    before = len(desk.calls("DescribeWorkspaces"))

    row = refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)

    assert row.state is State.STOPPED
    assert len(desk.calls("DescribeWorkspaces")) == before + 1


def test_windows_bundles_can_be_ordered_too(desk: Desk) -> None:
    workspace_id = desk.available(workspace_type="windows", bundle_id=WINDOWS)

    assert desk.row(workspace_id).state is State.AVAILABLE


def test_a_hundred_orders_take_four_creates_and_no_look_per_desktop(desk: Desk) -> None:
    probes = _probes(desk, "CreateWorkspaces")
    looks_before = len(desk.calls("DescribeWorkspaces"))
    ids = [desk.order() for _ in range(100)]
    desk.work()
    assert {desk.row(one).phase for one in ids} == {Phase.CREATING}

    creates = len(desk.calls("CreateWorkspaces")) - probes
    looks_for_creating = len(desk.calls("DescribeWorkspaces")) - looks_before
    assert creates == 4
    assert looks_for_creating == 1

    desk.live(60, step_s=1)
    looks = len(desk.calls("DescribeWorkspaces")) - looks_before - looks_for_creating
    assert looks <= 4 * 2


def _probes(desk: Desk, operation: str) -> int:
    """Harmless calls of the credential test, by which it tries its rights."""
    return sum(1 for call in desk.calls(operation) if not call["accepted"])
