"""A desktop whose host has not sent a heartbeat for hours or days is as healthy as its status says."""

import pytest

from tests.desk import Desk
from tests.engine.azure.test_flow import kinds
from webapp.domain.lifecycle import Action, State

HOURS, DAYS = 5 * 3600, 6 * 86400


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
