"""What the web server logs of a request: one line that nobody can forge, in UTC, without what is private."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.desk import PASSWORD, Desk
from tests.pages.reader import Visitor
from webapp.logging import JsonFormatter
from webapp.services import password_reset, tokens

MEMBERS = {"at", "level", "logger", "message", "request_id"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def lines_of(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_is_one_line_that_says_when_what_and_how_it_ended(
    log: io.StringIO, provider: Visitor
) -> None:
    answer = provider.get("/workspaces/?q=private-canary")

    [line] = [one for one in lines_of(log) if one["message"] == "request"]
    assert line.keys() >= MEMBERS
    assert (line["method"], line["path"], line["status"]) == ("GET", "/workspaces/", 200)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "canary" not in log.getvalue()


def test_times_are_in_utc(log: io.StringIO, stranger: Visitor) -> None:
    stranger.get("/board/")

    for line in lines_of(log):
        assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere%0A%7B%22message%22:%20%22forged%22%7D",
        "/nowhere%0D%0Aforged",
        "/nowhere%E2%80%A8forged",
        '/nowhere%22,%20"message":%20"forged',
        "/nowhere%1B%5B2Jforged",
    ],
)
def test_nobody_writes_a_line_of_their_own(log: io.StringIO, stranger: Visitor, path: str) -> None:
    stranger.get(path)

    text = log.getvalue()
    assert "\r" not in text and "\x1b" not in text
    messages = [json.loads(line)["message"] for line in text.rstrip("\n").split("\n")]
    assert messages and "forged" not in messages


def test_no_line_has_a_password_a_cookie_a_token_or_a_link(
    log: io.StringIO, desk: Desk, stranger: Visitor, provider: Visitor
) -> None:
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="program")
    link = password_reset.make_link(desk.context, email=desk.provider.email)
    with provider.client.session_transaction() as session:
        cookie = session["_user_id"]
    body = {"email": desk.provider.email, "password": PASSWORD}

    for one in (body, body | {"password": "wrong-canary-password"}):
        stranger.post("/sign-in", one)
    stranger.get(f"/password/new?link={link}")
    stranger.get("/api/workspaces/workspaces/", headers={"Authorization": f"Bearer {token}"})
    provider.post("/account/password", {"current": "x", "password": "short-canary"})

    text = log.getvalue()
    assert "/sign-in" in text and "/password/new" in text
    for secret in (PASSWORD, "canary", token, link, cookie):
        assert secret not in text


@pytest.mark.own_app
def test_a_fault_is_logged_with_its_cause_and_the_number_that_the_person_sees(
    app: Flask, log: io.StringIO, stranger: Visitor
) -> None:
    def broken() -> str:
        raise RuntimeError("the cause")

    app.add_url_rule("/broken", view_func=broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    logging.getLogger().addHandler(log_handler := logging.StreamHandler(log))
    log_handler.setFormatter(JsonFormatter())

    answer = stranger.get("/broken")
    logging.getLogger().removeHandler(log_handler)

    found = [one for one in lines_of(log) if one["level"] == "error"]
    assert found and "the cause" in found[0]["traceback"]
    assert found[0]["request_id"] == answer.headers["X-Request-ID"]
    assert "the cause" not in answer.text
