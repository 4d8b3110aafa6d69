"""The window of a contract by the API: given with the hire, changed later, followed by the desktop."""

from typing import Any

import pytest
from flask import Flask

from tests.api.test_applications import NEW, accept, hire
from tests.api.world import Callers
from tests.conftest import both_databases
from tests.desk import Desk
from tests.windows import HOUR, access_of, set_window
from webapp.domain.access import Access
from webapp.domain.roles import CompanyRole
from webapp.extensions import db
from webapp.models import Application, Event, Workspace
from webapp.services import tokens

STARTS, ENDS = "2027-03-01T08:00:00+01:00", "2027-06-30T22:00:00Z"
BERLIN = {"starts_at": STARTS, "ends_at": ENDS, "window_zone": "Europe/Berlin"}
SHOWN = ["2027-03-01T07:00:00Z", ENDS, "Europe/Berlin", 1]


def window_of(application: dict[str, Any]) -> list[Any]:
    return [application[name] for name in ("starts_at", "ends_at", "window_zone", "version")]


def test_a_window_is_given_with_the_hire_of_somebody_known(api: Callers):
    found = hire(api, "tess@people.example", **BERLIN).json["application"]

    assert window_of(found) == SHOWN
    assert window_of(api("GET", f"/applications/{found['id']}/").json) == SHOWN


def test_a_window_given_with_an_invitation_is_that_of_the_application(api_app: Flask, api: Callers):
    invitation = hire(api, NEW, **BERLIN).json["invitation"]
    again = hire_again(api, invitation)

    accept(api_app, again["url"], name="Mina Park")
    after = api("GET", f"/invitations/{invitation['id']}/").json

    assert window_of(api("GET", f"/applications/{after['application_id']}/").json) == SHOWN


def hire_again(api: Callers, invitation: dict[str, Any]) -> dict[str, Any]:
    """A new link without a word about the window, which stays."""
    body = {"job_posting_id": invitation["job_posting_id"], "email": NEW}
    again: dict[str, Any] = api("POST", "/applications/", json=body).json["invitation"]
    assert again["id"] == invitation["id"]
    return again


def test_without_a_window_there_is_none(api: Callers):
    found = hire(api, "tess@people.example").json["application"]

    assert window_of(found) == [None, None, None, 0]


def test_the_desktop_follows_a_change_and_both_show_the_same(api_app: Flask, api: Callers):
    path = f"/applications/{api.world.application_id}/"

    answer = api("PUT", f"{path}window/", json=BERLIN)
    again = api("PUT", f"{path}window/", json=BERLIN)

    assert (answer.status_code, window_of(answer.json)) == (200, SHOWN)
    assert (again.json, again.headers["ETag"]) == (answer.json, answer.headers["ETag"])
    assert api("GET", path).headers["ETag"] == answer.headers["ETag"]
    with api_app.app_context():
        row = db.session.get_one(Workspace, api.world.workspace_id)
        application = db.session.get_one(Application, api.world.application_id)
        assert (row.starts_at, row.ends_at) == (application.starts_at, application.ends_at)
        said = db.session.scalars(
            db.select(Event.actor).where(Event.workspace_id == row.id, Event.event == "window_changed")
        ).all()
    assert len(said) == 1 and said[0].startswith("token:")


def test_both_null_take_the_window_away(api: Callers):
    path = f"/applications/{api.world.application_id}/window/"
    api("PUT", path, json=BERLIN)

    answer = api("PUT", path, json={"starts_at": None, "ends_at": None})

    assert window_of(answer.json) == [None, None, "UTC", 2]


def test_a_change_is_made_only_to_the_window_that_was_read(api: Callers):
    path = f"/applications/{api.world.application_id}/"
    read = api("GET", path).headers["ETag"]

    changed = api("PUT", f"{path}window/", json=BERLIN, headers={"If-Match": read})
    late = api("PUT", f"{path}window/", json={"starts_at": None, "ends_at": None}, headers={"If-Match": read})

    assert (changed.status_code, late.status_code, late.json["code"]) == (200, 412, "precondition_failed")
    assert window_of(api("GET", path).json) == SHOWN


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"starts_at": ENDS, "ends_at": STARTS}, "window_invalid", "ends_at"),
        ({"starts_at": STARTS, "ends_at": STARTS}, "window_invalid", "ends_at"),
        ({"starts_at": "9999-12-31T23:59:59-11:00", "ends_at": None}, "window_invalid", "starts_at"),
        ({"starts_at": None, "ends_at": "0001-01-01T00:00:00+14:00"}, "window_invalid", "ends_at"),
        ({"starts_at": None, "ends_at": None, "window_zone": "Nowhere"}, "time_zone_unknown", "window_zone"),
        ({"starts_at": None, "ends_at": None, "window_zone": "../UTC"}, "time_zone_unknown", "window_zone"),
        ({"starts_at": "2027-03-01T08:00:00", "ends_at": None}, "invalid", "starts_at"),
        ({"starts_at": STARTS}, "invalid", "ends_at"),
        ({}, "invalid", "starts_at"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(api: Callers, given, code, field):
    path = f"/applications/{api.world.application_id}/"
    api("PUT", f"{path}window/", json=BERLIN)

    answer = api("PUT", f"{path}window/", json=given)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert field in answer.json["errors"]
    assert window_of(api("GET", path).json) == SHOWN


def test_nobody_is_hired_with_a_window_that_cannot_be_meant(api: Callers):
    before = api("GET", "/applications/").json["count"]

    answer = hire(api, "tess@people.example", **BERLIN | {"ends_at": STARTS})

    assert (answer.status_code, answer.json["code"]) == (422, "window_invalid")
    assert api("GET", "/applications/").json["count"] == before


@both_databases
def test_a_later_end_gives_access_back(app: Flask, desk: Desk):
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, ends=HOUR)
    desk.clock.pause(HOUR.total_seconds())
    desk.sweep()
    assert access_of(desk, workspace_id) is Access.SUSPENDED
    desk.session.commit()
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="windows")

    answer = app.test_client().put(
        f"/api/workspaces/applications/{application_id}/window/",
        json={"starts_at": None, "ends_at": "2027-12-31T00:00:00Z"},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 200
    assert access_of(desk, workspace_id) is Access.OPEN
    assert desk.story(workspace_id)[-1] == "window_extended"


@pytest.mark.parametrize(
    ("role", "status"), [(CompanyRole.RECRUITER, 403), (CompanyRole.MANAGER, 200), (None, 200)]
)
def test_the_role_of_a_token_says_whether_it_may_end_a_contract_within_a_day(
    app: Flask, desk: Desk, role: CompanyRole | None, status: int
):
    workspace_id = desk.available()
    desk.session.commit()
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="ends", company_role=role)
    soon = (desk.clock.now() + HOUR).isoformat()

    answer = app.test_client().put(
        f"/api/workspaces/applications/{desk.row(workspace_id).application_id}/window/",
        json={"starts_at": None, "ends_at": soon},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == status, answer.text
    assert (desk.row(workspace_id).ends_at is None) == (status == 403)
    if status == 403:
        assert (answer.json["code"], list(answer.json["errors"])) == ("forbidden", ["ends_at"])
