"""From the token to the desktop and back through the API: real engine, real boto3, both databases."""

from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import SECRET_FIELDS, UBUNTU, Desk
from webapp.domain.lifecycle import State
from webapp.models import User
from webapp.services import tokens

pytestmark = both_databases

ROOT = "/api/workspaces"


@pytest.fixture
def caller(app: Flask, desk: Desk) -> Callable[[str], FlaskClient]:
    """A client that sends a token of this person."""

    def make(email: str) -> FlaskClient:
        person = desk.session.scalars(select(User).where(User.email == email)).one()
        _, token = tokens.issue_token(desk.context, user=person, name="journey")
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    app.extensions["berth"].clock.work = desk.work  # while a call waits, the workers come
    return make


def test_from_the_token_to_the_desktop_and_back(desk: Desk, caller) -> None:
    application = desk.add_application()
    provider = caller("provider@example.com")
    credential = provider.post(
        f"{ROOT}/cloud-credentials/", json={"name": "By API", "cloud_provider": "aws", **SECRET_FIELDS}
    ).json

    test = provider.post(f"{ROOT}/cloud-credentials/{credential['id']}/test/").json
    bundles = provider.get(f"{ROOT}/bundles/{credential['id']}/").json
    order = {
        "application_id": application.id,
        "cloud_credential_id": credential["id"],
        "workspace_type": "ubuntu",
        "bundle_id": UBUNTU,
        "username": "mina.park",
    }
    ordered = provider.post(f"{ROOT}/workspaces/", json=order)
    place = ordered.headers["Location"]
    desk.live_until(ordered.json["id"], State.AVAILABLE)
    ready = provider.get(place).json
    refreshed = provider.post(f"{place}refresh/").json
    connection = caller("seeker1@example.com").get(f"{place}connection/").json

    assert test["ok"] is True, test
    assert UBUNTU in [bundle["bundle_id"] for bundle in bundles["bundles"] if bundle["available"]]
    assert (ordered.status_code, ordered.json["state"]) == (201, "PENDING")
    assert (ready["state"], ready["error"]) == ("AVAILABLE", None)
    assert ready["connection_string"].startswith("workspaces://mina.park@")
    assert refreshed["connection_string"] == connection["connection_string"] == ready["connection_string"]

    assert provider.delete(place).status_code == 202
    desk.live_until(ordered.json["id"], State.TERMINATED)
    assert provider.get(place).status_code == 404
    assert [machine["state"] for machine in desk.machines()] == ["TERMINATED"]


def test_lists_page_and_filter(desk: Desk, caller) -> None:
    ids = [desk.order() for _ in range(3)]
    provider = caller("provider@example.com")

    seen, path = [], f"{ROOT}/workspaces/?limit=1&q=person"
    while path:
        page = provider.get(path).json
        seen += [workspace["id"] for workspace in page["workspaces"]]
        path = page["next"]

    assert seen == sorted(ids, reverse=True)
    assert provider.get(f"{ROOT}/workspaces/?q=%25").json["count"] == 0


def test_a_number_that_no_row_can_have_is_not_found(desk: Desk, caller) -> None:
    provider = caller("provider@example.com")

    for number in (2**31 - 1, 2**31, 2**63, 10**30):
        for path in ("workspaces", "cloud-credentials", "bundles"):
            assert provider.get(f"{ROOT}/{path}/{number}/").status_code == 404, (path, number)
        answer = provider.get(f"{ROOT}/workspaces/?application_id={number}")
        assert answer.status_code in (200, 422), number
        body = {
            "application_id": number,
            "cloud_credential_id": number,
            "workspace_type": "ubuntu",
            "bundle_id": UBUNTU,
            "username": "mina.park",
        }
        assert provider.post(f"{ROOT}/workspaces/", json=body).status_code == 422, number


PLACES = ("[-1, -9223372036854775]", "[-1, 1]", "[-1, 0]", "[62135596800000001, -1]", "[-1, NaN]")


def test_a_made_up_cursor_is_refused(desk: Desk, caller) -> None:
    provider = caller("provider@example.com")

    for place in PLACES:
        cursor = urlsafe_b64encode(place.encode()).decode()
        answer = provider.get(f"{ROOT}/workspaces/?cursor={cursor}")
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"]), place
