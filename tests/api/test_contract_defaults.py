"""The contract defaults of a job posting by the API, and whose window comes from them."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.test_applications import NEW, accept
from tests.api.test_hours import HOURS, SHIFT
from tests.api.test_windows import BERLIN, ENDS, SHOWN, window_of
from tests.api.world import Callers
from webapp.extensions import db
from webapp.models import TrailEntry

DEFAULTS = {
    "default_starts_at": None,
    "default_ends_at": ENDS,
    "default_days": 2000,
    "default_zone": "Europe/Berlin",
}
NO_HOURS = {"default_hours": None, "default_hours_in_own_zone": False}
NONE = {name: None for name in DEFAULTS} | NO_HOURS
GIVEN = [None, ENDS, "Europe/Berlin", 1]


def set_defaults(api: Callers, **changes: Any) -> dict[str, Any]:
    answer = api("PUT", f"/job-postings/{api.world.posting_id}/", json=DEFAULTS | changes)
    assert answer.status_code == 200, answer.json
    return answer.json


def defaults_of(posting: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in posting.items() if name.startswith("default_")}


def test_they_are_set_with_the_posting_and_changed_one_by_one(api: Callers):
    job = {"title": "Data analyst", "description": "Reads numbers."}
    without = api("POST", "/job-postings/", json=job).json
    made = api("POST", "/job-postings/", json=job | DEFAULTS).json

    one = f"/job-postings/{made['id']}/"
    shorter = api("PUT", one, json={"default_days": 30}).json
    renamed = api("PUT", one, json={"title": "Senior analyst"}).json
    without_end = api("PUT", one, json={"default_ends_at": None, "default_zone": None}).json

    assert defaults_of(without) == NONE
    assert defaults_of(made) == DEFAULTS | NO_HOURS
    assert defaults_of(shorter) == defaults_of(renamed) == DEFAULTS | NO_HOURS | {"default_days": 30}
    assert defaults_of(without_end) == NONE | {"default_days": 30, "default_zone": "UTC"}
    assert api("GET", one).json == without_end


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"default_days": 0}, "invalid", "default_days"),
        ({"default_days": 3651}, "invalid", "default_days"),
        ({"default_days": "30"}, "invalid", "default_days"),
        ({"default_ends_at": "2020-01-01T00:00:00Z"}, "window_invalid", "default_ends_at"),
        ({"default_ends_at": "2027-01-01T00:00:00"}, "invalid", "default_ends_at"),
        ({"default_starts_at": ENDS, "default_ends_at": ENDS}, "window_invalid", "default_ends_at"),
        ({"default_starts_at": "9999-01-01T00:00:00Z"}, "window_invalid", "default_starts_at"),
        ({"default_days": 1, "default_zone": "Nowhere"}, "time_zone_unknown", "default_zone"),
        ({"default_zone": "../UTC"}, "time_zone_unknown", "default_zone"),
        ({"default_hours": HOURS | {"zone": "Nowhere"}}, "time_zone_unknown", "default_hours.zone"),
        ({"default_hours": HOURS | {"shifts": [SHIFT, SHIFT]}}, "hours_invalid", "default_hours.monday"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(api: Callers, given, code, field):
    one = f"/job-postings/{api.world.posting_id}/"
    before = api("GET", one).json

    answer = api("PUT", one, json={"title": "Other"} | given)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert list(answer.json["errors"]) == [field]
    assert api("GET", one).json == before


def test_whoever_is_approved_gets_the_window_and_the_trail_says_from_where(api_app: Flask, api: Callers):
    set_defaults(api)

    approved = [api("POST", f"/applications/{api.world.waiting_application_id}/approve/") for _ in range(2)]

    assert {one.status_code for one in approved} == {200}
    assert window_of(approved[1].json) == GIVEN
    assert approved[1].json["has_default_window"] is True
    with api_app.app_context():
        [entry] = db.session.scalars(
            select(TrailEntry).where(
                TrailEntry.action == "api.approve_application", TrailEntry.changes != "[]"
            )
        )
        changed = {name: one for change in entry.changes for name, one in change.get("after", {}).items()}
        assert changed["has_default_window"] is True
        assert changed["window_zone"] == "Europe/Berlin"


def test_who_is_approved_already_keeps_what_they_have(api: Callers):
    one = f"/applications/{api.world.application_id}/"
    before = api("GET", one).json

    set_defaults(api)
    api("POST", f"{one}approve/")

    assert api("GET", one).json == before
    assert window_of(before) == [None, None, None, 0]


def test_a_window_of_their_own_comes_first(api: Callers):
    set_defaults(api)
    one = f"/applications/{api.world.waiting_application_id}/"
    api("PUT", f"{one}window/", json=BERLIN)

    approved = api("POST", f"{one}approve/").json

    assert (window_of(approved), approved["has_default_window"]) == (SHOWN, False)


def test_another_window_is_no_default_any_more(api: Callers):
    set_defaults(api)
    one = f"/applications/{api.world.waiting_application_id}/"
    api("POST", f"{one}approve/")

    changed = api("PUT", f"{one}window/", json={"starts_at": None, "ends_at": None}).json

    assert (window_of(changed), changed["has_default_window"]) == ([None, None, "UTC", 2], False)


@pytest.mark.parametrize(("given", "shown", "is_default"), [({}, GIVEN, True), (BERLIN, SHOWN, False)])
def test_a_hire_of_somebody_known_and_an_invitation_take_them_unless_a_window_is_given(
    api_app: Flask, api: Callers, given, shown, is_default
):
    job = {"title": "Data analyst", "description": "Reads numbers."}
    posting_id = api("POST", "/job-postings/", json=job | DEFAULTS).json["id"]

    known = api(
        "POST", "/applications/", json={"job_posting_id": posting_id, "email": "tess@people.example"} | given
    )
    invited = api("POST", "/applications/", json={"job_posting_id": posting_id, "email": NEW} | given)
    invitation = invited.json["invitation"]
    accept(api_app, invitation["url"], name="Mina Park")
    after = api("GET", f"/invitations/{invitation['id']}/").json
    accepted = api("GET", f"/applications/{after['application_id']}/").json

    for one in (known.json["application"], accepted):
        assert (window_of(one), one["has_default_window"]) == (shown, is_default)


def test_nobody_gets_a_contract_that_has_ended(api_app: Flask, api: Callers, frozen_clock):
    set_defaults(api, default_ends_at="2026-11-30T00:00:00Z")
    hire = {"job_posting_id": api.world.posting_id, "email": NEW}
    waiting = f"/applications/{api.world.waiting_application_id}/"
    invitation = api("POST", "/applications/", json=hire).json["invitation"]
    frozen_clock.pause(10 * 24 * 3600)

    refused = [
        api("POST", f"{waiting}approve/"),
        api("POST", "/applications/", json=hire),
        api("POST", "/invitations/", json=hire | {"kind": "hire"}),
    ]
    accept(api_app, invitation["url"], name="Mina Park")
    after = api("GET", f"/invitations/{invitation['id']}/").json

    assert {(one.status_code, one.json["code"]) for one in refused} == {(409, "default_end_passed")}
    assert api("GET", waiting).json["status"] == "submitted"
    accepted = api("GET", f"/applications/{after['application_id']}/").json
    assert accepted["ends_at"] == "2026-11-30T00:00:00Z", "better no access than one without an end"
    assert api("POST", f"{waiting}reject/").status_code == 200


def test_hours_of_the_posting_are_those_of_whoever_is_approved_until_somebody_sets_others(api: Callers):
    posting = api("PUT", f"/job-postings/{api.world.posting_id}/", json={"default_hours": HOURS}).json
    one = f"/applications/{api.world.waiting_application_id}/"

    approved = api("POST", f"{one}approve/").json
    without = api("PUT", f"{one}window/", json=BERLIN | {"hours": None}).json
    gone = api("PUT", f"/job-postings/{api.world.posting_id}/", json={"default_hours": None}).json

    assert (posting["default_hours"], posting["default_hours_in_own_zone"]) == (HOURS, False)
    assert (approved["hours"], approved["has_default_hours"]) == (HOURS, True)
    assert (approved["starts_at"], approved["has_default_window"]) == (None, False)
    assert (without["hours"], without["has_default_hours"]) == (None, False)
    assert defaults_of(gone) == NONE


def test_who_is_invited_gets_the_hours_besides_a_window_of_their_own(api_app: Flask, api: Callers):
    job = {"title": "Data analyst", "description": "Reads numbers.", "default_hours": HOURS}
    posting_id = api("POST", "/job-postings/", json=job).json["id"]

    hire = {"job_posting_id": posting_id, "email": NEW} | BERLIN
    invitation = api("POST", "/applications/", json=hire).json["invitation"]
    accept(api_app, invitation["url"], name="Mina Park")
    after = api("GET", f"/invitations/{invitation['id']}/").json

    accepted = api("GET", f"/applications/{after['application_id']}/").json
    assert (accepted["hours"], accepted["has_default_hours"]) == (HOURS, True)
    assert (window_of(accepted)[:3], accepted["has_default_window"]) == (SHOWN[:3], False)
