"""Running modes by real use through the API."""

from typing import Any

from flask import Flask

from tests.api.world import Callers
from webapp.extensions import db
from webapp.models import CloudCredential, Workspace

PATH = "/running-modes/"
SAVING: dict[str, Any] = {
    "mode": "ALWAYS_ON",
    "hours": 300,
    "saves_minor": 6475,
    "currency": "USD",
    "why_not": "contract_ends",
}


def keep(app: Flask, api: Callers) -> None:
    """As a night has found it; the second is a desktop that another company has."""
    with app.app_context():
        row = db.session.get_one(Workspace, api.world.workspace_id)
        kept = [SAVING | {"workspace_id": one} for one in (row.id, row.id + 1000)]
        account = db.session.get_one(CloudCredential, row.credential_id)
        account.mode_savings = {"month": "2026-10-01", "desktops": kept}
        row.running_mode = "AUTO_STOP"
        db.session.commit()


def test_it_is_off_until_somebody_chooses_and_says_what_the_night_has_found(api_app: Flask, api: Callers):
    before = api("GET", PATH)
    keep(api_app, api)

    chosen = api("PUT", PATH, json={"switching": "advise"})
    found = api("GET", PATH).json

    assert before.json == {"switching": "off", "workspaces": []}
    assert (chosen.status_code, chosen.json) == (200, found)
    assert found == {
        "switching": "advise",
        "workspaces": [
            {
                "workspace_id": api.world.workspace_id,
                "running_mode": "AUTO_STOP",
                "cheaper_mode": "ALWAYS_ON",
                "month": "2026-10-01",
                "hours": 300,
                "saves_minor": 6475,
                "currency": "USD",
                "why_not": "contract_ends",
            }
        ],
    }
    assert api("GET", PATH, by="other provider").json == {"switching": "off", "workspaces": []}


def test_only_what_was_read_is_changed_and_only_into_what_there_is(api: Callers):
    tag = {"If-Match": api("GET", PATH).headers["ETag"]}

    first = api("PUT", PATH, json={"switching": "switch"}, headers=tag)
    late = api("PUT", PATH, json={"switching": "off"}, headers=tag)
    wrong = api("PUT", PATH, json={"switching": "always"})

    assert (first.status_code, late.status_code, wrong.status_code) == (200, 412, 422)
    assert api("GET", PATH).json["switching"] == "switch"
