"""What answers say when a session is over; what open pages do then: `tests/browser/test_session_end.py`."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import delete

from tests.apps import AppPool
from tests.desk import PASSWORD, Desk, RecordingNotifier, StoryClock, WaitingClock
from tests.pages.reader import Reader, Visitor
from webapp.config import Settings
from webapp.models import UserSession

CLEAR = "Clear-Site-Data"
EVERYTHING_BUT_COOKIES = '"cache", "storage"'
UNDER = {"X-Forwarded-Prefix": "/desks/berth"}
LOOK = {"HX-Request": "true", "HX-Current-URL": "http://localhost/people/"}


def end_all_sessions(desk: Desk) -> None:
    with desk.sessions() as session:
        session.execute(delete(UserSession))
        session.commit()


def person_of(page: Reader) -> str | None:
    [found] = page.find("meta", name="person")
    return found["content"]


def test_signing_out_has_the_browser_forget_what_it_was_shown(provider: Visitor) -> None:
    answer = provider.post("/sign-out")

    assert answer.headers[CLEAR] == EVERYTHING_BUT_COOKIES
    assert CLEAR not in provider.get("/sign-in").headers


def test_a_browser_that_signed_out_stays_a_known_one(provider: Visitor) -> None:
    provider.post("/sign-out")
    provider.post("/sign-in", {"email": "provider@example.com", "password": PASSWORD})
    known = provider.client.get_cookie("berth-browser")

    provider.post("/sign-out")

    assert known is not None
    assert provider.client.get_cookie("berth-browser") == known


def test_a_removed_account_leaves_nothing_in_its_browser(seeker: Visitor) -> None:
    answer = seeker.post("/account/remove", {"email": "seeker1@example.com", "current": PASSWORD})

    assert answer.status_code == 303
    assert answer.headers[CLEAR] == EVERYTHING_BUT_COOKIES


def test_a_session_that_ended_elsewhere_is_cleared_where_its_pages_lead(
    desk: Desk, provider: Visitor
) -> None:
    end_all_sessions(desk)

    led = provider.get("/people/")
    page = provider.get(led.location)

    assert led.location == "/sign-in?next=/people/"
    assert page.headers[CLEAR] == EVERYTHING_BUT_COOKIES
    assert "Your session has ended" in Reader(page.text).text
    assert person_of(Reader(page.text)) == ""


def test_it_is_said_and_cleared_once(desk: Desk, provider: Visitor) -> None:
    end_all_sessions(desk)
    provider.get("/sign-in")

    page = provider.get("/sign-in")

    assert CLEAR not in page.headers
    assert "Your session has ended" not in page.text


def test_a_stranger_has_nothing_to_clear(stranger: Visitor) -> None:
    page = stranger.get("/sign-in")

    assert CLEAR not in page.headers
    assert "Your session has ended" not in page.text


def test_whoever_is_signed_in_is_not_cleared(provider: Visitor) -> None:
    assert [CLEAR in provider.get(path).headers for path in ("/start/", "/sign-in", "/session")] == [
        False
    ] * 3


def test_each_page_says_whose_it_is(
    desk: Desk, provider: Visitor, seeker: Visitor, stranger: Visitor
) -> None:
    seen = [person_of(visitor.read("/board/")) for visitor in (provider, seeker, stranger)]

    assert seen[0] == str(desk.provider.id)
    assert seen[1] not in ("", seen[0])
    assert seen[2] == ""


def test_a_page_that_does_not_know_whose_it_is_says_nothing(provider: Visitor) -> None:
    """Somebody else's page could cause one without our cookie, and so lead everybody away."""
    refused = provider.client.post("/sign-in", data={"email": "provider@example.com"})

    assert refused.status_code == 400
    assert Reader(refused.text).find("meta", name="person") == []
    assert Reader(provider.get("/nowhere").text).find("meta", name="person") == []


FROM_ELSEWHERE = ("/account/digest/stop?mail=unknown", "/sign-in", "/sign-out", "/board/", "/nowhere")


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {}], ids=["newer browser", "older"])
@pytest.mark.parametrize("path", FROM_ELSEWHERE)
def test_another_site_ends_nobodys_session_by_a_form_of_its_own(
    app: Flask, desk: Desk, path: str, headers: dict[str, str]
) -> None:
    """The browser sends no cookie with it, but would take the answer's in place of the person's own."""
    answer = app.test_client().post(path, data={"email": "provider@example.com"}, headers=headers)

    assert answer.status_code in (400, 404, 405)
    assert "Set-Cookie" not in answer.headers
    assert Reader(answer.text).find("meta", name="person") == []


def test_a_form_of_ours_without_its_cookie_works_after_its_page_is_loaded_again(
    app: Flask, desk: Desk
) -> None:
    visitor = Visitor(app.test_client())
    visitor.read("/sign-in")
    visitor.client.delete_cookie("berth")
    refused = visitor.client.post("/sign-in", data={"email": "provider@example.com", "password": PASSWORD})

    entered = visitor.post("/sign-in", {"email": "provider@example.com", "password": PASSWORD})

    assert "This form has expired" in refused.text
    assert entered.status_code in (302, 303)
    assert person_of(visitor.read("/people/")) == str(desk.provider.id)


def test_a_look_says_whether_the_session_lives_and_where_it_leads(desk: Desk, provider: Visitor) -> None:
    alive = provider.get("/session", headers=LOOK)
    end_all_sessions(desk)
    over = provider.get("/session", headers=LOOK)

    assert (alive.status_code, alive.text) == (204, "")
    assert over.status_code == 401
    assert over.headers["X-Berth-Sign-In"] == "/sign-in?next=/people/"


@pytest.fixture
def proxied(
    apps: AppPool, settings: Settings, clock: StoryClock, notifier: RecordingNotifier
) -> Iterator[Flask]:
    behind = replace(settings, trusted_proxies=1, credential_private_keys=())
    with apps.open(behind, clock=WaitingClock(clock), notifier=notifier) as opened:
        yield opened


def test_under_a_path_the_storage_of_the_hosts_other_sites_is_left_alone(proxied: Flask, desk: Desk) -> None:
    browser = proxied.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = desk.session_token("provider@example.com")
    end_all_sessions(desk)

    page = browser.get("/sign-in", headers=UNDER)

    assert page.headers[CLEAR] == '"cache"'
    assert Reader(page.text).find("meta", name="person")[0]["data-look"] == "/desks/berth/session"
