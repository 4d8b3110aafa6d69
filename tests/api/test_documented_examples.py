"""The customer's examples: the request to the letter, and at least the documented fields in the answer."""

from typing import Any

import pytest
from flask import Flask

from tests.api.world import START, Callers, add_documented_rows
from webapp.extensions import db

ENDPOINTS = """
POST /api/workspaces/workspaces/
GET /api/workspaces/workspaces/
GET /api/workspaces/workspaces/{id}/
PUT /api/workspaces/workspaces/{id}/
DELETE /api/workspaces/workspaces/{id}/
POST /api/workspaces/workspaces/{id}/start/
POST /api/workspaces/workspaces/{id}/stop/
POST /api/workspaces/workspaces/{id}/restart/
POST /api/workspaces/workspaces/{id}/terminate/
GET /api/workspaces/workspaces/{id}/connection/
POST /api/workspaces/workspaces/{id}/refresh/
POST /api/workspaces/workspaces/{id}/retry/
GET /api/workspaces/workspaces/{id}/troubleshoot/
GET /api/workspaces/workspaces/{id}/logs/
GET /api/workspaces/workspaces/{id}/metrics/
GET /api/workspaces/bundles/{credential_id}/
POST /api/workspaces/cloud-credentials/
GET /api/workspaces/cloud-credentials/
GET /api/workspaces/cloud-credentials/{id}/
PUT /api/workspaces/cloud-credentials/{id}/
DELETE /api/workspaces/cloud-credentials/{id}/
POST /api/workspaces/cloud-credentials/{id}/test/
"""
ORDER = """{
    "application_id": 123,
    "cloud_credential_id": 456,
    "workspace_type": "ubuntu",
    "bundle_id": "wsb-1234567890",
    "username": "john.doe"
}"""
WORKSPACE = {
    "id",
    "application_id",
    "cloud_credential_id",
    "cloud_provider",
    "workspace_type",
    "bundle_id",
    "bundle_name",
    "username",
    "state",
    "pending_action",
    "allowed_actions",
    "cloud_workspace_id",
    "connection_string",
    "error",
    "attempt",
    "next_attempt_at",
    "deadline_at",
    "make_at",
    "created_at",
    "updated_at",
    "available_at",
    "version",
}
CREDENTIAL = {"id", "name", "cloud_provider", "region", "directory_id", "access_key_id", "secret_set_at"}
CONTRACT: list[tuple[str, str, int, set[str]]] = [
    (
        "GET",
        "workspaces/?state=PENDING&cloud_provider=aws&application_id=1&q=sam",
        200,
        {"workspaces", "count", "next"},
    ),
    ("GET", "workspaces/789/", 200, WORKSPACE),
    ("PUT", "workspaces/789/", 409, {"code", "detail", "errors", "request_id", "status", "title", "type"}),
    ("DELETE", "workspaces/789/", 202, {"message", "state", "workspace"}),
    ("POST", "workspaces/789/start/", 409, {"code", "detail"}),
    ("POST", "workspaces/789/stop/", 202, {"message", "state", "workspace"}),
    ("POST", "workspaces/789/restart/", 202, {"message", "state", "workspace"}),
    ("POST", "workspaces/789/terminate/", 202, {"message", "state", "workspace"}),
    (
        "GET",
        "workspaces/789/connection/",
        200,
        {
            "cloud_provider",
            "state",
            "username",
            "connection_string",
            "registration_code",
            "web_client_url",
            "client_download_url",
            "steps",
        },
    ),
    ("GET", "workspaces/789/troubleshoot/", 200, {"state", "checked_at", "findings"}),
    ("GET", "workspaces/789/logs/?level=info", 200, {"logs", "count", "next"}),
    (
        "GET",
        "workspaces/789/metrics/",
        200,
        {
            "provisioning_seconds",
            "time_in_state_seconds",
            "running_seconds",
            "attempts",
            "connection_state",
            "last_connected_at",
            "since",
        },
    ),
    ("GET", "cloud-credentials/", 200, {"cloud_credentials", "count", "next"}),
    ("GET", "cloud-credentials/456/", 200, CREDENTIAL),
    ("PUT", "cloud-credentials/456/", 200, CREDENTIAL),
    ("DELETE", "cloud-credentials/456/", 409, {"code", "detail"}),
]
"""Of the contract: call, status in this world, and the documented fields."""
BODIES: dict[str, Any] = {
    "workspaces/789/": {"username": "john.doe"},
    "cloud-credentials/456/": {
        "name": "New name",
        "cloud_provider": "aws",
        "region": "eu-central-1",
        "directory_id": "d-99670be001",
    },
}


