"""Group orders by a profile through the API."""

from typing import Any

import pytest
from flask import Flask

from tests.api.test_hours import HOURS
from tests.api.test_profiles import DESKTOP, add
from tests.api.world import Callers
from webapp.extensions import db
from webapp.models import CloudCredential

PRICED = {"workspace_type": "windows", "bundle_id": "wsb-windows01"}
"""Its list price is known."""


def body(api: Callers, profile: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"application_id": one} for one in api.world.free_application_ids[:1]]
    return {"name": "March intake", "profile_id": profile["id"], "people": listed} | more


def test_the_check_has_price_and_hours_and_the_order_is_by_that_version(api: Callers):
    profile = add(api, default_hours=HOURS, username_pattern="desk-{first}", **PRICED)

    checked = api("POST", "/cohorts/check/", json=body(api, profile)).json
    ordered = api("POST", "/cohorts/", json=body(api, profile, profile_version=checked["profile_version"]))

    assert (checked["profile_version"], checked["price_currency"]) == (1, "USD")
    assert checked["month_price_minor"] > 0
    [person] = checked["people"]
    assert (person["username"], person["hours"], person["code"]) == ("desk-sam", HOURS, None)
    made = ordered.json
    assert (ordered.status_code, made["profile_id"], made["profile_version"]) == (201, profile["id"], 1)
    assert made["bundle_id"] == PRICED["bundle_id"]
    workspace = api("GET", f"/workspaces/{made['people'][0]['workspace_id']}/").json
    assert (workspace["profile_id"], workspace["profile_version"]) == (profile["id"], 1)
    assert api("GET", f"/applications/{person['application_id']}/").json["hours"] == HOURS


def test_without_a_profile_the_check_has_the_hours_that_contracts_have(api: Callers):
    plain = body(api, {"id": None}) | DESKTOP

    checked = api("POST", "/cohorts/check/", json=plain).json

    assert (checked["profile_version"], checked["people"][0]["hours"]) == (None, None)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (DESKTOP, "cloud_credential_id"),
        ({"bundle_id": "wsb-ubuntu001"}, "bundle_id"),
        ({"profile_id": None} | DESKTOP | {"bundle_id": None}, "bundle_id"),
        ({"profile_id": None}, "cloud_credential_id"),
        ({"profile_id": None, "profile_version": 1} | DESKTOP, "profile_version"),
        ({"profile_id": 9999}, "profile_id"),
    ],
)
@pytest.mark.parametrize("path", ["/cohorts/", "/cohorts/check/"])
def test_either_a_profile_or_account_and_size(api: Callers, path: str, more: dict[str, Any], field: str):
    profile = add(api)

    answer = api("POST", path, json=body(api, profile, **more))

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert api("GET", "/cohorts/").json["count"] == 1


def test_what_was_checked_before_a_change_or_costs_too_much_is_refused(api: Callers):
    profile = add(api, **PRICED)
    one = f"/profiles/{profile['id']}/"
    api("PUT", one, json={"month_cap_minor": 1, "cap_currency": "USD"})

    late = api("POST", "/cohorts/", json=body(api, profile, profile_version=1))
    dear = [api("POST", path, json=body(api, profile)) for path in ("/cohorts/check/", "/cohorts/")]

    assert (late.status_code, late.json["code"]) == (409, "profile_changed")
    assert {(answer.status_code, answer.json["code"]) for answer in dear} == {(409, "profile_cap_reached")}
    assert api("GET", "/cohorts/").json["count"] == 1


def test_the_profile_creates_the_users_of_people_without_a_name(api_app: Flask, api: Callers):
    with api_app.app_context():
        credential = db.session.get_one(CloudCredential, api.world.credential_id)
        credential.observed = credential.observed | {"makes_users": True}
        db.session.commit()
    profile = add(api, create_user=True)
    [first, second, *_] = api.world.free_application_ids
    listed = [{"application_id": first}, {"application_id": second, "username": "sam.two"}]

    checked = api("POST", "/cohorts/check/", json=body(api, profile, people=listed)).json["people"]

    assert [one["create_user"] for one in checked] == [True, False]
