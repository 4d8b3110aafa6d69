"""What a page carries to hear of changes, and for whom."""

import re
from dataclasses import replace

from flask import Flask

from tests.apps import AppPool
from tests.desk import Desk
from webapp.domain.live_tickets import is_ticket, session_id_of
from webapp.models import UserSession

HEARS = re.compile(r'data-hears="([^"]+)"')
META = re.compile(r'<meta name="live-events" content="([^"]+)" data-ticket="([^"]+)">')
ELSEWHERE = "http://127.0.0.1:8765/live/events"


def opened(apps: AppPool, desk: Desk, live_url: str, paths: list[str], email: str) -> dict[str, str]:
    settings = replace(desk.settings, live_url=live_url, credential_private_keys=())
    with apps.open(settings, clock=desk.clock, notifier=desk.notifier) as app:
        return {path: _get(app, desk, path, email) for path in paths}


def _get(app: Flask, desk: Desk, path: str, email: str) -> str:
    browser = app.test_client()
    if email:
        with browser.session_transaction() as session:
            session["_user_id"], session["_fresh"] = desk.session_token(email), True
    answer = browser.get(path)
    return answer.headers["Content-Security-Policy"] + "\n" + answer.get_data(as_text=True)


def test_each_live_page_hears_of_what_it_shows(apps: AppPool, desk: Desk) -> None:
    desk.order()
    paths = ["/start/", "/workspaces/", "/workspaces/1/"]
    found = opened(apps, desk, "/live/events", paths, "provider@example.com")
    own = opened(apps, desk, "/live/events", ["/desktops/"], desk.add_seeker().email)

    hears = {path: HEARS.findall(page) for path, page in (found | own).items()}

    assert hears == {
        "/start/": ["lists"],
        "/workspaces/": ["lists"],
        "/workspaces/1/": ["workspace-1"],
        "/desktops/": ["own"],
    }


def test_the_ticket_is_that_of_the_session_and_of_no_stranger(apps: AppPool, desk: Desk) -> None:
    page = opened(apps, desk, "/live/events", ["/workspaces/"], "provider@example.com")["/workspaces/"]
    strange = opened(apps, desk, "/live/events", ["/sign-in"], "")["/sign-in"]
    [(url, ticket)] = META.findall(page)
    session = desk.session.get_one(UserSession, session_id_of(ticket))

    assert url == "/live/events"
    assert is_ticket(ticket, session.id, session.token_hash)
    assert session.token_hash not in page
    assert META.findall(strange) == []


def test_pages_may_connect_to_the_other_port_and_to_nothing_else(apps: AppPool, desk: Desk) -> None:
    here = opened(apps, desk, "/live/events", ["/sign-in"], "")["/sign-in"]
    there = opened(apps, desk, ELSEWHERE, ["/workspaces/"], "provider@example.com")["/workspaces/"]

    assert "connect-src 'self'\n" in here
    assert "connect-src 'self' http://127.0.0.1:8765\n" in there
    assert META.findall(there)[0][0] == ELSEWHERE


def test_without_such_a_process_pages_say_nothing_of_it(apps: AppPool, desk: Desk) -> None:
    page = opened(apps, desk, "", ["/workspaces/"], "provider@example.com")["/workspaces/"]

    assert "live-events" not in page
    assert "connect-src 'self'\n" in page
