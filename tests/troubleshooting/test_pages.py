"""Troubleshooting as people meet it: as by the API, with buttons that work, and nothing for strangers."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.apps import without_rate_limit
from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.troubleshooting.scenarios import (
    EXPECTED,
    key_switched_off,
    missed_deadline,
    renamed_user,
    vanished,
)
from tests.troubleshooting.test_causes import caller, diagnose
from webapp.domain.lifecycle import State
from webapp.models import Application, User

__all__ = ["caller"]  # a fixture


@pytest.fixture
def provider(app: Flask, desk: Desk, sign_in: SignIn) -> Iterator[Visitor]:
    app.extensions["berth"].clock.work = desk.work
    with without_rate_limit():
        yield Visitor(sign_in("provider@example.com"))


def shown_on_page(page_of: Visitor, workspace_id: int) -> list[str]:
    page = page_of.read(f"/workspaces/{workspace_id}/")
    assert page.by_id("findings")
    return [str(one["data-code"]) for one in page.find("div") if one.get("data-code")]


@pytest.mark.parametrize("name", ["no_trouble", "invalid_key", "unhealthy", "replaced"])
def test_page_and_api_show_the_same(desk: Desk, provider: Visitor, caller: FlaskClient, name: str) -> None:
    workspace_id = EXPECTED[name][0](desk)

    by_api = diagnose(caller, workspace_id)["findings"]
    page = provider.read(f"/workspaces/{workspace_id}/")

    assert shown_on_page(provider, workspace_id) == [one["code"] for one in by_api]
    for one in by_api:
        assert one["summary"] in page.text
        assert one["explanation"] in page.text
        for remedy in one["remedies"]:
            assert remedy["label"] in page.text


def test_a_remedy_is_pressed_without_scripts_and_works(desk: Desk, provider: Visitor) -> None:
    workspace_id = renamed_user(desk)
    desk.sandbox.clear_faults()
    page = provider.read(f"/workspaces/{workspace_id}/")
    form = next(one for one in page.find("form") if str(one.get("action")).endswith("/retry"))

    answer = provider.post(str(form["action"]))
    desk.live_until(workspace_id, State.AVAILABLE)

    assert answer.status_code == 303
    assert shown_on_page(provider, workspace_id) == ["no_trouble"]


def test_the_findings_change_with_the_live_status(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()
    address = f"/workspaces/{workspace_id}/status"
    before = provider.get(address, headers={"HX-Request": "true"})
    desk.clock.pause(200)

    after = provider.get(address, headers={"HX-Request": "true", "If-None-Match": before.headers["ETag"]})

    assert 'data-code="no_trouble"' in before.text
    assert 'data-code="redis_away"' in after.text


def test_an_order_without_a_desktop_is_ordered_again_with_one_press(desk: Desk, provider: Visitor) -> None:
    workspace_id = renamed_user(desk)
    row = desk.row(workspace_id)

    answer = provider.post(f"/workspaces/{workspace_id}/order-again")
    desk.work()

    filled = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    assert filled == {
        "application": str(row.application_id),
        "credential": str(row.credential_id),
        "bundle": row.bundle_id,
        "username": row.username,
        "after": str(workspace_id),
    }
    provider.post(f"/credentials/{row.credential_id}/bundles/refresh")
    page = provider.read(answer.location)
    assert page.by_id("username")["value"] == row.username
    assert [one["value"] for one in page.find("input", name="bundle_id") if "checked" in one] == [
        row.bundle_id
    ]
    assert desk.row(workspace_id).state is State.TERMINATED


def test_a_desktop_with_files_is_asked_about_before_it_is_replaced(desk: Desk, provider: Visitor) -> None:
    desk.available(username="sam.okafor")
    workspace_id = 1

    asked = provider.post(f"/workspaces/{workspace_id}/order-again")
    assert asked.location == f"/workspaces/{workspace_id}/terminate?then=order"
    assert "permanently deletes every file on it" in provider.read(asked.location).text
    assert desk.row(workspace_id).state is State.AVAILABLE

    done = provider.post(f"/workspaces/{workspace_id}/terminate", {"username": "sam.okafor", "then": "order"})
    waiting = provider.read(done.location)
    assert waiting.by_id("waits-for")
    assert waiting.find("meta", http_equiv="refresh")
    assert not waiting.find("input", name="bundle_id")

    desk.live_until(workspace_id, State.TERMINATED)
    assert provider.read(done.location).by_id("username")["value"] == "sam.okafor"


def test_a_desktop_that_was_never_usable_is_replaced_with_one_press(desk: Desk, provider: Visitor) -> None:
    workspace_id = missed_deadline(desk)

    answer = provider.post(f"/workspaces/{workspace_id}/order-again")

    assert f"after={workspace_id}" in answer.location
    assert desk.row(workspace_id).state is State.TERMINATING
    assert provider.read(answer.location).by_id("waits-for")


def test_a_remedy_that_deletes_files_leads_to_the_question(desk: Desk, provider: Visitor) -> None:
    workspace_id = vanished(desk)

    links = provider.read(f"/workspaces/{workspace_id}/").links()

    assert f"/workspaces/{workspace_id}/terminate?then=order" in links


def test_what_the_cloud_says_is_never_markup(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.add_fault(
        "item_error", operation="CreateWorkspaces", code="<b>Odd</b>", message="<script>alert(1)</script>"
    )
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.ERROR)

    html = provider.get(f"/workspaces/{workspace_id}/").text

    assert "<script>alert" not in html
    assert "<b>Odd" not in html
    assert "&lt;b&gt;Odd" in html


def test_another_company_sees_and_presses_nothing(desk: Desk, sign_in: SignIn, provider: Visitor) -> None:
    workspace_id = renamed_user(desk)
    desk.add_provider("rival@example.com", company="Rival")
    rival = Visitor(sign_in("rival@example.com"))

    assert rival.get(f"/workspaces/{workspace_id}/").status_code == 404
    assert rival.post(f"/workspaces/{workspace_id}/order-again").status_code == 404
    assert desk.row(workspace_id).state is State.ERROR
    assert "waits-for" not in rival.get(f"/workspaces/new?after={workspace_id}").text


def test_a_seeker_is_informed_without_the_cause(desk: Desk, sign_in: SignIn, provider: Visitor) -> None:
    workspace_id = key_switched_off(desk)
    with desk.sessions.begin() as session:
        application = session.get_one(Application, desk.row(workspace_id).application_id)
        email = session.get_one(User, application.seeker_id).email

    page = Visitor(sign_in(email)).read(f"/desktops/{workspace_id}/")

    assert "is taking longer than usual" in page.text
    assert not page.find("div", role="progressbar")
    for inside in ("key", "credential", "account"):
        assert inside not in page.text.lower().replace("keyboard", ""), inside
