"""`Idempotency-Key`: asked again, answered again, done once; also when twenty ask at once."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.api.world import Callers
from tests.conftest import both_databases, postgres_first
from tests.desk import UBUNTU, Desk, StoryClock
from webapp.domain.lifecycle import State
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import IdempotencyKey, Workspace
from webapp.services import tokens

PATH = "/workspaces/"
KEY = {"Idempotency-Key": "order-of-sam"}
AT_ONCE = 20


@pytest.fixture
def order_request(api: Callers) -> dict[str, Any]:
    return {
        "application_id": api.world.free_application_ids[0],
        "cloud_credential_id": api.world.credential_id,
        "workspace_type": "ubuntu",
        "bundle_id": "wsb-ubuntu001",
        "username": "sam.two",
    }


def seen(answer: TestResponse) -> tuple[int, bytes, str | None, str | None]:
    return answer.status_code, answer.data, answer.headers.get("Location"), answer.headers.get("ETag")


def test_the_same_key_gets_the_first_answer_again(api: Callers, order_request):
    first = api("POST", PATH, json=order_request, headers=KEY)
    again = api("POST", PATH, json=order_request, headers=KEY)

    assert first.status_code == 201
    assert seen(again) == seen(first)
    assert again.content_type == first.content_type
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert api("GET", PATH).json["count"] == 2


def test_a_refusal_is_an_answer_too(api: Callers, order_request):
    first = api("POST", PATH, json=order_request | {"username": "-"}, headers=KEY)
    again = api("POST", PATH, json=order_request | {"username": "-"}, headers=KEY)

    assert (first.status_code, seen(again)) == (422, seen(first))


@pytest.mark.parametrize("other", ["body", "path"])
def test_the_key_belongs_to_one_request(api: Callers, order_request, other):
    api("POST", PATH, json=order_request, headers=KEY)

    if other == "body":
        answer = api("POST", PATH, json=order_request | {"username": "sam.three"}, headers=KEY)
    else:
        answer = api("POST", f"{PATH}{api.world.workspace_id}/terminate/", headers=KEY)

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")


def test_keys_of_two_callers_never_meet(api: Callers, order_request):
    first = api("POST", PATH, json=order_request, headers=KEY)
    second = api("POST", PATH, json=order_request, headers=KEY, by="write-only")

    assert (first.status_code, second.status_code, second.json["code"]) == (201, 409, "workspace_exists")


def test_a_key_is_kept_for_a_day(api_app: Flask, api: Callers, order_request, frozen_clock):
    api("POST", PATH, json=order_request, headers=KEY)
    frozen_clock.pause(24 * 3600 - 1)
    kept = api("POST", PATH, json=order_request, headers=KEY)
    frozen_clock.pause(1)
    later = api("POST", PATH, json=order_request, headers=KEY)

    assert (kept.status_code, later.status_code) == (201, 409)
    with api_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1


def test_what_is_no_answer_leaves_the_key_free(api: Callers, frozen_clock):
    path = f"/cloud-credentials/{api.world.credential_id}/test/"

    first, second = api("POST", path, headers=KEY), api("POST", path, headers=KEY)

    assert (first.status_code, second.status_code) == (503, 503)
    assert "Idempotency-Replayed" not in second.headers


def test_a_request_that_died_is_followed_by_the_next(
    api_app: Flask, api: Callers, order_request, frozen_clock
):
    api("POST", PATH, json=order_request, headers=KEY)
    with api_app.app_context():
        db.session.query(IdempotencyKey).update({"status": None, "body": None})
        db.session.commit()

    early = api("POST", PATH, json=order_request, headers=KEY)
    frozen_clock.pause(60)
    late = api("POST", PATH, json=order_request, headers=KEY)

    assert (early.status_code, early.json["code"]) == (409, "idempotency_in_progress")
    assert int(early.headers["Retry-After"]) > 0
    assert (late.status_code, late.json["code"]) == (409, "workspace_exists")


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "naïve"])
def test_a_key_that_cannot_be_one_is_refused(api: Callers, order_request, key):
    answer = api("POST", PATH, json=order_request, headers={"Idempotency-Key": key})

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["Idempotency-Key"])


class WebClock:
    """The story's time, but whoever waits for another thread really waits."""

    def __init__(self, story: StoryClock) -> None:
        self._story = story

    def now(self) -> datetime:
        return self._story.now()

    monotonic_s = staticmethod(time.monotonic)
    pause = staticmethod(time.sleep)


@pytest.fixture
def order_at_once(desk: Desk) -> Callable[[dict[str, str]], list[TestResponse]]:
    """The same order of the same caller, sent twenty times at the same moment."""
    app = create_app(desk.settings, clock=WebClock(desk.clock), notifier=desk.notifier)
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="at once")
    order_request = {
        "application_id": desk.add_application().id,
        "cloud_credential_id": desk.credential_id,
        "workspace_type": "ubuntu",
        "bundle_id": UBUNTU,
        "username": "mina.park",
    }

    def order(headers: dict[str, str]) -> list[TestResponse]:
        barrier, answers = threading.Barrier(AT_ONCE), []

        def send() -> None:
            client = app.test_client()
            barrier.wait()
            answers.append(
                client.post(
                    "/api/workspaces/workspaces/",
                    json=order_request,
                    headers={"Authorization": f"Bearer {token}", **headers},
                )
            )

        threads = [threading.Thread(target=send) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with app.app_context():
            db.engine.dispose()
        return answers

    return order


@both_databases
def test_twenty_at_once_with_one_key_are_one_order_and_one_machine(desk: Desk, order_at_once):
    answers = order_at_once({"Idempotency-Key": "one"})

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == AT_ONCE - 1
    desk.live_until(answers[0].json["id"], State.AVAILABLE)
    assert desk.session.scalar(select(func.count()).select_from(Workspace)) == 1
    assert len(desk.machines()) == 1


@postgres_first
def test_twenty_at_once_without_a_key_are_one_order_and_nineteen_refusals(desk: Desk, order_at_once):
    answers = order_at_once({})

    refused = [answer for answer in answers if answer.status_code != 201]
    assert len(refused) == AT_ONCE - 1
    assert {(answer.status_code, answer.json["code"]) for answer in refused} == {(409, "workspace_exists")}
    assert desk.session.scalar(select(func.count()).select_from(Workspace)) == 1
