"""PUT on a workspace: what was ordered can be changed while nothing is made of it, and is checked again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.world import READY, START, Callers, order
from webapp.extensions import db
from webapp.models import Event

FAILED = {"phase": "create_failed", "error_code": "user_not_found", "error_at": START, "issued_at": START}


@pytest.fixture
def one(api: Callers) -> str:
    return f"/workspaces/{api.world.workspace_id}/"


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_an_order_that_no_worker_has_taken_up_can_be_changed(api_app: Flask, api: Callers, one):
    before = api("GET", one).json

    answer = api(
        "PUT",
        one,
        json={"workspace_type": "windows", "bundle_id": "wsb-windows01", "username": " sam.new "},
    )

    assert answer.status_code == 200
    changed = {
        "workspace_type": "windows",
        "bundle_id": "wsb-windows01",
        "bundle_name": "Windows",
        "username": "sam.new",
        "version": before["version"] + 1,
    }
    assert answer.json == before | changed
    assert api("GET", one).json == answer.json
    with api_app.app_context():
        logged = db.session.scalars(select(Event.event).order_by(Event.id)).all()
    assert logged == ["ordered", "order_changed"]


@pytest.mark.parametrize("phase", ["create_failed", "conflict"])
def test_a_failed_order_is_corrected_and_tried_again(api: Callers, change, one, phase):
    change(api.world.workspace_id, **FAILED | {"phase": phase})

    fixed = api("PUT", one, json={"username": "sam.right"})
    retried = api("POST", f"{one}retry/")

    assert (fixed.status_code, fixed.json["state"], fixed.json["username"]) == (200, "ERROR", "sam.right")
    assert retried.status_code == 202


def test_a_change_of_nothing_writes_nothing(api: Callers, one):
    before = api("GET", one).json

    answer = api("PUT", one, json={"application_id": before["application_id"], "username": "sam.okafor"})

    assert (answer.status_code, answer.json) == (200, before)


@pytest.mark.parametrize(
    "state",
    [
        READY,
        {"phase": "create_intent", "issued_at": START},
        {"phase": "requested", "issued_at": START},
        {"phase": "creating", "issued_at": START, "cloud_workspace_id": "ws-1"},
        {"phase": "gone"},
        {"desired": "absent"},
        FAILED | {"requested_action": "retry", "action_requested_at": START},
    ],
    ids=lambda state: "-".join(map(str, state.values()))[:40],
)
def test_what_is_made_or_over_is_locked(api: Callers, change, one, state):
    change(api.world.workspace_id, **state)
    before = api("GET", one).json
    same = {name: before[name] for name in ("application_id", "username", "bundle_id", "workspace_type")}

    answer = api("PUT", one, json=same | {"username": "sam.new", "bundle_id": "wsb-windows01"})

    assert refusal(answer) == (409, "workspace_locked")
    assert answer.json["locked_fields"] == ["bundle_id", "username"]
    assert list(answer.json["errors"]) == ["bundle_id"]
    repeated = api("PUT", one, json=same)
    assert (repeated.status_code, repeated.json) == (200, before)


@pytest.mark.parametrize(
    ("order_request", "expected"),
    [
        ({"application_id": 9}, (422, "invalid")),
        ({"cloud_credential_id": 3, "username": "-"}, (422, "credential_not_found")),
        ({"cloud_credential_id": 2}, (409, "credential_not_usable")),
        ({"bundle_id": "wsb-unknown01", "username": "-"}, (422, "bundle_not_found")),
        ({"workspace_type": "windows"}, (422, "bundle_type_mismatch")),
        ({"username": "-"}, (422, "username_invalid")),
        ({"username": "taken"}, (409, "username_taken")),
        ({"state": "AVAILABLE"}, (422, "invalid")),
    ],
    ids=str,
)
def test_a_change_is_checked_like_an_order(api_app: Flask, api: Callers, one, order_request, expected):
    with api_app.app_context():
        order(
            api_app.extensions["berth"],
            api.world,
            application_id=api.world.free_application_ids[0],
            username="taken",
        )
    before = api("GET", one).json

    assert refusal(api("PUT", one, json=order_request)) == expected
    assert api("GET", one).json == before


def test_an_order_in_time_is_created_now_by_one_call_that_may_be_repeated(
    api: Callers, change: Callable[..., None]
) -> None:
    later = START + timedelta(days=20)
    change(api.world.workspace_id, starts_at=later, make_at=later - timedelta(days=1))
    path = f"/workspaces/{api.world.workspace_id}/"

    first, again = api("POST", f"{path}create-now/"), api("POST", f"{path}create-now/")

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json["workspace"]["make_at"] == "2026-11-24T10:00:00Z"
    assert again.json["workspace"] == first.json["workspace"]
