"""The OpenAPI document says what is there."""

import re
from pathlib import Path

import pytest
from flask import Flask

from webapp.api.codes import MEANINGS
from webapp.api.problems import CODES

ROOT = Path(__file__).resolve().parents[2]
SERVICES = (
    "adoption",
    "applications",
    "budgets",
    "cohort_review",
    "cohorts",
    "colleagues",
    "connection",
    "credentials",
    "hiring",
    "inquiries",
    "invitation_refusals",
    "invitations",
    "order_limits",
    "orders",
    "orphans",
    "profile_orders",
    "profiles",
    "tokens",
    "webhooks",
    "workspace_actions",
)
"""Those that the API calls."""
ONLY_PAGES = {
    "already_applied",
    "company_disabled",
    "invitation_for_another",
    "invitation_needs_another_address",
    "job_closed",
    "second_factor_missing",
}
"""What nobody meets by the API."""


@pytest.fixture
def document(api_app: Flask) -> dict:
    return api_app.test_client().get("/api/workspaces/openapi.json").json


def operations(document: dict) -> list[tuple[str, str, dict]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_it_is_valid(document):
    # Not above: it makes forty parsers, and every worker that collects the tests would wait for them.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_is_the_same_however_often_it_is_read(api_app: Flask, document):
    assert api_app.test_client().get("/api/workspaces/openapi.json").json == document


def test_it_lists_the_documented_routes_and_no_page(api_app: Flask, document):
    routes = {
        (re.sub(r"<[^>]*?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in api_app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert {(path, method) for path, method, _ in operations(document)} == routes


def test_every_operation_names_its_refusals(document):
    for path, method, operation in operations(document):
        if path.endswith("openapi.json"):
            continue
        needed = {"401", "403", "429", "500"} | ({"404"} if "{" in path else set())
        assert needed <= set(operation["responses"]), (method, path)
        for status, response in operation["responses"].items():
            if status[0] in "45":
                assert list(response["content"]) == ["application/problem+json"], (method, path, status)


def test_every_code_that_a_call_can_meet_is_named(document):
    sources = [ROOT / "webapp/services" / f"{name}.py" for name in SERVICES]
    sources += (ROOT / "webapp/api").rglob("*.py")
    in_source = {
        code
        for path in sources
        for pair in re.findall(r'\bcode, http_status = "(\w+)"|\bcode="(\w+)"', path.read_text())
        for code in pair
        if code
    }
    of_the_framework = {code for code, _ in CODES.values()}

    assert {"workspace_exists", "malformed_json", "insufficient_scope"} <= in_source
    assert (in_source - ONLY_PAGES) | of_the_framework <= set(MEANINGS)
    assert all(f"`{code}`" in document["info"]["description"] for code in MEANINGS)


def test_it_names_what_a_seeker_gets(document):
    answers = [
        document["paths"][f"/api/workspaces/workspaces/{path}"]["get"]["responses"]["200"]
        for path in ("", "{workspace_id}/")
    ]

    names = [
        [one["$ref"].rpartition("/")[2] for one in answer["content"]["application/json"]["schema"]["anyOf"]]
        for answer in answers
    ]
    assert names == [["WorkspaceList", "OwnWorkspaceList"], ["WorkspaceDetails", "OwnWorkspace"]]


def test_secrets_are_only_ever_written(document):
    schemas = document["components"]["schemas"]

    assert schemas["NewCredential"]["properties"]["secret_access_key"]["writeOnly"] is True
    assert "secret_access_key" not in schemas["CredentialDetails"]["properties"]
