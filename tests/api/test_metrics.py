"""metrics/: the figures come from the log, and add up."""

from tests.api.world import READY, Callers


def test_a_new_order_has_run_for_no_time(api: Callers, frozen_clock):
    frozen_clock.pause(30)

    answer = api("GET", f"/workspaces/{api.world.workspace_id}/metrics/")

    assert answer.status_code == 200
    assert answer.json == {
        "provisioning_seconds": None,
        "time_in_state_seconds": {"PENDING": 30},
        "running_seconds": 0,
        "attempts": 0,
        "connection_state": None,
        "last_connected_at": None,
        "since": "2026-11-24T10:00:00Z",
    }


def test_time_is_reported_by_state_and_stops_with_the_workspace(api: Callers, change, frozen_clock):
    one = f"/workspaces/{api.world.workspace_id}/"
    frozen_clock.pause(60)
    change(api.world.workspace_id, **READY | {"available_at": frozen_clock.now()})
    api("POST", f"{one}restart/")
    frozen_clock.pause(100)
    change(api.world.workspace_id, requested_action=None, action_requested_at=None)
    api("POST", f"{one}terminate/")
    frozen_clock.pause(10)
    change(api.world.workspace_id, phase="gone", terminated_at=frozen_clock.now())
    frozen_clock.pause(3600)

    shown = api("GET", f"{one}metrics/").json

    assert shown["time_in_state_seconds"] == {"PENDING": 60, "RESTARTING": 100, "TERMINATING": 10}
    assert (shown["running_seconds"], shown["provisioning_seconds"]) == (100, 60)
