"""Each class of trouble, caused over the wire, is shown with its cause by page and API alike."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.conftest import both_databases
from tests.desk import Desk
from tests.troubleshooting.scenarios import EXPECTED, Scenario, failed_launch
from webapp.queries import workspaces
from webapp.services import tokens
from webapp.services.troubleshooting import diagnose as diagnose_row

ROOT = "/api/workspaces/workspaces"
REMEDY = {"action", "label", "href", "data_loss", "cost", "snapshot_at", "tried_at"}
QUERIES = 5
"""The workspace with names, its log, its surroundings, the last credential test, the failing duties."""


@pytest.fixture
def caller(app: Flask, desk: Desk) -> FlaskClient:
    """A client with a token of the company's provider; while a call waits, the workers come."""
    app.extensions["berth"].clock.work = desk.work
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="findings")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def diagnose(caller: FlaskClient, workspace_id: int) -> dict[str, Any]:
    answer = caller.get(f"{ROOT}/{workspace_id}/troubleshoot/")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


@pytest.mark.parametrize(("cause", "expected"), EXPECTED.values(), ids=EXPECTED)
def test_each_class_of_trouble_is_shown_with_its_cause_and_what_is_offered_works(
    desk: Desk, caller: FlaskClient, cause: Scenario, expected: list[str]
) -> None:
    workspace_id = cause(desk)

    diagnosis = diagnose(caller, workspace_id)

    assert [one["code"] for one in diagnosis["findings"]] == expected, desk.story(workspace_id)
    assert diagnosis["state"] == desk.row(workspace_id).state.value
    for one in diagnosis["findings"]:
        assert one["severity"] in ("info", "warning", "error")
        assert set(one) == {"code", "severity", "summary", "explanation", "evidence", "remedies"}
        assert all(set(remedy) == REMEDY for remedy in one["remedies"])
    _press_all(caller, workspace_id)


def _press_all(caller: FlaskClient, workspace_id: int) -> None:
    """Every remedy that is one POST, the most harmless first; what is offered is read again in between."""
    pressed = {"change_credential", "order_again"}
    asks = ("refresh", "test_credential")
    while True:
        findings = diagnose(caller, workspace_id)["findings"]
        left = [one for found in findings for one in found["remedies"] if one["action"] not in pressed]
        if not left:
            return
        harmless = min(left, key=lambda one: (one["data_loss"], one["action"] not in asks))
        answer = caller.post(harmless["href"])
        # 503: the cloud itself is silent in some of these; the press was still the right one.
        assert answer.status_code in (200, 202, 503), (harmless, answer.text)
        pressed.add(harmless["action"])


def test_what_is_known_of_an_unknown_code_is_shown_without_account_numbers(
    desk: Desk, caller: FlaskClient
) -> None:
    workspace_id = EXPECTED["unknown_code"][0](desk)

    evidence = diagnose(caller, workspace_id)["findings"][0]["evidence"]

    assert evidence["cloud_code"] == "QuantumFluxLow"
    assert evidence["cloud_says"] == "The flux of [account]."


def test_a_failed_launch_shows_the_clouds_words_and_their_likely_cause(
    desk: Desk, caller: FlaskClient
) -> None:
    found = diagnose(caller, failed_launch(desk))["findings"][0]

    assert found["evidence"]["cloud_code"] == "DomainJoin"
    assert "domain controllers" in found["explanation"]


def test_while_the_account_waits_no_look_is_offered_that_nobody_would_answer(
    desk: Desk, caller: FlaskClient
) -> None:
    findings = diagnose(caller, EXPECTED["invalid_key"][0](desk))["findings"]

    offered = [remedy["action"] for found in findings for remedy in found["remedies"]]
    assert offered == ["change_credential", "test_credential"]


@both_databases
def test_the_facts_take_few_queries(desk: Desk) -> None:
    workspace_id = EXPECTED["user_renamed"][0](desk)
    desk.session.commit()
    asked: list[str] = []

    def note(*call: object) -> None:
        asked.append(str(call[2]))

    event.listen(desk.database, "before_cursor_execute", note)
    found = workspaces.get_workspace(desk.session, workspace_id, company_id=desk.provider.company_id or 0)
    diagnose_row(desk.context, found)
    event.remove(desk.database, "before_cursor_execute", note)

    assert len([one for one in asked if one.startswith("SELECT")]) == QUERIES, asked


def test_the_times_of_the_evidence_are_rfc_3339(desk: Desk, caller: FlaskClient) -> None:
    evidence = diagnose(caller, EXPECTED["redis_away"][0](desk))["findings"][0]["evidence"]

    assert evidence["due_at"].endswith("Z")
    assert evidence["overdue_seconds"] >= 600


@pytest.fixture
def sign_in_as(app: Flask, desk: Desk) -> Callable[[str], FlaskClient]:
    def make(email: str) -> FlaskClient:
        _, token = tokens.issue_token(desk.context, user=desk.add_provider(email, company="Rival"), name="x")
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return make


def test_a_workspace_of_another_company_is_not_diagnosed(
    desk: Desk, sign_in_as: Callable[[str], FlaskClient]
) -> None:
    workspace_id = EXPECTED["user_renamed"][0](desk)

    answer = sign_in_as("rival@example.com").get(f"{ROOT}/{workspace_id}/troubleshoot/")

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
