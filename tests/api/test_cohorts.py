"""Group orders by the API: checked without a change, ordered once, and read with what became of each."""

from typing import Any

import pytest
from flask import Flask

from tests.api.test_callers import COHORT
from tests.api.world import Callers
from webapp.extensions import db
from webapp.models import Application, CloudCredential, IdempotencyKey

KEY = {"Idempotency-Key": "analysts"}


def people(api: Callers) -> list[dict[str, Any]]:
    free = api.world.free_application_ids
    return [
        {"application_id": free[0]},
        {"application_id": free[1], "username": "sam.two"},
        {"email": "nobody@people.example"},
        {"application_id": api.world.waiting_application_id},
        {"application_id": free[0]},
    ]


def test_a_check_says_what_would_be_ordered_and_orders_nothing(api: Callers):
    before = api("GET", "/workspaces/").json["count"]

    found = api("POST", "/cohorts/check/", json=COHORT | {"people": people(api)}).json

    assert [(one["place"], one["username"], one["code"]) for one in found["people"]] == [
        (1, "sam", None),
        (2, "sam.two", None),
        (3, "", "person_unknown"),
        (4, "tess", "application_not_approved"),
        (5, "sam", "listed_twice"),
    ]
    assert (found["count"], found["refused"]) == (5, 3)
    assert api("GET", "/workspaces/").json["count"] == before
    assert api("GET", "/cohorts/").json["count"] == 1


def test_an_order_is_for_everybody_against_whom_nothing_speaks(api: Callers):
    answer = api("POST", "/cohorts/", json=COHORT | {"people": people(api)})

    made = answer.json
    assert (answer.status_code, made["people_count"], made["ordered_count"]) == (201, 5, 2)
    assert [one["state"] for one in made["people"]] == ["PENDING", "PENDING", None, None, None]
    assert api("GET", f"/workspaces/{made['people'][1]['workspace_id']}/").json["username"] == "sam.two"
    assert api("GET", answer.headers["Location"].removeprefix("/api/workspaces")).json == made
    listed = api("GET", "/cohorts/").json["cohorts"]
    assert [one["id"] for one in listed] == [made["id"], api.world.cohort_id]
    assert listed[0] == {name: made[name] for name in listed[0]}


def test_the_pattern_names_whom_the_list_does_not_name(api: Callers):
    body = COHORT | {"username_pattern": "desk-{first}"}

    found = api("POST", "/cohorts/check/", json=body).json
    wrong = api("POST", "/cohorts/check/", json=body | {"username_pattern": "{nobody}"})

    assert [one["username"] for one in found["people"]] == ["desk-sam"]
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["username_pattern"])


def test_the_same_key_is_one_group_order(api: Callers):
    first = api("POST", "/cohorts/", json=COHORT, headers=KEY)
    again = api("POST", "/cohorts/", json=COHORT, headers=KEY)

    assert (first.status_code, again.json, again.headers["Idempotency-Replayed"]) == (201, first.json, "true")
    assert api("GET", "/cohorts/").json["count"] == 2


def test_a_request_that_died_is_gone_on_with(api_app: Flask, api: Callers, frozen_clock):
    first = api("POST", "/cohorts/", json=COHORT, headers=KEY)
    with api_app.app_context():
        db.session.query(IdempotencyKey).update({"status": None, "body": None})
        db.session.commit()
    frozen_clock.pause(60)

    again = api("POST", "/cohorts/", json=COHORT, headers=KEY)

    assert (again.status_code, again.json) == (201, first.json)
    assert "Idempotency-Replayed" not in again.headers
    assert api("GET", "/cohorts/").json["count"] == 2
    assert api("GET", "/workspaces/").json["count"] == 2


def test_nobody_to_order_for_is_refused_and_leaves_nothing(api: Callers):
    body = COHORT | {"people": [{"email": "nobody@people.example"}]}

    answer = api("POST", "/cohorts/", json=body)

    assert (answer.status_code, answer.json["code"]) == (422, "nothing_to_order")
    assert api("GET", "/cohorts/").json["count"] == 1


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("credential_not_found", {"cloud_credential_id": 9999}),
        ("bundle_not_found", {"bundle_id": "wsb-nothing00"}),
        ("bundle_type_mismatch", {"bundle_id": "wsb-windows01"}),
        ("invalid", {"people": []}),
        ("invalid", {"people": [{}]}),
        ("invalid", {"people": [{"application_id": 2, "email": "sam@people.example"}]}),
        ("invalid", {"people": [{"application_id": 2, "company_id": 1}]}),
        ("invalid", {"people": [{"application_id": 2}] * 201}),
        ("invalid", {"name": ""}),
    ],
)
@pytest.mark.parametrize("path", ["/cohorts/", "/cohorts/check/"])
def test_what_is_wrong_with_all_of_them_is_refused(
    api: Callers, path: str, code: str, changes: dict[str, Any]
):
    answer = api("POST", path, json=COHORT | changes)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert api("GET", "/cohorts/").json["count"] == 1


