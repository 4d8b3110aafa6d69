"""The weekly hours of a contract through the API."""

from typing import Any

import pytest
from flask import Flask

from tests.api.world import Callers
from webapp.extensions import db
from webapp.models import Event, Workspace

OPEN: dict[str, Any] = {"starts_at": None, "ends_at": None, "window_zone": "Europe/Berlin"}
SHIFT = {"day": "monday", "from": "09:00", "to": "17:30"}
HOURS: dict[str, Any] = {"zone": "Europe/Berlin", "shifts": [SHIFT], "holidays": "DE-BY", "idle_minutes": 30}


def put(api: Callers, **sent: Any) -> Any:
    return api("PUT", f"/applications/{api.world.application_id}/window/", json=OPEN | sent)


def got(api: Callers) -> Any:
    return api("GET", f"/applications/{api.world.application_id}/").json


def test_hours_are_sent_with_the_window_and_the_desktop_has_them(api_app: Flask, api: Callers) -> None:
    answer = put(api, hours=HOURS)
    again = put(api, hours=HOURS)

    assert (answer.status_code, answer.json["hours"]) == (200, HOURS)
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert got(api)["hours"] == HOURS
    with api_app.app_context():
        row = db.session.get_one(Workspace, api.world.workspace_id)
        said = db.session.scalars(
            db.select(Event.message).where(Event.workspace_id == row.id, Event.event == "hours_changed")
        ).all()
        assert row.hours_json == HOURS
    assert said == [
        "The desktop now runs by hours: Mon 9:00–17:30 Europe/Berlin, not on public holidays (DE-BY)."
    ]


def test_left_out_they_stay_and_null_takes_them_away(api: Callers) -> None:
    put(api, hours=HOURS)

    kept = put(api, ends_at="2031-01-01T00:00:00Z")
    gone = put(api, hours=None)

    assert kept.json["hours"] == HOURS
    assert gone.json["hours"] is None
    assert gone.json["version"] > kept.json["version"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"zone": "Mars/Base"}, "time_zone_unknown"),
        ({"shifts": [SHIFT, SHIFT]}, "hours_invalid"),
        ({"shifts": [{**SHIFT, "to": "25:00"}]}, "hours_invalid"),
        ({"shifts": []}, "invalid"),
        ({"holidays": "XX"}, "hours_invalid"),
        ({"idle_minutes": 1}, "invalid"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_changes(
    api: Callers, change: dict[str, Any], code: str
) -> None:
    answer = put(api, ends_at="2031-01-01T00:00:00Z", hours=HOURS | change)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert got(api)["ends_at"] is None
