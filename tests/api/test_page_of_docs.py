"""docs/api.md: every call in it is sent as it stands there, from the token to AVAILABLE and back."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.world import READY, START, Callers
from tests.azure_rows import add_azure_credential
from tests.desk import Desk
from tests.kept_files import gone
from tests.services.test_rehiring import hire_again
from tests.windows import set_grace
from webapp.domain.lifecycle import State
from webapp.extensions import db
from webapp.models import Orphan
from webapp.services import tokens

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@dataclass
class Call:
    """One `berth …` of the page: curl with the token and the content type."""

    method: str = "GET"
    path: str = ""
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    is_awaited: bool = False
    """Stands in an `until` loop."""

    def send(self, client: FlaskClient, token: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **self.headers}
        return client.open(self.path, method=self.method, data=self.body, headers=headers)


def calls_of(heading: str) -> list[Call]:
    """The calls below a heading of the page, in order."""
    section = PAGE.read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found: list[Call] = []
    for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL):
        words = shlex.split(block, comments=True)
        starts = [place for place, word in enumerate(words) if word == "berth"] + [len(words)]
        for start, end in zip(starts, starts[1:], strict=False):
            call = _call_of(words[start + 1 : end])
            call.is_awaited = words[start - 1] == "until"
            found.append(call)
    return found


def _call_of(words: list[str]) -> Call:
    call, rest = Call(), iter(words)
    for word in rest:
        if word == "-X":
            call.method = next(rest)
        elif word == "-d":
            call.method, call.body = "POST" if call.method == "GET" else call.method, next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            call.headers[name] = value
        elif word.startswith("$BERTH/"):
            call.path = word.replace("$BERTH", "/api/workspaces")
        elif word == "|":
            break
    return call


@pytest.fixture
def send(app: Flask, desk: Desk) -> Callable[[Call], TestResponse]:
    for _ in range(3):
        desk.add_application()
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="docs")
    app.extensions["berth"].clock.work = desk.work
    return lambda call: call.send(app.test_client(), token)


def test_from_a_token_to_a_desktop_and_back(desk: Desk, send) -> None:
    set_grace(desk)
    calls = calls_of("From a token to a desktop")
    statuses = []
    for call in calls:
        if call.is_awaited:
            desk.live_until(1, State.AVAILABLE)
        answer = send(call)
        statuses.append(answer.status_code)
        if call.is_awaited:
            assert answer.json["state"] == "AVAILABLE"

    assert len(calls) == 19
    assert statuses == [200, 201, 200, 200, 201, *(200,) * 8, 202, 200, 200, 202, 202, 202]
    assert len(desk.machines()) == 1


def test_the_same_on_azure(desk: Desk, send) -> None:
    assert add_azure_credential(desk.context, company_id=desk.provider.company_id or 0) == 2

    assert [send(call).status_code for call in calls_of("The same on Azure")] == [201, 201]


def test_a_wrong_order(api_app: Flask, api: Callers, change) -> None:
    fix, again, resize = calls_of("Changing an order")
    client, token = api_app.test_client(), api.world.tokens["provider"]
    assert (api.world.workspace_id, READY["phase"]) == (1, "ready")

    assert fix.send(client, token).status_code == 200
    change(1, phase="create_failed", error_code="user_not_found", error_at=START)
    assert again.send(client, token).status_code == 202
    idle = {"error_code": None, "error_at": None, "requested_action": None, "action_requested_at": None}
    change(1, **READY | idle)
    answer = resize.send(client, token)
    assert (answer.status_code, answer.json["resizing"]["to"]) == (200, "ALWAYS_ON")


@pytest.mark.parametrize(("place", "status"), [(0, 200), (1, 201), (2, 200), (3, 202)])
def test_machines_without_a_workspace(api_app: Flask, api: Callers, place: int, status: int) -> None:
    with api_app.app_context():
        db.session.query(Orphan).update({"cloud_workspace_id": "ws-1234567"})
        db.session.commit()

    call = calls_of("Orphans (unmanaged desktops)")[place]

    assert call.send(api_app.test_client(), api.world.tokens["provider"]).status_code == status


def test_a_warm_pool(desk: Desk, send) -> None:
    add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)
    desk.work()

    assert [send(call).status_code for call in calls_of("Warm pools")] == [200, 200, 200]


def test_snapshots_of_disks(desk: Desk, send) -> None:
    assert gone(desk) == 1

    found = [send(call).status_code for call in calls_of("Snapshots of disks")]

    assert found == [200, 200, 200, 201, 200]


def test_images_of_systems(desk: Desk, send) -> None:
    assert desk.available() == 1
    create, show, delete = calls_of("Images of systems")

    created = send(create)
    desk.live(3600)

    assert (created.status_code, send(show).status_code, send(delete).status_code) == (202, 200, 202)


def test_a_budget(desk: Desk, send) -> None:
    assert [send(call).status_code for call in calls_of("Budgets")] == [201, 200, 200, 200, 204]


def test_a_move(desk: Desk, send) -> None:
    assert desk.available() == 1

    answers = [send(call) for call in calls_of("Moving to another size")]

    assert [one.status_code for one in answers] == [200, 202, 202]
    assert answers[1].json["workspace"]["moving"] and not answers[2].json["workspace"]["moving"]


def test_the_next_person(desk: Desk, send) -> None:
    set_grace(desk)
    workspace_id = desk.available(application_id=2)
    hand_over, give_back = calls_of("The next person")

    assert (workspace_id, send(hand_over).status_code) == (1, 201)
    assert hire_again(desk, workspace_id) == 4
    answer = send(give_back)

    shown = answer.json["workspace"]
    assert (answer.status_code, shown["application_id"], shown["access"]) == (202, 4, "open")


def test_hiring(desk: Desk, send) -> None:
    calls = calls_of("Hiring")
    answers = [send(call) for call in calls]

    assert [one.status_code for one in answers] == [201, 201, 200, 202, 200, 200, 200, 201, 200, 200, 200]
    assert answers[2].json["profile_id"] == answers[1].json["id"]
    assert answers[4].json["ends_at"] == "2027-08-31T22:00:00Z"
    assert answers[5].json["invitations"][0]["email"] == "leo.brandt@example.com"
    assert [one["code"] for one in answers[10].json["people"]] == [None, "person_unknown"]


def test_a_webhook(desk: Desk, send) -> None:
    statuses = [send(call).status_code for call in calls_of("Webhooks")]

    assert statuses == [201, 200, 200, 200, 200, 202, 200, 204]
