"""metrics/: the figures come from the log, and add up."""

from flask import Flask

from tests.api.world import READY, START, Callers
from webapp.domain.costs.bills import Source
from webapp.extensions import db
from webapp.models import BilledTotal, CostDay


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
        "cost": {"month": "2026-11-01", "estimated": None, "billed": None},
    }


def test_the_cost_is_that_of_costs(api: Callers, api_app: Flask):
    world = api.world
    account = {"company_id": world.company_id, "credential_id": world.credential_id}
    amount = {"day": START.date(), "currency": "EUR", "amount_minor": 321}
    with api_app.app_context():
        db.session.add(CostDay(**account, **amount, source=Source.BILLED, workspace_id=world.workspace_id))
        db.session.add(
            BilledTotal(**account, **amount, is_provisional=True, is_by_machine=True, read_at=START)
        )
        db.session.commit()

    one = f"/workspaces/{world.workspace_id}/"
    costs, cost = api("GET", f"{one}costs/").json, api("GET", f"{one}metrics/").json["cost"]

    assert cost["billed"] == costs["billed"]["amounts"] == [{"amount_minor": 321, "currency": "EUR"}]
    assert (cost["month"], cost["estimated"]) == (costs["month"], None)


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
