"""The pages about webhooks: add one, see its key once, read its log, send again, pause, delete."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from tests.webhooks.conftest import Post
from webapp.domain.webhooks import KINDS
from webapp.models import WebhookEndpoint


@pytest.fixture
def provider(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> Visitor:
    return Visitor(sign_in("provider@example.com"))


@pytest.fixture
def rival(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> Visitor:
    desk.add_provider("rival@example.com", company="Rival")
    return Visitor(sign_in("rival@example.com"))


def test_from_the_form_to_the_log_and_back(
    app: Flask, desk: Desk, receiver, provider: Visitor, rival: Visitor
) -> None:
    made = provider.post("/webhooks/", {"url": receiver.url, "kinds": list(KINDS)})
    key = re.search(r"whsec_[\w+/=]+", made.text)[0]
    with desk.sessions() as session:
        post = Post(desk, session.query(WebhookEndpoint).one(), key)
    receiver.status = 500
    desk.order()
    post.work()

    log = provider.read("/webhooks/1/")
    assert key not in provider.get("/webhooks/1/").text + provider.get("/webhooks/").text
    assert "answered 500" in log.text and "Retry scheduled" in log.text
    receiver.status = 200
    assert provider.post("/webhooks/deliveries/1/redeliver").status_code == 303
    post.work()
    assert "Delivered" in provider.read("/webhooks/1/").text
    assert receiver.got[-1].is_signed_with(key)

    for path in ("/webhooks/1/", "/webhooks/1/delete"):
        assert rival.get(path).status_code == 404
    for path in ("/webhooks/deliveries/1/redeliver", "/webhooks/1/pause", "/webhooks/1/delete"):
        assert rival.post(path).status_code == 404
    provider.post("/webhooks/1/pause")
    assert "Paused" in provider.read("/webhooks/1/").text
    assert provider.post("/webhooks/deliveries/1/redeliver").status_code == 409
    provider.post("/webhooks/1/resume")
    assert provider.post("/webhooks/1/delete").status_code == 303
    assert "No webhooks yet" in provider.read("/webhooks/").text


@pytest.mark.own_app
def test_a_person_cannot_make_berth_hammer_a_server(
    app: Flask, desk: Desk, add_endpoint, provider: Visitor
) -> None:
    app.config["REDELIVERY_RATE"] = "3 per day"
    post = add_endpoint()
    desk.order()

    statuses = [provider.post("/webhooks/deliveries/1/redeliver").status_code for _ in range(4)]

    assert statuses == [303, 303, 303, 429]
    assert post.work() == 1


@pytest.mark.own_app
def test_whoever_may_not_send_again_causes_no_error(
    app: Flask, desk: Desk, client: FlaskClient, sign_in: Callable[[str], FlaskClient], caplog
) -> None:
    seeker = sign_in(desk.add_seeker().email)

    statuses = [Visitor(one).post("/webhooks/deliveries/1/redeliver").status_code for one in (client, seeker)]

    assert statuses == [302, 403]
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


def test_what_cannot_be_right_comes_back_beside_its_field(provider: Visitor) -> None:
    for form, field in (
        ({"url": "http://10.0.0.1/", "kinds": [KINDS[0]]}, "url"),
        ({"url": "", "kinds": [KINDS[0]]}, "url"),
    ):
        answer = provider.post("/webhooks/", form)
        assert answer.status_code == 422
        assert Reader(answer.text).error_of(field), field
    answer = provider.post("/webhooks/", {"url": "https://hooks.example.com/"})
    assert answer.status_code == 422
    assert "Choose at least one event." in answer.text


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "intranet", "printer.local", "db.internal."])
def test_a_name_that_cannot_be_public_is_refused_at_the_field(provider: Visitor, host: str) -> None:
    answer = provider.post("/webhooks/", {"url": f"http://{host}/", "kinds": "workspace.available"})

    assert answer.status_code == 422 and Reader(answer.text).error_of("url")
