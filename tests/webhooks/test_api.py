"""Webhooks by the API: the key is shown once, a new one signs from then on, and a test arrives."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import both_databases
from tests.desk import Desk
from tests.webhooks.conftest import Post
from webapp.models import IdempotencyKey, TrailEntry, WebhookEndpoint
from webapp.services import tokens
from webapp.services.webhooks import MOST_ENDPOINTS

ROOT = "/api/workspaces/webhooks/"
KINDS = ["workspace.available", "workspace.error"]
KEY = {"Idempotency-Key": "the-webhook"}
Call = Callable[..., TestResponse]


@pytest.fixture
def client(app: Flask, desk: Desk) -> FlaskClient:
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="program")
    desk.session.rollback()
    made = app.test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return made


def add(client: FlaskClient, receiver: Any, **more: Any) -> dict[str, Any]:
    answer = client.post(ROOT, json={"url": receiver.url, "kinds": KINDS}, **more)
    assert answer.status_code == 201, answer.json
    return answer.json


def post_of(desk: Desk, key: str) -> Post:
    with desk.sessions() as session:
        return Post(desk, session.query(WebhookEndpoint).one(), key)


@both_databases
def test_a_test_arrives_signed_and_a_new_key_signs_from_then_on(desk: Desk, receiver, client: FlaskClient):
    made = add(client, receiver)
    post = post_of(desk, made["signing_key"])

    sent = client.post(f"{ROOT}{made['id']}/test/", json={})
    post.work()
    rotated = client.post(f"{ROOT}{made['id']}/rotate/", json={}).json
    client.post(f"{ROOT}{made['id']}/test/", json={})
    post.work()

    assert (sent.status_code, sent.json["kind"], sent.json["status"]) == (202, "webhook.test", "waiting")
    assert rotated["signing_key"] != made["signing_key"]
    assert [one.is_signed_with(made["signing_key"]) for one in receiver.got] == [True, False]
    assert [one.is_signed_with(rotated["signing_key"]) for one in receiver.got] == [False, True]
    log = client.get(f"{ROOT}{made['id']}/deliveries/?limit=1").json
    assert (log["count"], log["deliveries"][0]["status"]) == (2, "delivered")
    assert log["deliveries"][0]["tries"][0]["status"] == 200
    older = client.get(log["next"]).json
    assert [one["uid"] for one in older["deliveries"]] == [sent.json["uid"]]


def test_the_key_is_shown_once_and_stands_nowhere_in_clear(
    desk: Desk, receiver, client: FlaskClient, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    made = add(client, receiver, headers=KEY)
    again = add(client, receiver, headers=KEY)
    one = f"{ROOT}{made['id']}/"
    rotated = client.post(f"{one}rotate/", json={}, headers={"Idempotency-Key": "rotate"})
    repeated = client.post(f"{one}rotate/", json={}, headers={"Idempotency-Key": "rotate"})

    keys = {made["signing_key"], rotated.json["signing_key"]}
    assert again == made
    assert (repeated.json, repeated.headers["Idempotency-Replayed"]) == (rotated.json, "true")
    shown = client.get(one).text + client.get(ROOT).text + caplog.text
    with desk.sessions() as session:
        kept = str(session.scalars(select(IdempotencyKey.body)).all())
        trail = str([one.changes for one in session.scalars(select(TrailEntry))])
    assert not [key for key in keys if key in shown + kept + trail]


def test_what_it_wants_is_changed_and_it_is_paused_and_deleted(desk: Desk, receiver, client: FlaskClient):
    one = f"{ROOT}{add(client, receiver)['id']}/"

    changed = client.put(one, json={"kinds": ["workspace.terminated"]}).json
    paused = client.put(one, json={"is_active": False}).json
    refused = client.post(f"{one}test/", json={})

    assert (changed["kinds"], changed["is_active"]) == (["workspace.terminated"], True)
    assert (paused["kinds"], paused["is_active"]) == (["workspace.terminated"], False)
    assert (refused.status_code, refused.json["code"]) == (409, "webhook_paused")
    assert client.get(f"{one}deliveries/").json["count"] == 0
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("url", {"url": "http://10.0.0.1/hook", "kinds": KINDS}),
        ("url", {"url": "ftp://hooks.example.com/", "kinds": KINDS}),
        ("kinds", {"url": "https://hooks.example.com/", "kinds": []}),
        ("kinds", {"url": "https://hooks.example.com/", "kinds": ["webhook.test"]}),
        ("kinds", {"url": "https://hooks.example.com/", "kinds": [KINDS[0], KINDS[0]]}),
    ],
)
def test_what_cannot_be_a_webhook_is_refused(client: FlaskClient, field: str, body: dict[str, Any]):
    answer = client.post(ROOT, json=body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert client.get(ROOT).json["count"] == 0


@pytest.mark.parametrize("body", [{}, {"is_active": 1}, {"is_active": "true"}, {"url": "https://a.example/"}])
def test_a_change_that_cannot_be_is_refused(receiver, client: FlaskClient, body: dict[str, Any]):
    made = add(client, receiver)

    assert client.put(f"{ROOT}{made['id']}/", json=body).status_code == 422
    assert client.get(f"{ROOT}{made['id']}/").json["is_active"] is True


def test_a_company_has_so_many_and_no_more(receiver, client: FlaskClient):
    for _ in range(MOST_ENDPOINTS):
        add(client, receiver)

    answer = client.post(ROOT, json={"url": receiver.url, "kinds": KINDS})

    assert (answer.status_code, answer.json["code"]) == (409, "too_many_webhooks")
    assert client.get(ROOT).json["count"] == MOST_ENDPOINTS


@pytest.mark.own_app
def test_tests_are_counted(app: Flask, receiver, client: FlaskClient):
    app.config["REDELIVERY_RATE"] = "2 per hour"
    one = f"{ROOT}{add(client, receiver)['id']}/"

    answers = [client.post(f"{one}test/", json={}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].json["code"] == "too_many_requests"
    assert client.get(f"{one}deliveries/").json["count"] == 2
