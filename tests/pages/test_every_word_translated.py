"""No word of a page that a seeker sees is outside the catalogue of languages: in a language that marks every
message, only what stands in the database is left unmarked.
"""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp.totp import TOTP
from sqlalchemy import select, update

from tests.desk import PASSWORD, Desk
from tests.languages.marked import Marked, unmarked
from tests.pages.reader import Visitor
from tests.pages.test_second_factor import RECOVERY_CODE
from tests.windows import DAY, have_window, set_grace
from webapp import languages
from webapp.domain.lifecycle import Action, CloudState, State
from webapp.domain.secret_texts import hash_of
from webapp.models import Company, EmailChange, JobPosting, User, Workspace
from webapp.pages.language import OF_EVERYBODY
from webapp.services import email_change, invitations, password_reset
from webapp.services.invitations import Wanted

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
NAMES = ["Berth", "English", "Deutsch", *sorted(languages.time_zones(), key=len, reverse=True)]
"""What has no other name in any language."""
DEVICES = ["Windows", "macOS", "Linux", "iPad", "iPhone", "Android", "Chromebook"]


MOMENT = r"\d{1,2}\. \w+\.? \d{4}, \d\d:\d\d(?::\d\d)? (?:UTC|MEZ)"
"""In the language itself, which Babel knows."""
REDIRECTION = "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>"
"""Of the framework, and no browser shows it."""
REFERENCE = r"<code>[0-9a-f]{32}</code>"

LOOKED_AT = {
    "account.index",
    "account.look_at_email",
    "accounts.choose",
    "accounts.code",
    "accounts.sign_in",
    "accounts.sign_up",
    "board.index",
    "board.show",
    "desktops.cards",
    "desktops.connect",
    "desktops.index",
    "desktops.show",
    "digests.ask_stop",
    "home.index",
    "invitations.show",
    "passkeys.index",
    "passwords.choose",
    "passwords.forgotten",
    "proofs.index",
    "removal.ask",
    "second_factor.index",
}
"""Pages that a test below reads."""
WITHOUT_WORDS = {"accounts.look"}


@pytest.fixture(autouse=True)
def _marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(languages.READ, languages.GERMAN, Marked())


def in_german(client: FlaskClient) -> Visitor:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de-AT,de;q=0.9,en;q=0.5"
    return Visitor(client)


@pytest.fixture
def stranger(app: Flask, desk: Desk) -> Visitor:
    return in_german(app.test_client())


@pytest.fixture
def seeker(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> Visitor:
    return in_german(sign_in(desk.add_seeker().email))


@pytest.fixture
def own(desk: Desk, provider: Visitor, seeker: Visitor) -> int:
    """A desktop of the seeker that is being set up."""
    seeker.post("/board/1/apply", {"message": ""})
    provider.post("/applications/1/approve")
    desk.session.commit()
    return desk.order(application_id=1, username="sam.okafor")


def texts_of(desk: Desk) -> list[str]:
    """What stands in the database and on these pages."""
    asked = (
        select(User.name, User.email),
        select(Company.name),
        select(JobPosting.title, JobPosting.location, JobPosting.description),
    )
    found = [text for one in asked for row in desk.session.execute(one) for text in row if text]
    desk.session.rollback()
    return found


def words_of(desk: Desk, page: str, *more: str) -> list[str]:
    if page.startswith(REDIRECTION):
        return []
    assert '<html lang="de">' in page or "<html" not in page
    for pattern in (MOMENT, REFERENCE):
        page = re.sub(pattern, "", page)
    return unmarked(page, data=[*texts_of(desk), *NAMES, *more])


def test_every_page_of_everybody_is_looked_at(app: Flask) -> None:
    """A new one needs its line above, and a test that reads it."""
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in OF_EVERYBODY
    }

    assert pages == LOOKED_AT | WITHOUT_WORDS


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/board/",
        "/board/1/",
        "/sign-in",
        "/sign-in?next=/desktops/",
        "/sign-up",
        "/sign-up/person",
        "/sign-up/company",
        "/password/forgotten",
        "/password/new?link=unknown",
        "/invitation/?link=unknown",
        "/account/email/confirm?link=unknown",
        "/account/digest/stop?mail=unknown",
        "/nowhere",
        "/applications/1/approve",
    ],
)
def test_what_a_stranger_reads(desk: Desk, stranger: Visitor, path: str) -> None:
    desk.open_posting(desk.provider)
    desk.session.commit()

    page = stranger.get(path).text

    assert words_of(desk, page) == []


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/code",
        "/sign-up/person",
        "/sign-up/company",
        "/password/forgotten",
        "/password/new",
    ],
)
def test_what_a_stranger_reads_who_has_filled_in_nothing(desk: Desk, stranger: Visitor, path: str) -> None:
    for page in (stranger.client.post(path).text, stranger.post(path, {}).text):
        assert words_of(desk, page) == []