def test_people_of_other_companies_are_nobody(api_app: Flask, api: Callers):
    with api_app.app_context():
        own = db.session.get_one(Application, api.world.free_application_ids[0])
        own.company_id = 2
        db.session.commit()

    found = api("POST", "/cohorts/check/", json=COHORT).json

    assert [(one["person"], one["code"]) for one in found["people"]] == [("?", "person_unknown")]


WINDOW = {"starts_at": "2027-03-01T08:00:00+01:00", "ends_at": "2027-09-01T00:00:00+02:00"}


def test_a_window_is_that_of_the_contract_from_the_order_on(api: Callers):
    [first, second, *_] = api.world.free_application_ids
    body = COHORT | {
        "people": [{"application_id": first} | WINDOW, {"application_id": second, "username": "x.y"}]
    }

    checked = api("POST", "/cohorts/check/", json=body).json["people"]
    before = api("GET", f"/applications/{first}/").json["starts_at"]
    made = api("POST", "/cohorts/", json=body).json

    assert [one["starts_at"] for one in checked] == ["2027-03-01T07:00:00Z", None]
    assert before is None and made["ordered_count"] == 2
    workspace = api("GET", f"/workspaces/{made['people'][0]['workspace_id']}/").json
    for found in (workspace, api("GET", f"/applications/{first}/").json):
        assert (found["starts_at"], found["ends_at"]) == ("2027-03-01T07:00:00Z", "2027-08-31T22:00:00Z")
    assert api("GET", f"/applications/{second}/").json["ends_at"] is None


def test_a_window_that_cannot_be_meant_is_said_of_its_person_and_orders_for_nobody(api: Callers):
    wrong = {"application_id": api.world.free_application_ids[1], "username": "x.y"} | {
        "starts_at": WINDOW["ends_at"],
        "ends_at": WINDOW["starts_at"],
    }
    body = COHORT | {"people": [*COHORT["people"], wrong]}

    checked = api("POST", "/cohorts/check/", json=body).json["people"]
    answer = api("POST", "/cohorts/", json=body)

    assert [one["code"] for one in checked] == [None, "window_invalid"]
    assert (answer.status_code, answer.json["code"]) == (422, "window_invalid")
    assert answer.json["detail"] == "Row 2: The end must be after the start. Nothing was ordered."
    assert api("GET", "/cohorts/").json["count"] == 1


def test_users_that_nobody_can_make_are_refused_as_a_whole(api: Callers):
    answer = api("POST", "/cohorts/", json=COHORT | {"create_users": True})
    checked = api("POST", "/cohorts/check/", json=COHORT | {"create_users": True})
    named = COHORT | {"create_users": True, "people": [COHORT["people"][0] | {"username": "x.y"}]}

    for one in (answer, checked):
        assert (one.status_code, one.json["code"]) == (422, "user_not_creatable")
    assert api("POST", "/cohorts/check/", json=named).json["people"][0]["create_user"] is False


def test_users_are_made_for_people_without_a_name_and_numbered(api_app: Flask, api: Callers):
    with api_app.app_context():
        credential = db.session.get_one(CloudCredential, api.world.credential_id)
        credential.observed = credential.observed | {"makes_users": True}
        db.session.commit()
    [first, second, *_] = api.world.free_application_ids
    listed = [{"application_id": first}, {"application_id": second, "username": "sam"}]
    body = COHORT | {"create_users": True, "people": listed}

    checked = api("POST", "/cohorts/check/", json=body).json["people"]
    made = api("POST", "/cohorts/", json=body).json["people"]

    assert [(one["username"], one["create_user"]) for one in checked] == [("sam2", True), ("sam", False)]
    shown = [api("GET", f"/workspaces/{one['workspace_id']}/").json for one in made]
    assert [(one["username"], one["create_user"]) for one in shown] == [("sam2", True), ("sam", False)]
