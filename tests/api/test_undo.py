"""Terminating with a grace, and undoing it, by the API."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.api.world import READY, Callers
from webapp.extensions import db
from webapp.models import Company


@pytest.fixture
def one(api_app: Flask, api: Callers, change: Any) -> str:
    change(api.world.workspace_id, **READY)
    with api_app.app_context():
        db.session.execute(update(Company).values(grace_days=7))
        db.session.commit()
    return f"/workspaces/{api.world.workspace_id}/"


def test_a_termination_keeps_the_desktop_and_says_until_when(api: Callers, one: str) -> None:
    answer = api("POST", f"{one}terminate/")

    assert answer.status_code == 202
    shown = answer.json["workspace"]
    assert (shown["access"], shown["suspended_at"]) == ("suspended", "2026-11-24T10:00:00Z")
    assert shown["destroy_at"] == "2026-12-01T10:00:00Z"
    assert (shown["connection_string"], shown["allowed_actions"]) == (None, ["terminate"])
    assert api("POST", f"{one}terminate/").json["workspace"] == shown
    assert api("GET", f"{one}connection/").json["code"] == "not_connectable"
    assert api("POST", f"{one}start/").json["code"] == "action_not_allowed"


@pytest.mark.parametrize("way", ["terminate", "delete"])
def test_it_is_undone_in_one_call(api: Callers, one: str, way: str) -> None:
    before = api("GET", one).json
    answer = api("DELETE", one) if way == "delete" else api("POST", f"{one}terminate/")
    assert answer.status_code == 202

    undone, again = api("POST", f"{one}undo/"), api("POST", f"{one}undo/")

    assert (undone.status_code, again.status_code) == (202, 202)
    shown = undone.json["workspace"]
    assert again.json["workspace"] == shown
    same = ("state", "access", "suspended_at", "destroy_at", "connection_string", "allowed_actions")
    assert {name: shown[name] for name in same} == {name: before[name] for name in same}


@pytest.mark.parametrize("way", ["terminate", "delete"])
def test_now_means_without_the_grace_and_cannot_be_undone(api: Callers, one: str, way: str) -> None:
    path = f"{one}?now=true" if way == "delete" else f"{one}terminate/?now=true"

    answer = api("DELETE" if way == "delete" else "POST", path)

    assert (answer.status_code, answer.json["state"]) == (202, "TERMINATING")
    refused = api("POST", f"{one}undo/")
    assert (refused.status_code, refused.json["code"]) == (409, "action_not_allowed")


def test_what_is_kept_can_be_deleted_now(api: Callers, one: str) -> None:
    api("POST", f"{one}terminate/")

    assert api("POST", f"{one}terminate/?now=true").json["state"] == "TERMINATING"