@pytest.mark.parametrize(
    "values",
    [
        {"email": "nobody", "password": "short", "name": "\u200b"},
        {"email": "provider@example.com", "password": "a good enough sentence", "name": "Sam\x07"},
        {"email": "new@example.com", "password": "aaaaaaaaaaaa", "name": "Sam"},
        {"email": "new@example.com", "password": "new@example.com", "name": "Sam" * 50},
        {"email": "provider@example.com", "password": "a good enough sentence", "name": "Sam"},
        {"email": "new@example.com", "password": "x" * 300, "name": "Sam"},
        {
            "email": "new@example.com",
            "password": "example example",
            "name": "Sam",
            "company_name": "Nordlicht",
        },
    ],
)
def test_why_somebody_cannot_sign_up(desk: Desk, stranger: Visitor, values: dict[str, object]) -> None:
    for kind in ("person", "company"):
        page = stranger.post(f"/sign-up/{kind}", {"company_name": "", **values}).text
        assert words_of(desk, page, *map(str, values.values())) == []


def test_a_link_for_a_new_password(desk: Desk, stranger: Visitor) -> None:
    link = password_reset.make_link(desk.context, email=desk.provider.email)

    asked = stranger.get(f"/password/new?link={link}").text
    refused = stranger.post("/password/new", {"link": link, "password": "short"}).text
    stranger.post("/password/new", {"link": link, "password": "a good enough sentence"})
    done = stranger.get("/sign-in").text
    late = stranger.get(f"/password/new?link={link}").text
    wrong = stranger.post("/sign-in", {"email": desk.provider.email, "password": "wrong"}).text

    for page in (asked, refused, done, late, wrong):
        assert words_of(desk, page) == []


def test_invitations(desk: Desk, stranger: Visitor, provider: Visitor, seeker: Visitor) -> None:
    posting_id, company = desk.open_posting(desk.provider), desk.provider.company_id or 0
    desk.session.commit()
    hire, colleague = (
        invitations.invite(
            desk.context, [wanted], company_id=company, invited_by=desk.provider, posting_id=job
        )[0]
        for wanted, job in (
            (Wanted("mina@example.com", "Mina Park"), posting_id),
            (Wanted("leo@example.com"), None),
        )
    )

    for link in (hire.token, colleague.token):
        for page in (
            stranger.get(f"/invitation/?link={link}").text,
            seeker.get(f"/invitation/?link={link}").text,
            stranger.post("/invitation/", {"link": link}).text,
            seeker.post("/invitation/", {"link": link}).text,
        ):
            assert words_of(desk, page, "mina@example.com", "Mina Park", "leo@example.com") == []
    stranger.post("/invitation/", {"link": hire.token, "name": "Mina Park", "password": PASSWORD})
    assert words_of(desk, stranger.get("/desktops/").text) == []
    assert words_of(desk, stranger.get("/account/").text, "127.0.0.1") == []


def test_applying(desk: Desk, stranger: Visitor, seeker: Visitor, provider: Visitor) -> None:
    before = seeker.get("/board/1/").text, seeker.get("/desktops/").text
    refused = seeker.post("/board/1/apply", {"message": "x" * 3000}).text
    seeker.post("/board/1/apply", {"message": "Hello."})
    sent, after = seeker.get("/desktops/").text, seeker.get("/board/1/").text
    twice = seeker.post("/board/1/apply", {"message": "Hello."}).text
    provider.post("/applications/1/reject")
    rejected = seeker.get("/desktops/").text

    for page in (*before, sent, after, twice, rejected):
        assert words_of(desk, page) == []
    assert words_of(desk, refused, "x" * 3000) == []


