"""What is pressed on a workspace by the API."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.api.world import READY, START, Callers
from webapp.extensions import db
from webapp.models import Event
from webapp.queueing import JobName

STATES = {
    "start": "STARTING",
    "stop": "STOPPING",
    "restart": "RESTARTING",
    "rebuild": "MAINTENANCE",
    "terminate": "TERMINATING",
}


@pytest.fixture
def one(api: Callers) -> str:
    return f"/workspaces/{api.world.workspace_id}/"


def events(api_app: Flask, name: str) -> int:
    with api_app.app_context():
        return db.session.scalar(select(func.count()).select_from(Event).where(Event.event == name))


@pytest.mark.parametrize("action", STATES)
def test_an_action_asked_twice_is_done_once(api_app: Flask, api: Callers, change, one, action):
    change(api.world.workspace_id, **READY)
    if action == "start":
        change(api.world.workspace_id, cloud_state="stopped")

    first, second = api("POST", f"{one}{action}/"), api("POST", f"{one}{action}/")

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json["state"] == first.json["workspace"]["state"] == STATES[action]
    assert first.json["workspace"]["pending_action"] == action
    assert second.json["workspace"] == first.json["workspace"]
    assert events(api_app, f"{action}_requested") == 1


@pytest.mark.parametrize("action", ["start", "stop", "restart", "retry"])
def test_what_is_not_possible_now_is_refused_with_the_reason(api_app: Flask, api: Callers, one, action):
    answer = api("POST", f"{one}{action}/")

    assert (answer.status_code, answer.json["code"]) == (409, "action_not_allowed")
    assert answer.json["detail"].endswith(".")
    assert events(api_app, f"{action}_requested") == 0


def test_a_failed_creation_can_be_retried(api: Callers, change, one):
    change(api.world.workspace_id, phase="create_failed", error_code="quota_reached", error_at=START)

    answer = api("POST", f"{one}retry/")

    assert (answer.status_code, answer.json["state"]) == (202, "PENDING")
    assert sorted(answer.json) == ["message", "state"]


def test_a_retry_cannot_take_a_place_that_was_given_away(api: Callers, change, one):
    change(api.world.workspace_id, phase="create_failed", error_code="quota_reached", error_at=START)
    order_request = {
        "application_id": api.world.application_id,
        "cloud_credential_id": api.world.credential_id,
        "workspace_type": "ubuntu",
        "bundle_id": "wsb-ubuntu001",
        "username": "sam.okafor",
    }
    assert api("POST", "/workspaces/", json=order_request).status_code == 201

    answer = api("POST", f"{one}retry/")

    assert (answer.status_code, answer.json["code"]) == (409, "workspace_exists")


def test_deleting_ends_the_machine_first(api: Callers, change, one):
    change(api.world.workspace_id, **READY)

    answer = api("DELETE", one)
    while_ending = api("GET", one)
    change(api.world.workspace_id, phase="gone", terminated_at=START)

    assert (answer.status_code, answer.json["state"]) == (202, "TERMINATING")
    assert while_ending.json["state"] == "TERMINATING"
    assert api("GET", one).status_code == 404
    assert api("GET", "/workspaces/").json["count"] == 0


def test_deleting_what_has_no_machine_is_done_at_once(api: Callers, change, one):
    change(api.world.workspace_id, phase="gone", terminated_at=START)

    answer = api("DELETE", one)

    assert (answer.status_code, answer.data) == (204, b"")
    assert api("GET", one).status_code == 404


def test_refresh_waits_for_the_worker_that_looks(api: Callers, change, one, recording_notifier, frozen_clock):
    def look() -> None:
        if recording_notifier.notified[-1:] == [(JobName.RECONCILE, api.world.credential_id)]:
            seen = {"observed_at": frozen_clock.now(), "look_requested_at": None}
            change(api.world.workspace_id, **READY, **seen)

    recording_notifier.notified.clear()
    frozen_clock.worker = look

    answer = api("POST", f"{one}refresh/")

    assert answer.status_code == 200
    assert answer.json == {
        "message": "Workspace status refreshed successfully",
        "state": "AVAILABLE",
        "connection_string": "workspaces://sam.okafor@wsfra+ABC123",
    }


def test_refresh_gives_up_honestly(api: Callers, one, frozen_clock):
    answer = api("POST", f"{one}refresh/")

    assert (answer.status_code, answer.json["code"]) == (503, "not_answered_yet")
    assert answer.headers["Retry-After"] == "5"
    assert frozen_clock.monotonic_s() <= 10


def test_a_failed_workspace_says_why_to_its_company_and_less_to_its_person(api: Callers, change, one):
    change(
        api.world.workspace_id,
        phase="create_failed",
        error_code="user_not_found",
        error_at=START,
        issued_at=START,
    )

    company = api("GET", f"{one}connection/").json["detail"]
    person = api("GET", f"{one}connection/", by="seeker").json["detail"]

    assert "The directory has no such user." in company
    assert person == "Something is wrong with this desktop. The company can see the cause and fix it."


def test_the_way_to_connect_is_shown_when_there_is_one(api: Callers, change, one):
    early = api("GET", f"{one}connection/")
    change(api.world.workspace_id, **READY)
    answer = api("GET", f"{one}connection/", by="seeker")

    assert (early.status_code, early.json["code"]) == (409, "not_connectable")
    assert answer.status_code == 200
    assert sorted(answer.json) == [
        "client_download_url",
        "cloud_provider",
        "connection_string",
        "registration_code",
        "state",
        "steps",
        "username",
        "web_client_url",
    ]
    assert answer.json["registration_code"] == "wsfra+ABC123"
    assert answer.json["steps"]


def test_the_log_shows_who_did_what_newest_first(api: Callers, change, one):
    change(api.world.workspace_id, **READY)
    pressed = api("POST", f"{one}stop/")

    logs = api("GET", f"{one}logs/").json

    assert [line["event"] for line in logs["logs"]] == ["stop_requested", "ordered"]
    assert (logs["count"], logs["next"]) == (2, None)
    newest = logs["logs"][0]
    assert newest["actor"] == "token:provider (pia@people.example)"
    assert newest["request_id"] == pressed.headers["X-Request-ID"]
    assert (newest["from_state"], newest["to_state"]) == ("AVAILABLE", "STOPPING")
    assert newest["at"] == "2026-11-24T10:00:00Z"


def test_the_log_is_read_by_level_and_in_pages(api: Callers, change, one):
    change(api.world.workspace_id, **READY)
    api("POST", f"{one}stop/")

    first = api("GET", f"{one}logs/?limit=1").json
    second = api("GET", first["next"].removeprefix("/api/workspaces")).json

    assert [line["event"] for line in first["logs"] + second["logs"]] == ["stop_requested", "ordered"]
    assert second["next"] is None
    nothing = {"logs": [], "count": 0, "is_count_exact": True, "next": None}
    assert api("GET", f"{one}logs/?level=error").json == nothing
    assert api("GET", f"{one}logs/?level=shout").status_code == 422
