"""Cloud credentials by the API: secrets go in and never come out."""

import pytest
from flask import Flask

from tests.api.world import KEY_ID, SECRET, Callers
from tests.azure_rows import FIELDS
from webapp.extensions import db
from webapp.models import CloudCredential

NEW = {
    "name": "Second",
    "cloud_provider": "aws",
    "region": "eu-west-1",
    "directory_id": "d-1234567890",
    "access_key_id": KEY_ID,
    "secret_access_key": SECRET,
}

AZURE = {"name": "Azure", "cloud_provider": "azure", **FIELDS}


@pytest.fixture
def one(api: Callers) -> str:
    return f"/cloud-credentials/{api.world.credential_id}/"


def test_a_new_credential_is_shown_without_its_secret(api: Callers):
    answer = api("POST", "/cloud-credentials/", json=NEW)

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/workspaces/cloud-credentials/{answer.json['id']}/"
    assert answer.json["access_key_id"] == "AKIA…0001"
    assert (answer.json["name"], answer.json["region"]) == ("Second", "eu-west-1")
    assert (answer.json["status"], answer.json["usable"]) == ("untested", False)
    assert answer.json["secret_set_at"] == "2026-11-24T10:00:00Z"


def test_no_answer_ever_holds_a_secret_or_the_whole_key(api: Callers, one, answering):
    answering(failure={"code": "invalid_key", "cloud_code": "X", "detail": f"raw {SECRET}"})
    answers = [
        api("POST", "/cloud-credentials/", json=NEW),
        api("POST", "/cloud-credentials/", json=NEW),
        api("POST", "/cloud-credentials/", json=NEW | {"region": "mars-1"}),
        api("POST", "/cloud-credentials/", json=NEW | {"secret_access_key": SECRET + "X"}),
        api("POST", "/cloud-credentials/", json=NEW | {"secret_access_key": [SECRET]}),
        api("PUT", one, json=NEW),
        api("GET", "/cloud-credentials/"),
        api("GET", one),
        api("POST", f"{one}test/"),
        api("DELETE", one),
    ]

    assert [answer.status_code for answer in answers] == [201, 409, 422, 422, 422, 409, 200, 200, 200, 409]
    everything = "".join(answer.text + str(answer.headers) for answer in answers)
    assert SECRET not in everything
    assert KEY_ID not in everything


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"region": "mars-1"}, 422, "invalid", "region"),
        ({"directory_id": "x"}, 422, "invalid", "directory_id"),
        ({"access_key_id": "AKIA"}, 422, "invalid", "access_key_id"),
        ({"region": "us-gov-west-1"}, 422, "invalid", "region"),
        ({"secret_access_key": '{"SecretAccessKey":"' + SECRET + '"}'}, 422, "invalid", "secret_access_key"),
        ({"secret_access_key": ""}, 422, "invalid", "secret_access_key"),
        ({"cloud_provider": "mine"}, 422, "invalid", "cloud_provider"),
        ({"name": ""}, 422, "invalid", "name"),
        ({"name": "x" * 81}, 422, "invalid", "name"),
        ({"name": "Main"}, 409, "name_taken", "name"),
        ({"account_id": "1"}, 422, "invalid", "account_id"),
        ({"endpoint_url": "http://example"}, 422, "invalid", "endpoint_url"),
    ],
)
def test_a_credential_that_cannot_be_is_refused_at_its_field(api: Callers, change, status, code, field):
    answer = api("POST", "/cloud-credentials/", json=NEW | change)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert list(answer.json["errors"]) == [field]


def test_what_is_pasted_by_mistake_is_named_and_what_cannot_be_seen_is_taken_off(api: Callers):
    pool = "/subscriptions/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/resourceGroups/rg/providers/hostPools/hp"

    refused = api("POST", "/cloud-credentials/", json=AZURE | {"host_pool": pool})
    taken = api("POST", "/cloud-credentials/", json=AZURE | {"resource_group": "\u200brg-bu\u0308ro/"})

    assert (refused.status_code, refused.json["errors"]) == (
        422,
        {"host_pool": ["Enter the name, not the full ID."]},
    )
    assert (taken.status_code, taken.json["resource_group"]) == (201, "rg-büro")