def test_a_desktop_from_its_order_to_its_end(
    desk: Desk, seeker: Visitor, provider: Visitor, own: int
) -> None:
    def look(state: State) -> None:
        assert desk.row(own).state is state
        desk.session.rollback()
        data = ["sam.okafor", "WSdemo+BERTH1", "The screen stays black.", *DEVICES]
        for path in ("/desktops/", "/desktops/cards", f"/desktops/{own}/", f"/desktops/{own}/connect"):
            assert words_of(desk, seeker.get(path).text, *data) == [], (state, path)

    look(State.PENDING)
    desk.live_until(own, State.AVAILABLE)
    look(State.AVAILABLE)
    page = seeker.get(f"/desktops/{own}/", headers={"User-Agent": IPHONE}).text
    assert unmarked(page, data=[]) != []
    seeker.post(f"/desktops/{own}/help", {"note": "The screen stays black."})
    look(State.AVAILABLE)
    for action, states in (
        (Action.RESTART, (State.RESTARTING, State.AVAILABLE)),
        (Action.STOP, (State.STOPPING, State.STOPPED)),
        (Action.START, (State.STARTING, State.AVAILABLE)),
        (Action.TERMINATE, (State.TERMINATING,)),
    ):
        desk.press(own, action)
        for state in states:
            desk.live_until(own, state)
            look(state)


def test_what_becomes_of_files_at_the_end(desk: Desk, seeker: Visitor, own: int) -> None:
    desk.live_until(own, State.AVAILABLE)
    set_grace(desk)
    for prepare in (
        lambda: have_window(desk, desk.row(own).application_id, ends=DAY),
        lambda: desk.press(own, Action.TERMINATE),
    ):
        prepare()
        for path in ("/desktops/", f"/desktops/{own}/"):
            page = seeker.get(path).text
            assert f'id="files-{own}"' in page
            assert words_of(desk, page, "sam.okafor", "WSdemo+BERTH1", *DEVICES) == []


def test_a_desktop_in_every_other_state(desk: Desk, seeker: Visitor, own: int) -> None:
    desk.live_until(own, State.AVAILABLE)
    for cloud_state in CloudState:
        desk.session.execute(update(Workspace).where(Workspace.id == own).values(cloud_state=cloud_state))
        desk.session.commit()
        for path in ("/desktops/", f"/desktops/{own}/"):
            page = seeker.get(path).text
            assert words_of(desk, page, "sam.okafor", "WSdemo+BERTH1", *DEVICES) == [], cloud_state


def test_ones_own_account(desk: Desk, seeker: Visitor, sign_in: Callable[[str], FlaskClient]) -> None:
    sign_in(desk.session.execute(select(User.email).where(User.role == "seeker")).scalar_one())
    desk.session.rollback()
    pages = [seeker.get("/account/").text]
    for path, values in (
        ("/account/password", {}),
        ("/account/password", {"current": "wrong", "password": "a good enough sentence"}),
        ("/account/password", {"current": PASSWORD, "password": PASSWORD}),
        ("/account/language", {"language": "xx", "time_zone": ""}),
        ("/account/language", {"language": "", "time_zone": "Nowhere/City"}),
        ("/account/email", {}),
        ("/account/email", {"email": "x@example.com", "current_password": PASSWORD}),
        ("/account/sessions/99/end", {}),
    ):
        pages.append(seeker.post(path, values).text)
    seeker.post("/account/language", {"language": "de", "time_zone": "Europe/Berlin"})
    pages.append(seeker.get("/account/").text)
    seeker.post("/account/sessions/end", {})
    pages.append(seeker.get("/account/").text)
    seeker.post("/account/password", {"current": PASSWORD, "password": "a good enough sentence"})
    pages.append(seeker.get("/account/").text)

    for page in pages:
        assert words_of(desk, page, "x@example.com") == []


