"""Ordering a workspace by the API: every refusal in the order of the contract, and nothing half-made."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.api.world import READY, START, Callers, order
from webapp.extensions import db
from webapp.models import Workspace
from webapp.queueing import JobName

PATH = "/workspaces/"


@pytest.fixture
def order_request(api: Callers) -> dict:
    """An order that is accepted."""
    return {
        "application_id": api.world.free_application_ids[0],
        "cloud_credential_id": api.world.credential_id,
        "workspace_type": "ubuntu",
        "bundle_id": "wsb-ubuntu001",
        "username": "sam.two",
    }


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def count(api_app: Flask) -> int:
    with api_app.app_context():
        return db.session.scalar(select(func.count()).select_from(Workspace))


def test_refusals_come_in_the_order_of_the_contract(api_app: Flask, api: Callers, order_request):
    world = api.world
    wrong = order_request | {
        "application_id": 9999,
        "cloud_credential_id": world.foreign_credential_id,
        "bundle_id": "wsb-unknown01",
        "username": "-illegal-",
    }
    steps = [
        ({}, (422, "application_not_found")),
        ({"application_id": world.waiting_application_id}, (409, "application_not_approved")),
        ({"application_id": world.application_id}, (409, "workspace_exists")),
        ({"application_id": order_request["application_id"]}, (422, "credential_not_found")),
        ({"cloud_credential_id": world.untested_credential_id}, (409, "credential_not_usable")),
        ({"cloud_credential_id": world.credential_id}, (422, "bundle_not_found")),
        ({"bundle_id": "wsb-retired01"}, (422, "bundle_not_found")),
        ({"bundle_id": "wsb-windows01"}, (422, "bundle_type_mismatch")),
        ({"bundle_id": "wsb-ubuntu001"}, (422, "username_invalid")),
        ({"username": "Sam.Okafor"}, (409, "username_taken")),
    ]

    refusals = []
    for fixed, _ in steps:
        wrong |= fixed
        refusals.append(refusal(api("POST", PATH, json=wrong)))

    assert refusals == [expected for _, expected in steps]
    assert count(api_app) == 1
    assert api("POST", PATH, json=wrong | {"username": "sam.two"}).status_code == 201


def test_an_order_is_pending_and_says_where_it_is(api: Callers, order_request, recording_notifier):
    recording_notifier.notified.clear()

    answer = api("POST", PATH, json=order_request)

    assert answer.status_code == 201
    shown = answer.json
    assert answer.headers["Location"] == f"/api/workspaces/workspaces/{shown['id']}/"
    assert recording_notifier.notified == [(JobName.RECONCILE, api.world.credential_id)]
    assert shown == order_request | {
        "id": shown["id"],
        "cloud_provider": "aws",
        "bundle_name": "Standard Ubuntu 22.04",
        "state": "PENDING",
        "pending_action": "create",
        "allowed_actions": ["terminate"],
        "cloud_workspace_id": None,
        "connection_string": None,
        "create_user": False,
        "error": None,
        "waiting": None,
        "attempt": 1,
        "next_attempt_at": None,
        "deadline_at": "2026-11-24T10:30:00Z",
        "make_at": None,
        "created_at": "2026-11-24T10:00:00Z",
        "updated_at": "2026-11-24T10:00:00Z",
        "available_at": None,
        "connection_state": None,
        "first_connected_at": None,
        "last_connected_at": None,
        "connection_checked_at": None,
        "files_snapshot_at": None,
        "is_hibernated": False,
        "system_snapshot_at": None,
        "snapshots_read_at": None,
        "access": "open",
        "starts_at": None,
        "ends_at": None,
        "suspended_at": None,
        "destroy_at": None,
        "profile_id": None,
        "profile_version": None,
        "replaces": None,
        "replaced_by": None,
        "resizing": None,
        "moving": None,
        "running_mode": "AUTO_STOP",
        "auto_stop_minutes": None,
        "compute_type": None,
        "root_storage": None,
        "user_storage": None,
        "version": 1,
    }
    assert api("GET", f"/workspaces/{shown['id']}/").json == shown


def test_the_existing_workspace_is_named(api: Callers, order_request):
    answer = api("POST", PATH, json=order_request | {"application_id": api.world.application_id})

    assert answer.json["workspace_id"] == api.world.workspace_id
    assert list(answer.json["errors"]) == ["application_id"]


def test_an_old_list_of_bundles_serves_when_no_new_one_comes_in_time(
    api: Callers, order_request, frozen_clock
):
    frozen_clock.pause(2 * 24 * 3600)
    before_s = frozen_clock.monotonic_s()

    answer = api("POST", PATH, json=order_request)

    # The last list, though old, is still the best that is known: the cloud has the last word.
    assert answer.status_code == 201
    assert frozen_clock.monotonic_s() - before_s <= 10


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("application_id", "1"),
        ("application_id", True),
        ("application_id", 1.0),
        ("application_id", None),
        ("application_id", 0),
        ("application_id", 2**31),
        ("cloud_credential_id", 2**63),
        ("cloud_credential_id", 10**400),
        ("workspace_type", "beos"),
        ("workspace_type", ["ubuntu"]),
        ("bundle_id", "x" * 121),
        ("bundle_id", ""),
        ("bundle_id", "wsb\0"),
        ("username", "a" * 114),
        ("username", "\ud800"),
        ("username", "line\nbreak"),
        ("username", {"$ne": ""}),
        ("state", "AVAILABLE"),
        ("company_id", 2),
        ("desired", "absent"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(api_app: Flask, api: Callers, order_request, field, value):
    answer = api("POST", PATH, json=order_request | {field: value})

    assert refusal(answer) == (422, "invalid")
    assert list(answer.json["errors"]) == [field]
    assert count(api_app) == 1


def test_missing_fields_are_named_together(api: Callers):
    answer = api("POST", PATH, json={})

    assert sorted(answer.json["errors"]) == [
        "application_id",
        "bundle_id",
        "cloud_credential_id",
        "username",
        "workspace_type",
    ]


def test_the_connection_string_appears_with_the_desktop(api: Callers, change: Callable[..., None]):
    change(api.world.workspace_id, **READY)

    shown = api("GET", f"/workspaces/{api.world.workspace_id}/").json

    assert shown["state"] == "AVAILABLE"
    assert shown["connection_string"] == "workspaces://sam.okafor@wsfra+ABC123"
    assert shown["allowed_actions"] == ["stop", "restart", "rebuild", "terminate"]
    assert shown["available_at"] == "2026-11-24T10:00:00Z"


def test_an_error_is_explained_in_words_with_a_remedy(api: Callers, change):
    change(
        api.world.workspace_id,
        phase="create_failed",
        error_code="quota_reached",
        error_detail="raw words of the cloud",
        error_at=START,
        due_at=None,
    )

    answer = api("GET", f"/workspaces/{api.world.workspace_id}/")

    assert answer.json["state"] == "ERROR"
    assert answer.json["error"]["code"] == "quota_reached"
    assert answer.json["error"]["transient"] is False
    assert answer.json["error"]["message"] and answer.json["error"]["remedy"]
    assert "raw words" not in answer.text


def test_a_waiting_retry_says_when(api: Callers, change, frozen_clock):
    from datetime import timedelta

    change(
        api.world.workspace_id,
        phase="create_intent",
        issued_at=START,
        attempt=2,
        due_at=START + timedelta(seconds=60),
    )

    shown = api("GET", f"/workspaces/{api.world.workspace_id}/").json
    frozen_clock.pause(90)
    later = api("GET", f"/workspaces/{api.world.workspace_id}/").json

    assert (shown["state"], shown["attempt"], shown["next_attempt_at"]) == (
        "PENDING",
        2,
        "2026-11-24T10:01:00Z",
    )
    assert later["next_attempt_at"] is None


def test_a_seeker_sees_nothing_of_the_companys_account_and_trouble(api: Callers, change):
    change(api.world.workspace_id, **READY)

    shown = api("GET", f"/workspaces/{api.world.workspace_id}/", by="seeker").json
    listed = api("GET", "/workspaces/", by="seeker").json["workspaces"]

    assert listed == [shown]
    assert set(shown) == {
        "id",
        "application_id",
        "cloud_provider",
        "workspace_type",
        "bundle_name",
        "username",
        "state",
        "is_hibernated",
        "connection_string",
        "created_at",
        "available_at",
        "access",
        "starts_at",
        "ends_at",
    }
    assert shown["connection_string"] == "workspaces://sam.okafor@wsfra+ABC123"


def test_a_seeker_cannot_find_a_workspace_by_its_cloud_id(api: Callers, change):
    change(api.world.workspace_id, **READY)
    cloud_id = api("GET", f"/workspaces/{api.world.workspace_id}/").json["cloud_workspace_id"]

    counts = {
        by: api("GET", f"/workspaces/?q={cloud_id}", by=by).json["count"] for by in ("provider", "seeker")
    }

    assert counts == {"provider": 1, "seeker": 0}


def test_two_people_never_get_one_user_name(api_app: Flask, api: Callers, order_request):
    with api_app.app_context():
        order(
            api_app.extensions["berth"],
            api.world,
            application_id=api.world.free_application_ids[1],
            username="sam.two",
        )

    assert refusal(api("POST", PATH, json=order_request)) == (409, "username_taken")