@pytest.fixture(autouse=True)
def numbered_world(api_app: Flask, api: Callers) -> None:
    with api_app.app_context():
        add_documented_rows(db.session, api.world)


def test_every_documented_endpoint_is_there(api_app: Flask):
    wanted = {tuple(line.split()) for line in ENDPOINTS.strip().splitlines()}
    found = set()
    for rule in api_app.url_map.iter_rules():
        path = rule.rule.replace("<int:workspace_id>", "{id}")
        path = path.replace("<int:credential_id>", "{credential_id}" if "/bundles/" in path else "{id}")
        found |= {(method, path) for method in rule.methods}

    assert len(wanted) == 22
    assert wanted <= found


def test_creating_a_workspace(api: Callers):
    answer = api("POST", "/workspaces/", data=ORDER, content_type="application/json")

    assert (answer.status_code, answer.json["state"]) == (201, "PENDING")
    assert answer.headers["Location"].endswith(f"/{answer.json['id']}/")
    assert set(answer.json) >= WORKSPACE
    assert (answer.json["application_id"], answer.json["username"]) == (123, "john.doe")


def test_listing_available_bundles(api: Callers):
    answer = api("GET", "/bundles/456/")

    documented = {
        "bundle_id": "wsb-1234567890",
        "name": "Standard Ubuntu 20.04",
        "compute_type": "Standard",
        "user_storage": 100,
        "cloud_provider": "aws",
    }
    assert answer.json["bundles"][0].items() >= documented.items()
    assert answer.json["count"] == len(answer.json["bundles"])
    assert set(answer.json["bundles"][0]) >= {
        "description",
        "vcpus",
        "memory_gib",
        "root_storage",
        "workspace_type",
        "available",
        "unavailable_reason",
    }


def test_monitoring_the_status(api: Callers, change, frozen_clock):
    frozen_clock.worker = lambda: change(789, look_requested_at=None)

    answer = api("POST", "/workspaces/789/refresh/")

    assert answer.status_code == 200
    assert answer.json == {
        "message": "Workspace status refreshed successfully",
        "state": "AVAILABLE",
        "connection_string": "workspaces://jane.roe@wsfra+ABC123",
    }


def test_retrying_by_hand_and_troubleshooting(api: Callers, change):
    change(789, phase="create_failed", error_code="quota_reached", error_at=START, cloud_workspace_id=None)

    findings = api("GET", "/workspaces/789/troubleshoot/").json["findings"]
    answer = api("POST", "/workspaces/789/retry/")

    assert set(findings[0]) >= {"code", "severity", "summary", "explanation", "evidence", "remedies"}
    assert set(findings[0]["remedies"][0]) >= {"action", "label", "href", "data_loss"}
    assert (answer.status_code, answer.json["state"]) == (202, "PENDING")


def test_a_credential_is_made_and_tested(api: Callers, api_app: Flask, frozen_clock):
    from tests.api.campaign import answer_everything

    frozen_clock.worker = lambda: answer_everything(api_app)
    made = api(
        "POST",
        "/cloud-credentials/",
        json={
            "name": "Made",
            "cloud_provider": "aws",
            "region": "eu-central-1",
            "directory_id": "d-99670be001",
            "access_key_id": "AKIAIOSFODNN7EXAMPLE",
            "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        },
    )
    tested = api("POST", f"/cloud-credentials/{made.json['id']}/test/")

    assert (made.status_code, set(made.json) >= CREDENTIAL) == (201, True)
    assert (tested.status_code, set(tested.json)) == (200, {"ok", "checked_at", "checks"})


@pytest.mark.parametrize(
    ("method", "path", "status", "fields"), CONTRACT, ids=[f"{one[0]} {one[1]}" for one in CONTRACT]
)
def test_the_contracts_calls_have_their_fields(api: Callers, method, path, status, fields):
    body = {"json": BODIES[path]} if method == "PUT" else {}

    answer = api(method, f"/{path}", **body)

    assert answer.status_code == status
    assert set(answer.json) >= fields
    for line in answer.json.get("logs", []):
        assert set(line) >= {
            "at",
            "level",
            "event",
            "message",
            "actor",
            "from_state",
            "to_state",
            "request_id",
            "details",
        }
