"""Azure by the API: its own fields, its own rules, and null where it knows no such thing."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.api.world import START, Callers
from tests.azure_rows import CLIENT, FIELDS, GUEST, MEMBER, SECRET, add_azure_credential, make_ready, observe

NEW = {"name": "Azure", "cloud_provider": "azure", **FIELDS}


@pytest.fixture
def azure_id(api_app: Flask, api: Callers) -> int:
    """A credential of Azure that can be used."""
    with api_app.app_context():
        return add_azure_credential(api_app.extensions["berth"], company_id=api.world.company_id)


@pytest.fixture
def order_request(api: Callers, azure_id: int) -> dict[str, Any]:
    return {
        "application_id": api.world.free_application_ids[0],
        "cloud_credential_id": azure_id,
        "workspace_type": "windows",
        "bundle_id": "az-standard",
        "username": MEMBER,
    }


@pytest.fixture
def ready(api_app: Flask, api: Callers, order_request: dict[str, Any]) -> Callable[..., str]:
    """Order a desktop and make it usable; its path."""

    def make(**changes: Any) -> str:
        made = api("POST", "/workspaces/", json=order_request | changes)
        assert made.status_code == 201, made.text
        with api_app.app_context():
            make_ready(api_app.extensions["berth"], made.json["id"], at=START)
        return f"/workspaces/{made.json['id']}/"

    return make


def test_a_credential_is_shown_with_its_own_fields_and_without_its_secret(api: Callers):
    answer = api("POST", "/cloud-credentials/", json=NEW)

    assert answer.status_code == 201
    shown = answer.json
    assert (shown["host_pool"], shown["location"], shown["secret_expires_on"]) == (
        "hp-personal",
        "westeurope",
        "",
    )
    assert shown["client_id"] == "6666…0000"
    assert shown["image"].startswith("MicrosoftWindowsDesktop:")
    assert not {"region", "directory_id", "client_secret"} & set(shown)
    assert SECRET not in answer.text and CLIENT not in answer.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tenant_id": "contoso"}, "tenant_id"),
        ({"subnet_id": "snet"}, "subnet_id"),
        ({"subnet_id": "x" * 401}, "subnet_id"),
        ({"location": "moon"}, "location"),
        ({"client_secret": CLIENT}, "client_secret"),
        ({"client_secret": ""}, "client_secret"),
        ({"secret_expires_on": "soon"}, "secret_expires_on"),
        ({"region": "eu-central-1"}, "region"),
        ({"secret_access_key": "x" * 40}, "secret_access_key"),
        ({"host_pools": "hp"}, "host_pools"),
        ({"host_pool": ["hp-personal"]}, "host_pool"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_its_name(api: Callers, change: dict[str, Any], field: str):
    answer = api("POST", "/cloud-credentials/", json=NEW | change)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert list(answer.json["errors"]) == [field]
    assert SECRET not in answer.text


def test_a_change_keeps_what_it_does_not_name(api: Callers, azure_id: int):
    path = f"/cloud-credentials/{azure_id}/"
    known = {name: FIELDS[name] for name in FIELDS if name not in ("client_id", "client_secret")}

    answer = api("PUT", path, json={"name": "Renamed", **known, "secret_expires_on": "2027-01-31"})

    assert (answer.status_code, answer.json["name"], answer.json["usable"]) == (200, "Renamed", True)
    assert api("PUT", path, json={"name": "Renamed", **known}).json["secret_expires_on"] == "2027-01-31"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Azure", "cloud_provider": "aws", "region": "eu-central-1"}, "cloud_provider"),
        ({"name": "Azure", **FIELDS, "region": "eu-central-1"}, "region"),
    ],
)
def test_a_credential_never_moves_to_another_cloud(
    api: Callers, azure_id: int, body: dict[str, str], field: str
):
    answer = api("PUT", f"/cloud-credentials/{azure_id}/", json=body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_an_order_takes_a_sign_in_name(api: Callers, order_request: dict[str, Any]):
    answer = api("POST", "/workspaces/", json=order_request | {"username": GUEST})

    assert answer.status_code == 201
    assert (answer.json["username"], answer.json["cloud_provider"]) == (GUEST, "azure")
    assert answer.json["connection_string"] is None


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (
            {"workspace_type": "ubuntu", "bundle_id": "none", "username": "x"},
            "type_not_supported",
            "workspace_type",
        ),
        ({"bundle_id": "none", "username": "x"}, "bundle_not_found", "bundle_id"),
        ({"username": "sam.okafor"}, "username_invalid", "username"),
    ],
)
def test_refusals_come_in_the_documented_order(
    api: Callers, order_request: dict[str, Any], change: dict[str, str], code: str, field: str
):
    answer = api("POST", "/workspaces/", json=order_request | change)

    assert (answer.status_code, answer.json["code"], list(answer.json["errors"])) == (422, code, [field])


def test_the_way_to_connect_has_null_where_azure_knows_no_such_thing(api: Callers, ready: Callable[..., str]):
    answer = api("GET", f"{ready()}connection/", by="seeker")

    assert answer.status_code == 200
    assert answer.json["registration_code"] is None
    assert answer.json["connection_string"].startswith("ms-avd:connect?workspaceid=")
    assert answer.json["web_client_url"].startswith("https://windows.cloud.microsoft/webclient/avd/")
    assert answer.json["steps"]
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


def test_without_a_feed_there_is_no_link_and_the_reason_is_given(
    api_app: Flask, api: Callers, azure_id: int, ready: Callable[..., str]
):
    path = ready()
    with api_app.app_context():
        observe(api_app.extensions["berth"], azure_id, desktop_object_id="")

    assert api("GET", path).json["connection_string"] is None
    refused = api("GET", f"{path}connection/").json
    assert refused["code"] == "not_connectable"
    assert "test the cloud account" in refused["detail"]


def test_a_rebuild_is_refused_with_the_reason(api: Callers, ready: Callable[..., str]):
    answer = api("POST", f"{ready()}rebuild/")

    assert (answer.status_code, answer.json["code"]) == (409, "action_not_allowed")
    assert "terminate it and order again" in answer.json["detail"]


def test_a_secret_that_runs_out_is_a_finding(api: Callers, azure_id: int, ready: Callable[..., str]):
    path = ready()
    body = {"name": "Azure", **FIELDS, "client_secret": "", "secret_expires_on": "2026-12-01"}
    assert api("PUT", f"/cloud-credentials/{azure_id}/", json=body).status_code == 200

    findings = api("GET", f"{path}troubleshoot/").json["findings"]

    found = next(one for one in findings if one["code"] == "secret_expires_soon")
    assert found["evidence"]["expires_on"] == "2026-12-01"
    assert [one["action"] for one in found["remedies"]] == ["change_credential"]


def test_workspaces_of_one_cloud_can_be_listed(api: Callers, ready: Callable[..., str]):
    ready()

    listed = api("GET", "/workspaces/?cloud_provider=azure").json

    assert [one["cloud_provider"] for one in listed["workspaces"]] == ["azure"]


def test_the_document_describes_every_field_of_every_cloud(api_app: Flask):
    schemas = api_app.test_client().get("/api/workspaces/openapi.json").json["components"]["schemas"]

    new, shown = schemas["NewCredential"]["properties"], schemas["CredentialDetails"]["properties"]
    assert new["client_secret"]["writeOnly"] is True
    assert "Azure Virtual Desktop" in new["subnet_id"]["description"]
    assert "client_secret" not in shown
    assert set(FIELDS) - {"client_secret"} <= set(shown)
