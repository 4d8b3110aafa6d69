"""Under a path of a host, every address that Berth writes begins with that path."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.apps import AppPool
from tests.desk import PASSWORD, Desk, RecordingNotifier, StoryClock, WaitingClock
from tests.pages.reader import Reader
from webapp.config import Settings

UNDER = {"X-Forwarded-Prefix": "/desks/berth"}
ADDRESSES = ("href", "action", "src", "formaction", "hx-get", "hx-post", "hx-put", "hx-delete")


@pytest.fixture
def proxied(
    apps: AppPool, settings: Settings, clock: StoryClock, notifier: RecordingNotifier
) -> Iterator[Flask]:
    behind = replace(settings, trusted_proxies=1, credential_private_keys=())
    with apps.open(behind, clock=WaitingClock(clock), notifier=notifier) as opened:
        yield opened


def own_addresses(page: Reader) -> set[str]:
    """Every address of the page on this host, without fragments of the same page."""
    found = {str(each[name]) for _, each in page.elements for name in ADDRESSES if each.get(name)}
    return {one for one in found if not one.startswith(("#", "http://", "https://", "mailto:", "data:"))}


def test_every_address_of_every_page_begins_with_the_prefix(proxied: Flask, desk: Desk) -> None:
    workspace_id = desk.available()
    browser = proxied.test_client()
    stranger = browser.get("/workspaces/?q=sam", headers=UNDER)
    token = Reader(browser.get("/sign-in", headers=UNDER).text).find("meta", name="csrf-token")[0]["content"]
    form = {
        "email": desk.provider.email,
        "password": PASSWORD,
        "csrf_token": token,
        "next": "/desks/berth/workspaces/?q=sam",
    }
    arrived = browser.post("/sign-in", data=form, headers=UNDER)

    assert stranger.location == "/desks/berth/sign-in?next=/desks/berth/workspaces/?q%3Dsam"
    assert arrived.location == "/desks/berth/workspaces/?q=sam"
    to_read, read, wrong = {"/start/", "/start", f"/workspaces/{workspace_id}/"}, set(), set()
    while to_read and len(read) < 60:
        path = to_read.pop()
        read.add(path)
        answer = browser.get(path, headers=UNDER)
        location = (answer.location or "/desks/berth").removeprefix("http://localhost")
        if not location.startswith("/desks/berth"):
            wrong.add((path, location))
        if answer.mimetype != "text/html":
            answer.close()
            continue
        found = own_addresses(Reader(answer.text))
        wrong |= {(path, one) for one in found if not one.startswith("/desks/berth/")}
        inside = {one.removeprefix("/desks/berth").partition("#")[0] for one in found}
        to_read |= {one for one in inside if "sign-out" not in one} - read
    assert wrong == set()
    assert len(read) > 20
    assert "/assets/" in " ".join(read), "the files that a page needs are among them"


def test_the_api_and_its_document_name_the_prefix(proxied: Flask, desk: Desk) -> None:
    browser = proxied.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = desk.session_token(desk.provider.email), True

    document = browser.get("/api/workspaces/openapi.json", headers=UNDER).get_json()
    plain = browser.get("/api/workspaces/openapi.json").get_json()

    assert document["servers"] == [{"url": "/desks/berth"}]
    assert "servers" not in plain


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "/a//b", "https://evil.example", "/..", "/a b", "a", "/"]
)
def test_what_is_no_path_is_no_prefix(proxied: Flask, desk: Desk, prefix: str) -> None:
    answer = proxied.test_client().get("/workspaces/", headers={"X-Forwarded-Prefix": prefix})

    assert answer.location == "/sign-in?next=/workspaces/"


def test_without_a_trusted_proxy_a_caller_names_no_prefix(app: Flask, desk: Desk) -> None:
    assert app.test_client().get("/workspaces/", headers=UNDER).location == "/sign-in?next=/workspaces/"