def test_the_second_factor(desk: Desk, app: Flask, seeker: Visitor) -> None:
    pages = [seeker.get("/account/second-factor/").text]
    seeker.post("/account/second-factor/begin")
    pages.append(seeker.get("/account/second-factor/").text)
    key = re.search(r'id="app-key">([A-Z2-7 ]+)<', pages[-1])
    assert key is not None
    app_key = TOTP(key[1].replace(" ", ""))
    for code in ("", "000000", app_key.at(int(desk.clock.now().timestamp()))):
        pages.append(seeker.post("/account/second-factor/confirm", {"code": code}).text)
    codes = RECOVERY_CODE.findall(pages[-1])
    pages.append(seeker.post("/account/second-factor/remove", {"code": "000000"}).text)
    pages.append(seeker.get("/account/second-factor/").text)
    browser = in_german(app.test_client())
    email = desk.session.execute(select(User.email).where(User.role == "seeker")).scalar_one()
    desk.session.rollback()
    browser.post("/sign-in", {"email": email, "password": PASSWORD})
    pages.append(browser.get("/sign-in/code").text)
    pages += [browser.post("/sign-in/code", {"code": code}).text for code in ("", "000000")]

    assert "⟦" in pages[-1] and codes
    for page in pages:
        assert words_of(desk, page, key[1], *codes) == []


def test_another_address(desk: Desk, seeker: Visitor) -> None:
    owner = desk.session.execute(select(User).where(User.role == "seeker")).scalar_one()
    now = desk.clock.now()
    desk.session.add(
        EmailChange(
            user_id=owner.id,
            new_email="right@example.com",
            old_token_hash=hash_of("old"),
            new_token_hash=hash_of("new"),
            made_at=now,
            expires_at=now + email_change.LASTS,
        )
    )
    desk.session.commit()

    pages = [seeker.get(f"/account/email/confirm?link={link}").text for link in ("old", "new")]
    seeker.post("/account/email/confirm", {"link": "old"})
    pages += [seeker.get("/desktops/").text, seeker.get("/account/email/confirm?link=new").text]
    seeker.post("/account/email/confirm", {"link": "new"})
    pages += [seeker.get("/desktops/").text]

    for page in pages:
        assert words_of(desk, page, "right@example.com") == []


def test_what_is_refused(desk: Desk, seeker: Visitor, own: int) -> None:
    pages = [
        seeker.get("/workspaces/").text,
        seeker.get("/desktops/999/").text,
        seeker.get("/board/999/").text,
        seeker.client.post("/account/sessions/end").text,
        seeker.post(f"/desktops/{own}/help", {"note": "x" * 5000}).text,
        seeker.post("/applications/1/approve", {}, is_htmx=True).text,
        seeker.post("/board/", {}).text,
    ]

    for page in pages:
        assert words_of(desk, page, "x" * 5000, "sam.okafor", *DEVICES) == []


def test_removing_ones_account(desk: Desk, seeker: Visitor, own: int) -> None:
    """First with a desktop, because of which it is refused."""
    pages = [seeker.get("/account/remove").text]
    desk.live_until(own, State.AVAILABLE)
    desk.press(own, Action.TERMINATE)
    desk.live_until(own, State.TERMINATED)
    pages.append(seeker.get("/account/remove").text)
    for email, password in (("", ""), ("x@example.com", PASSWORD), (email_of(desk), "wrong")):
        pages.append(seeker.post("/account/remove", {"email": email, "current": password}).text)
    data = texts_of(desk)
    seeker.post("/account/remove", {"email": email_of(desk), "current": PASSWORD})
    pages.append(seeker.get("/board/").text)

    for page in pages:
        assert words_of(desk, page, "x@example.com", *data) == []


def test_why_the_last_owner_stays(desk: Desk, provider: Visitor) -> None:
    provider.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"

    assert words_of(desk, provider.get("/account/remove").text) == []
    assert words_of(desk, provider.get("/account/").text, "127.0.0.1") == []


def email_of(desk: Desk) -> str:
    """Of the seeker."""
    found = desk.session.execute(select(User.email).where(User.role == "seeker")).scalar_one()
    desk.session.rollback()
    return found
