"""The log of an order can be read together: by request, by workspace and attempt, by account."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.desk import UBUNTU, Desk
from webapp import logging as berth_logging
from webapp.domain.lifecycle import State
from webapp.logging import JsonFormatter, about


class Lines:
    """What stands in the log, read back from its text."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter([json.loads(line) for line in self.text.getvalue().splitlines()])

    def of(self, **wanted: object) -> list[dict[str, Any]]:
        return [line for line in self if wanted.items() <= line.items()]


@pytest.fixture
def log() -> Iterator[Lines]:
    lines, logger = Lines(), logging.getLogger("webapp")
    handler, level = logging.StreamHandler(lines.text), logger.level
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.fixture
def ordered(desk: Desk, sign_in: Callable[[str], FlaskClient], app: object, log: Lines) -> tuple[int, str]:
    """A workspace ordered by a browser: its id, and the number of the request."""
    app.config["WTF_CSRF_ENABLED"] = False  # type: ignore[attr-defined]
    form = {
        "application_id": desk.add_application().id,
        "cloud_credential_id": desk.credential_id,
        "bundle_id": UBUNTU,
        "username": "person.one",
    }
    answer = sign_in(desk.provider.email).post("/workspaces/", data=form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    berth_logging.request_id.set(None)  # a worker is another process
    workspace_id = int(answer.headers["Location"].rstrip("/").rpartition("/")[2].partition("?")[0])
    return workspace_id, answer.headers["X-Request-ID"]


def test_an_order_that_was_throttled_and_retried_is_one_story(
    desk: Desk, log: Lines, ordered: tuple[int, str]
) -> None:
    workspace_id, request_id = ordered
    desk.sandbox.add_fault("throttle", operation="CreateWorkspaces")

    desk.live_until(workspace_id, State.AVAILABLE)

    logged = [
        (line["event"], line["attempt"]) for line in log.of(workspace_id=workspace_id) if "event" in line
    ]
    assert logged == [(event.event, event.details["attempt"]) for event in desk.events(workspace_id)[1:]]
    assert ("retry_scheduled", 2) in logged
    assert [line["code"] for line in log.of(event="retry_scheduled")] == ["throttled"]
    (refused,) = log.of(message="cloud call failed", operation="CreateWorkspaces")
    assert (refused["workspace_id"], refused["attempt"], refused["code"]) == (workspace_id, 1, "throttled")
    assert {line["request_id"] for line in log if line.get("event")} == {request_id}
    assert [line["path"] for line in log.of(message="request", request_id=request_id)] == ["/workspaces/"]


def test_every_line_of_a_run_names_its_account_and_run(
    desk: Desk, log: Lines, ordered: tuple[int, str]
) -> None:
    desk.sandbox.add_fault("http_503", operation="DescribeWorkspaces", times=2)
    desk.live_until(ordered[0], State.AVAILABLE)

    of_others = ("webapp.factory", "webapp.engine.trail_chain")
    of_workers = [line for line in log if line["logger"] not in of_others]
    assert len(of_workers) > 4
    assert {line.get("credential_id") for line in of_workers} == {desk.credential_id}
    assert all(isinstance(line["run"], int) for line in of_workers)


def test_a_call_for_many_names_them_and_a_line_about_one_names_only_it(desk: Desk, log: Lines) -> None:
    ids = [desk.order() for _ in range(3)]
    desk.sandbox.add_fault("throttle", operation="CreateWorkspaces")
    desk.work()

    (refused,) = log.of(message="cloud call failed", operation="CreateWorkspaces")
    assert (refused["workspace_ids"], refused["workspaces"]) == (ids, 3)
    retried = log.of(event="retry_scheduled")
    assert sorted(line["workspace_id"] for line in retried) == ids
    assert not [line for line in retried if "workspace_ids" in line]


def test_what_was_said_about_one_thing_does_not_stick_to_the_next(log: Lines) -> None:
    logger = logging.getLogger("webapp.test")
    with about(credential_id=1), about(workspace_id=2):
        logger.info("inside")
    logger.info("after")

    inside, after = log
    assert (inside["credential_id"], inside["workspace_id"]) == (1, 2)
    assert not {"credential_id", "workspace_id"} & after.keys()


def test_no_secret_stands_in_the_lines_of_an_order(desk: Desk, log: Lines, ordered: tuple[int, str]) -> None:
    desk.live_until(ordered[0], State.AVAILABLE)

    text = log.text.getvalue()
    assert text
    for secret in (*desk.settings.credential_private_keys, "wJalrXUtnFEMI", desk.settings.secret_key):
        assert secret not in text
