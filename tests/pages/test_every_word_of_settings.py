"""No word outside the catalogue where mail is set up, in the demo, and where companies need a link."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.desk import PASSWORD, Desk
from tests.languages.marked import Marked
from tests.mail.office import PUBLIC_URL, SENDER
from tests.pages.reader import Visitor
from tests.pages.test_every_word_translated import in_german, words_of
from webapp import languages
from webapp.config import Settings
from webapp.domain.demo_people import DEMO_PEOPLE
from webapp.domain.smtp_address import MailSettings
from webapp.services import founding

pytestmark = pytest.mark.own_app
DEMO = [text for one in DEMO_PEOPLE.values() for text in (one.email, one.name)]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings,
        sign_up="invited",
        demo_password="public",
        sandbox_speed=60,
        mailbox_url="http://localhost/mailbox/",
        mail=MailSettings(SENDER, PUBLIC_URL),
    )


@pytest.fixture(autouse=True)
def _marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(languages.READ, languages.GERMAN, Marked())


@pytest.fixture
def stranger(app: Flask, desk: Desk) -> Visitor:
    return in_german(app.test_client())


def test_pages_of_strangers(desk: Desk, stranger: Visitor) -> None:
    link = founding.make_set_up_link(desk.context, lasts=timedelta(days=1))
    pages = [
        stranger.get(path).text
        for path in ("/", "/sign-in", "/password/forgotten", "/sign-up/company", "/sign-up/company?link=used")
    ]
    pages += [stranger.get(f"/sign-up/company?link={link}").text]
    pages += [stranger.post("/sign-up/company", {"link": "used"}).text]
    pages += [stranger.post("/password/forgotten", {"email": one}).text for one in ("", "sam@example.com")]

    for page in pages:
        assert words_of(desk, page, "sam@example.com", *DEMO) == []


def test_a_link_that_founded_a_company(desk: Desk, stranger: Visitor) -> None:
    link = founding.make_set_up_link(desk.context, lasts=timedelta(days=1))
    values = {"company_name": "Harbour", "name": "Eve", "email": "eve@example.com", "password": PASSWORD}
    stranger.post("/sign-up/company", {**values, "link": link})
    account = stranger.get("/account/").text
    stranger.post("/sign-out")

    for page in (account, stranger.get(f"/sign-up/company?link={link}").text):
        assert words_of(desk, page) == []


def test_another_address_for_an_account(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> None:
    seeker = in_german(sign_in(desk.add_seeker().email))
    pages = [seeker.get("/account/").text]
    for email, password in (
        ("", ""),
        ("nobody", PASSWORD),
        ("provider@example.com", "wrong"),
        ("new@example.com", PASSWORD),
    ):
        pages.append(seeker.post("/account/email", {"email": email, "current_password": password}).text)
    pages.append(seeker.get("/account/").text)

    for page in pages:
        assert words_of(desk, page, "new@example.com", "nobody") == []
