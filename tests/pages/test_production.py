"""What browsers get in production: cookies of this host alone, HTTPS for a year, no tools of developers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.apps import AppPool, without_rate_limit
from tests.desk import PASSWORD, Desk, RecordingNotifier, StoryClock, WaitingClock
from tests.pages.reader import Reader
from webapp.config import Settings

ORIGIN = "https://localhost"
PATHS = ("/", "/sign-in", "/nowhere", "/healthz", "/assets/berth.css", "/static/logo.svg", "/api/nowhere")


@pytest.fixture
def production(
    apps: AppPool, settings: Settings, clock: StoryClock, notifier: RecordingNotifier, desk: Desk
) -> Iterator[Flask]:
    real = replace(settings, environment="production", credential_private_keys=())
    with apps.open(real, clock=WaitingClock(clock), notifier=notifier) as opened, without_rate_limit():
        yield opened


@pytest.fixture
def browser(production: Flask) -> FlaskClient:
    return production.test_client()


def filled_in(browser: FlaskClient, desk: Desk) -> dict[str, str]:
    page = Reader(browser.get("/board/", base_url=ORIGIN).text)
    token = page.find("meta", name="csrf-token")[0]["content"] or ""
    return {"email": desk.provider.email, "password": PASSWORD, "csrf_token": token}


def enter(browser: FlaskClient, desk: Desk) -> list[str]:
    """What the answer to signing in sets."""
    referrer = {"Referer": f"{ORIGIN}/sign-in"}
    answer = browser.post("/sign-in", data=filled_in(browser, desk), base_url=ORIGIN, headers=referrer)
    assert answer.status_code == 303, answer.text
    return answer.headers.getlist("Set-Cookie")


def attributes_of(cookie: str) -> set[str]:
    return {part.strip().lower() for part in cookie.split(";")[1:]}


def test_every_cookie_is_of_this_host_alone_and_out_of_reach_of_scripts(
    browser: FlaskClient, desk: Desk
) -> None:
    cookies = browser.get("/sign-in", base_url=ORIGIN).headers.getlist("Set-Cookie") + enter(browser, desk)

    assert {one.partition("=")[0] for one in cookies} == {"__Host-berth", "__Host-berth-browser"}
    for cookie in cookies:
        attributes = attributes_of(cookie)
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes, cookie
        assert not [one for one in attributes if one.startswith("domain")], cookie
        assert len(cookie) < 4096


def test_the_cookie_of_a_session_stands_on_no_page(browser: FlaskClient, desk: Desk) -> None:
    enter(browser, desk)
    with browser.session_transaction(base_url=ORIGIN) as session:
        token = session["_user_id"]
    cookie = browser.get_cookie("__Host-berth", "localhost")

    pages = "".join(browser.get(path, base_url=ORIGIN).text for path in ("/start/", "/account/", "/tokens/"))

    assert "Sign out" in pages
    assert cookie is not None and cookie.value not in pages
    assert token not in pages


def test_each_sign_in_begins_another_session_and_ends_the_one_before(
    browser: FlaskClient, desk: Desk
) -> None:
    stolen = browser.application.test_client()
    enter(browser, desk)
    with browser.session_transaction(base_url=ORIGIN) as session:
        first = dict(session)

    enter(browser, desk)
    with browser.session_transaction(base_url=ORIGIN) as session:
        second = session["_user_id"]
    with stolen.session_transaction(base_url=ORIGIN) as session:
        session.update(first)

    assert first["_user_id"] != second
    assert browser.get("/start/", base_url=ORIGIN).status_code == 200
    assert stolen.get("/start/", base_url=ORIGIN).status_code == 302


@pytest.mark.parametrize("path", PATHS)
def test_browsers_keep_to_https_for_a_year(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path, base_url=ORIGIN)
    answer.close()

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_nothing_of_a_developer_is_on(production: Flask, browser: FlaskClient) -> None:
    assert (production.debug, production.testing) == (False, False)
    assert not production.config.get("PROPAGATE_EXCEPTIONS")
    for path in (
        "/console",
        "/debug",
        "/_debug_toolbar/",
        "/sign-in?__debugger__=yes&cmd=resource&f=debugger.js",
    ):
        assert "debugger" not in browser.get(path, base_url=ORIGIN).text.lower(), path
    assert "Enter as" not in browser.get("/sign-in", base_url=ORIGIN).text


def test_a_form_from_another_site_is_refused(browser: FlaskClient, desk: Desk) -> None:
    """Whatever token it has: over HTTPS the page that sends it must be ours."""
    body = filled_in(browser, desk)

    for referrer in ({}, {"Referer": "https://evil.example/"}, {"Referer": "http://localhost/sign-in"}):
        answer = browser.post("/sign-in", data=body, base_url=ORIGIN, headers=referrer)
        assert answer.status_code == 400, referrer
    assert browser.get("/start/", base_url=ORIGIN).status_code == 302
