"""A desktop whose host has not sent a heartbeat for hours or days is as healthy as its status says."""

import pytest

from tests.desk import Desk
from tests.engine.azure.test_flow import kinds
from webapp.domain.lifecycle import Action, State
from webapp.services.connection import connection_of
from webapp.services.workspace_actions import refresh

HOURS, DAYS = 5 * 3600, 6 * 86400


def can_connect(desk: Desk, workspace_id: int) -> bool:
    """The person gets a link; otherwise `connection_of` raises."""
    row = refresh(desk.context, workspace_id, company_id=desk.provider.company_id or 0)
    return bool(connection_of(row, now=desk.clock.now()).connection_string)


def test_a_host_without_any_time_goes_through_its_life_as_its_status_says(desk: Desk) -> None:
    desk.sandbox.set_settings(null_times=1)
    workspace_id = desk.available()
    name = desk.row(workspace_id).cloud_workspace_id
    assert desk.row(workspace_id).heartbeat_at is None
    assert can_connect(desk, workspace_id)

    desk.live(5400)  # longer than a failed launch is given
    assert desk.row(workspace_id).state is State.AVAILABLE
    for action, state in ((Action.STOP, State.STOPPED), (Action.START, State.AVAILABLE)):
        desk.press(workspace_id, action)
        desk.live_until(workspace_id, state)
    desk.press(workspace_id, Action.RESTART)
    desk.live(900)

    row = desk.row(workspace_id)
    assert (row.state, row.error_code, row.cloud_workspace_id) == (State.AVAILABLE, None, name)
    assert can_connect(desk, workspace_id)
    assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1, "host": 1}
    assert desk.calls("virtualMachines.delete") == desk.calls("sessionHosts.delete") == []


@pytest.mark.parametrize("age_s", [HOURS, DAYS])
def test_a_desktop_at_rest_stays_available_and_its_heartbeat_is_shown(desk: Desk, age_s: int) -> None:
    workspace_id = desk.available()
    name = desk.row(workspace_id).cloud_workspace_id or ""

    desk.sandbox.set_session_host(name, heartbeat_age_s=age_s)
    desk.live(3 * 3600, step_s=600)

    row = desk.row(workspace_id)
    assert (row.state, row.error_code) == (State.AVAILABLE, None)
    assert row.heartbeat_at is not None
    assert desk.sandbox.now() - row.heartbeat_at.timestamp() > age_s
    assert desk.story(workspace_id).count("state_seen") == 0
    assert kinds(desk) == {"vm": 1, "nic": 1, "disk": 1, "host": 1}


def test_a_restart_of_a_desktop_at_rest_ends_when_the_machine_is_no_longer_updated(desk: Desk) -> None:
    workspace_id = desk.available()
    name = desk.row(workspace_id).cloud_workspace_id or ""
    desk.press(workspace_id, Action.RESTART)
    desk.sweep()
    desk.sandbox.set_power(name, "running", provisioning="Updating")
    desk.sandbox.set_session_host(name, status="Available", heartbeat_age_s=DAYS)
    desk.live(300)
    assert desk.row(workspace_id).requested_action is Action.RESTART

    desk.sandbox.set_power(name, "running", provisioning="Succeeded")
    desk.live(300)

    assert desk.row(workspace_id).requested_action is None
    assert desk.row(workspace_id).state is State.AVAILABLE
    assert "restart_done" in desk.story(workspace_id)