def test_a_rename_keeps_key_and_secret(api_app: Flask, api: Callers, one):
    def sealed() -> str:
        with api_app.app_context():
            row = db.session.get(CloudCredential, api.world.credential_id)
            assert row is not None
            return row.sealed_secret + row.public_fields["access_key_id"]

    before = sealed()
    body = {"name": "Renamed", "region": "eu-central-1", "directory_id": "d-99670be001"}

    answer = api("PUT", one, json=body)

    assert (answer.status_code, answer.json["name"], answer.json["usable"]) == (200, "Renamed", True)
    assert sealed() == before


def test_a_new_key_needs_its_secret_and_a_new_test(api: Callers, one):
    body = {
        "name": "Main",
        "region": "eu-central-1",
        "directory_id": "d-99670be001",
        "access_key_id": "AKIAOTHEROTHEROTHER1",
    }

    without = api("PUT", one, json=body)
    answer = api("PUT", one, json=body | {"secret_access_key": "b" * 40})

    assert (without.status_code, list(without.json["errors"])) == (422, ["secret_access_key"])
    assert (answer.status_code, answer.json["status"]) == (200, "untested")


def test_a_credential_stays_with_its_cloud_and_its_place(api: Callers, one):
    body = {"name": "Main", "region": "eu-west-1", "directory_id": "d-99670be001"}

    moved = api("PUT", one, json=body)

    assert (moved.status_code, moved.json["code"]) == (409, "credential_in_use")


def test_a_credential_that_is_needed_cannot_be_deleted(api: Callers, one):
    refused = api("DELETE", one)
    unused = api("DELETE", f"/cloud-credentials/{api.world.untested_credential_id}/")

    assert (refused.status_code, refused.json["code"]) == (409, "credential_in_use")
    assert refused.json["live_workspaces"] == 1
    assert (unused.status_code, unused.data) == (204, b"")
    assert api("GET", f"/cloud-credentials/{api.world.untested_credential_id}/").status_code == 404


def test_bad_news_of_a_test_is_an_answer(api: Callers, one, answering):
    check = {"name": "key", "label": "Key", "ok": False, "message": "Refused.", "remedy": "Make another."}
    answering(
        answer={"ok": False, "checked_at": "2026-11-24T10:00:00+00:00", "checks": [check]}, failure=None
    )

    answer = api("POST", f"{one}test/")

    assert (answer.status_code, answer.json) == (
        200,
        {"ok": False, "checked_at": "2026-11-24T10:00:00Z", "checks": [check]},
    )


def test_a_test_that_could_not_be_made_says_why(api: Callers, one, answering):
    answering(failure={"code": "cannot_open_secret", "cloud_code": "", "detail": ""})

    answer = api("POST", f"{one}test/")

    assert (answer.status_code, answer.json["ok"]) == (200, False)
    assert "stored secret" in answer.json["checks"][0]["message"]


def test_a_cloud_out_of_reach_is_reported_as_such(api: Callers, one, answering):
    answering(failure={"code": "cloud_unreachable", "cloud_code": "", "detail": ""})

    answer = api("POST", f"{one}test/")

    assert (answer.status_code, answer.json["code"]) == (503, "cloud_unreachable")
    assert answer.headers["Retry-After"] == "5"


def test_a_test_without_a_worker_gives_up_honestly(api_app: Flask, api: Callers, one, frozen_clock):
    answer = api("POST", f"{one}test/")

    assert (answer.status_code, answer.json["code"]) == (503, "not_answered_yet")
    assert answer.headers["Retry-After"] == "5"
    assert frozen_clock.monotonic_s() <= 10
