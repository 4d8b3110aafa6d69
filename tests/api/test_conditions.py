"""Conditional requests: a tag names what was read, and nobody overwrites what they have not seen."""

import pytest

from tests.api.world import Callers

CHANGES = {
    "workspaces": {"username": "sam.new"},
    "cloud-credentials": {"name": "Renamed", "region": "eu-central-1", "directory_id": "d-99670be001"},
    "budgets": {"month_minor": 7},
    "job-postings": {"title": "Renamed"},
    "webhooks": {"is_active": False},
}
NEVER_DELETED = ("job-postings",)


@pytest.fixture(params=CHANGES)
def noun(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def one(api: Callers, noun: str) -> str:
    known = {
        "workspaces": api.world.workspace_id,
        "cloud-credentials": api.world.untested_credential_id,
        "budgets": api.world.budget_id,
        "job-postings": api.world.posting_id,
        "webhooks": api.world.webhook_id,
    }
    return f"/{noun}/{known[noun]}/"


def test_what_is_unchanged_is_not_sent_again(api: Callers, one, noun):
    tag = api("GET", one).headers["ETag"]

    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = api("GET", one, headers={"If-None-Match": sent})
        if sent != "*":
            assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag), sent
    assert api("PUT", one, json=CHANGES[noun]).status_code == 200
    changed = api("GET", one, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_the_answer_of_a_change_carries_the_new_tag(api: Callers, one, noun):
    answer = api("PUT", one, json=CHANGES[noun], headers={"If-Match": api("GET", one).headers["ETag"]})

    assert (answer.status_code, answer.headers["ETag"]) == (200, api("GET", one).headers["ETag"])


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_of_what_is_different_now_is_refused(api: Callers, one, noun, method):
    if method == "DELETE" and noun in NEVER_DELETED:
        assert api(method, one).status_code == 405
        return
    old = api("GET", one).headers["ETag"]
    api("PUT", one, json=CHANGES[noun])
    now = api("GET", one)
    body = {"json": CHANGES[noun]} if method == "PUT" else {}

    for sent in (old, '"1"', f"W/{now.headers['ETag']}", "", "not a tag"):
        answer = api(method, one, headers={"If-Match": sent}, **body)
        assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed"), sent
    assert api("GET", one).json == now.json
    assert api(method, one, headers={"If-Match": now.headers["ETag"]}, **body).status_code in (200, 202, 204)


def test_a_star_means_whatever_is_there(api: Callers, one, noun):
    assert api("PUT", one, json=CHANGES[noun], headers={"If-Match": "*"}).status_code == 200


def test_a_seekers_tag_is_of_what_the_seeker_sees(api: Callers):
    path = f"/workspaces/{api.world.workspace_id}/"

    assert api("GET", path, by="seeker").headers["ETag"] != api("GET", path).headers["ETag"]


def test_every_single_object_has_a_tag(api: Callers):
    for path in (
        f"/workspaces/{api.world.workspace_id}/",
        f"/orphans/{api.world.orphan_id}/",
        f"/cloud-credentials/{api.world.credential_id}/",
    ):
        tag = api("GET", path).headers["ETag"]
        assert api("GET", path, headers={"If-None-Match": tag}).status_code == 304
