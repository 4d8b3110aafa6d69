"""The language of a page and the zone of its times: chosen, or as the browser asks, or English."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.cases import each_case
from tests.desk import PASSWORD, Desk
from tests.pages.reader import Reader, Visitor
from webapp import languages
from webapp.domain.sentences import Sentence, say, say_many
from webapp.models import User
from webapp.services import tokens

SEEKER = "lena@example.com"


@pytest.fixture
def seeker(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> Visitor:
    return Visitor(sign_in(desk.add_seeker().email))


def choose(visitor: Visitor, language: str = "", time_zone: str = "") -> int:
    values: dict[str, object] = {"language": language, "time_zone": time_zone}
    return visitor.post("/account/language", values).status_code


def language_of(visitor: Visitor, path: str, accepts: str = "") -> str:
    page = visitor.get(path, headers={"Accept-Language": accepts} if accepts else {}).text
    found = re.search(r'<html lang="(\w+)">', page)
    assert found is not None
    return found[1]


def choice_of(desk: Desk, email: str) -> tuple[str | None, str | None]:
    desk.session.expire_all()
    found = desk.session.query(User).filter_by(email=email).one()
    chosen = found.language, found.time_zone
    desk.session.rollback()
    return chosen


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("de-AT,en;q=0.9", "de"),
        ("de;q=0,fr", "en"),
        ("fr,de;q=0.7,en;q=0.3", "de"),
        ("fr", "en"),
        ("*", "en"),
        ("de;q=x, \x7f", "en"),
    ],
)
def test_a_stranger_reads_the_language_that_the_browser_asks_for(
    desk: Desk, stranger: Visitor, accepts: str, language: str
) -> None:
    assert language_of(stranger, "/board/", accepts) == language
    assert language_of(stranger, "/nowhere", accepts) == language


def test_what_a_person_chooses_comes_before_the_browser(desk: Desk, seeker: Visitor) -> None:
    assert language_of(seeker, "/desktops/", "de") == "de"

    assert choose(seeker, "en") == 303
    assert language_of(seeker, "/desktops/", "de") == "en"
    assert choose(seeker, "de") == 303
    assert language_of(seeker, "/desktops/", "en") == "de"
    assert choose(seeker) == 303
    assert language_of(seeker, "/desktops/", "en") == "en"


def test_the_account_shows_what_is_chosen_and_says_so_in_that_language(desk: Desk, seeker: Visitor) -> None:
    choose(seeker, "de", "Europe/Berlin")

    page = seeker.read("/account/")

    assert "Gespeichert." in page.text and "Ihr Konto" in page.headings
    chosen = [one["value"] for one in page.find("option") if "selected" in one]
    assert chosen == ["de", "Europe/Berlin"]


@pytest.mark.parametrize(("language", "time_zone"), [("xx", ""), ("", "Mars/Base"), ("de", "../etc/passwd")])
def test_what_is_not_offered_is_refused_and_nothing_is_changed(
    desk: Desk, seeker: Visitor, language: str, time_zone: str
) -> None:
    email = desk.session.query(User.email).order_by(User.id.desc()).limit(1).scalar() or ""
    desk.session.rollback()
    choose(seeker, "de", "Asia/Tokyo")

    assert choose(seeker, language, time_zone) == 422
    assert choice_of(desk, email) == ("de", "Asia/Tokyo")


def test_a_stranger_cannot_choose(desk: Desk, stranger: Visitor) -> None:
    answer = stranger.post("/account/language", {"language": "de", "time_zone": ""})

    assert answer.status_code == 302 and "/sign-in" in answer.location


def test_the_pages_of_a_company_are_english_and_those_of_everybody_are_not(
    desk: Desk, provider: Visitor
) -> None:
    choose(provider, "de")

    assert language_of(provider, "/account/") == "de"
    assert language_of(provider, "/start/", "de") == "en"
    page = provider.read("/workspaces/")
    assert "Abmelden" not in page.text and "Sign out" in page.text
    assert language_of(provider, "/workspaces/999/", "de") == "en"


def test_whoever_looks_for_work_is_refused_in_their_language(desk: Desk, seeker: Visitor) -> None:
    choose(seeker, "de")

    page = seeker.read("/workspaces/", status=403)

    assert page.headings == ["Sie haben keinen Zugriff"]
    assert "Ihr Konto hat keinen Zugriff auf diese Seite." in page.text


@pytest.mark.parametrize(("accepts", "kept"), [("de", "de"), ("en", None), ("fr", None)])
def test_an_account_keeps_the_language_in_which_it_was_made(
    desk: Desk, stranger: Visitor, accepts: str, kept: str | None
) -> None:
    stranger.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = accepts

    values = {"name": "Lena Vogt", "email": SEEKER, "password": "vier ruhige Segel"}
    assert stranger.post("/sign-up/person", values).status_code == 303

    assert choice_of(desk, SEEKER) == (kept, None)


def test_errors_of_a_form_are_in_the_language_of_its_page(desk: Desk, stranger: Visitor) -> None:
    stranger.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"

    page = Reader(stranger.post("/sign-up/person", {"email": "x", "password": "kurz"}).text)

    assert "Bitte korrigieren Sie Folgendes" in page.text
    assert "Geben Sie Ihren Namen ein." in page.text
    assert "Geben Sie eine E-Mail-Adresse wie name@example.com ein." in page.text


def test_times_are_in_the_zone_that_was_chosen_and_it_is_named(desk: Desk, seeker: Visitor) -> None:
    def titles() -> list[str]:
        return [str(one["title"]) for one in seeker.read("/account/").find("time")]

    assert titles() and all(one.endswith(" UTC") for one in titles())
    before = titles()[0]
    choose(seeker, "", "Asia/Kolkata")
    assert all(one.endswith(" IST") for one in titles())
    choose(seeker, "de", "Europe/Berlin")
    assert all(re.fullmatch(r"\d+\. Nov\. \d{4}, \d\d:\d\d:\d\d MEZ", one) for one in titles())
    choose(seeker)
    assert titles()[0] == before


@each_case(
    ("zone", "english", "german"),
    [
        (None, "5 Jul 2026, 22:05:09 UTC", "5. Juli 2026, 22:05:09 UTC"),
        ("UTC", "5 Jul 2026, 22:05:09 UTC", "5. Juli 2026, 22:05:09 UTC"),
        ("Europe/Berlin", "6 Jul 2026, 00:05:09 CEST", "6. Juli 2026, 00:05:09 MESZ"),
        ("America/New_York", "5 Jul 2026, 18:05:09 EDT", "5. Juli 2026, 18:05:09 EDT"),
        ("America/Sao_Paulo", "5 Jul 2026, 19:05:09 UTC−3", "5. Juli 2026, 19:05:09 UTC−3"),
        ("Asia/Kathmandu", "6 Jul 2026, 03:50:09 UTC+5:45", "6. Juli 2026, 03:50:09 UTC+5:45"),
    ],
)
def test_a_moment_is_written_with_what_its_zone_is_called_then(
    zone: str | None, english: str, german: str
) -> None:
    at = datetime(2026, 7, 5, 22, 5, 9, tzinfo=UTC)

    assert languages.exact(at, time_zone=zone) == english
    assert languages.exact(at, language="de", time_zone=zone) == german


def test_every_zone_that_is_offered_can_be_written() -> None:
    at = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)

    for zone in languages.time_zones():
        written = [languages.exact(at, language=one, time_zone=zone) for one in languages.LANGUAGES]
        assert all(re.search(r" (?:[A-Za-z]{2,5}|UTC[+−]\d\d?(?::\d\d)?)$", one) for one in written), written


def test_the_script_gets_the_words_of_the_page_and_none_in_english(desk: Desk, stranger: Visitor) -> None:
    german = stranger.get("/board/", headers={"Accept-Language": "de"}).text
    english = stranger.get("/board/").text

    [words] = Reader(german).find("meta", name="words")
    assert json.loads(words["content"] or "")["%(count)s day ago"] == [
        "vor %(count)s Tag",
        "vor %(count)s Tagen",
    ]
    assert not Reader(english).find("meta", name="words")


def test_the_api_answers_in_english_whatever_a_program_asks_for(desk: Desk, app: Flask) -> None:
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="program")
    headers = {"Accept-Language": "de", "Authorization": f"Bearer {token}"}

    answer = app.test_client().get("/api/workspaces/workspaces/999/", headers=headers)

    assert answer.json is not None and answer.json["detail"] == "Desktop not found."


def test_what_a_person_wrote_is_not_translated(desk: Desk, seeker: Visitor) -> None:
    """Although a message of the catalogue reads the same."""
    desk.session.execute(update(User).where(User.role == "seeker").values(name="Sign out"))
    desk.session.commit()
    choose(seeker, "de")

    assert "Sign out" in seeker.read("/desktops/").text


def test_values_of_a_sentence_are_said_in_its_language_and_are_harmless() -> None:
    inner = say_many("%(count)s day", "%(count)s days", count=2)
    whole = say("%(days)s %(hours)s h", days=inner, hours="100 % <b>%(x)s")

    assert whole == "2 days 100 % <b>%(x)s h" and isinstance(whole, Sentence)
    assert languages.said(whole, "de") == "2 Tage 100 % <b>%(x)s h"
    assert languages.said("2 days", "de") == "2 days"


def test_markup_in_the_values_of_a_message_is_escaped(desk: Desk, seeker: Visitor, provider: Visitor) -> None:
    desk.session.execute(update(User).where(User.id == desk.provider.id).values(email='<b>"x"@example.com'))
    desk.session.commit()
    choose(provider, "de")

    page = provider.get("/account/").text

    assert "<b>" not in page and "&lt;b&gt;" in page


def test_a_password_is_still_right_in_another_language(desk: Desk, stranger: Visitor) -> None:
    stranger.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    values = {"email": desk.provider.email, "password": PASSWORD}

    assert stranger.post("/sign-in", values).status_code == 303
