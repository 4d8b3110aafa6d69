"""A lost password: the link in the mail works once and soon, and nobody learns who has an account."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.apps import without_rate_limit
from tests.desk import PASSWORD, Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.pages.reader import Reader, Visitor
from webapp.models import AccountLink, User
from webapp.services import password_reset, sign_in
from webapp.services.password_reset import LASTS, LINK_WINDOW, MOST_LINKS
from webapp.services.sign_in import WrongSignIn

EMAIL = "provider@example.com"
NEW_PASSWORD = "seven herons over the quay"


@pytest.fixture
def stranger(app: Flask, desk: Desk) -> Iterator[Visitor]:
    with without_rate_limit():
        yield Visitor(app.test_client())


def ask(stranger: Visitor, email: str = EMAIL) -> str:
    return Reader(stranger.post("/password/forgotten", {"email": email}).text).text


def link_of(office: Office) -> str:
    """The path that the newest mail leads to."""
    found = re.search(
        r"https://portal\.example/berth(/password/new\?link=\S+)", office.arrived[-1].text("plain")
    )
    assert found is not None
    return found[1]


def choose(stranger: Visitor, path: str, password: str = NEW_PASSWORD) -> tuple[int, str]:
    answer = stranger.post("/password/new", {"link": path.partition("=")[2], "password": password})
    return answer.status_code, Reader(answer.text).text


def can_enter(desk: Desk, password: str) -> bool:
    desk.session.expire_all()
    try:
        sign_in.sign_in(desk.context, email=EMAIL, password=password)
    except WrongSignIn:
        return False
    finally:
        desk.session.rollback()
    return True


def test_the_link_in_the_mail_leads_to_a_new_password(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    ask(stranger)
    postman.work()
    path = link_of(office)
    assert "Choose a new password" in stranger.read(path).text

    assert choose(stranger, path)[0] == 303

    assert (can_enter(desk, PASSWORD), can_enter(desk, NEW_PASSWORD)) == (False, True)
    assert stranger.get("/start/").status_code == 302, "the link signs nobody in"


def test_the_owner_is_written_to_when_the_password_has_changed(
    office: Office, postman: Postman, stranger: Visitor
) -> None:
    ask(stranger)
    postman.work()
    choose(stranger, link_of(office))
    postman.work()

    assert office.subjects() == ["Choose a new password", "Your password was changed"]


def test_a_link_is_refused_twice(office: Office, postman: Postman, stranger: Visitor) -> None:
    ask(stranger)
    postman.work()
    path = link_of(office)
    choose(stranger, path)

    assert choose(stranger, path, "another good idea of mine")[0] == 410
    assert stranger.get(path).status_code == 410


def test_a_password_that_is_refused_does_not_use_the_link_up(
    office: Office, postman: Postman, stranger: Visitor
) -> None:
    ask(stranger)
    postman.work()
    path = link_of(office)

    status, page = choose(stranger, path, "passwordpassword")

    assert (status, "Many people use this password" in page) == (422, True)
    assert choose(stranger, path)[0] == 303


def test_the_newest_password_ends_every_session_and_every_other_link(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    _, token = sign_in.sign_in(desk.context, email=EMAIL, password=PASSWORD)
    ask(stranger)
    postman.work()
    first = link_of(office)
    ask(stranger)
    postman.work()

    choose(stranger, link_of(office))

    assert sign_in.find_session(desk.context, token=token) is None
    assert stranger.get(first).status_code == 410


def test_a_link_ends_after_half_an_hour(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    ask(stranger)
    postman.work()
    path = link_of(office)

    desk.clock.pause(LASTS.total_seconds())

    assert choose(stranger, path)[0] == 410


def test_a_mail_whose_link_has_expired_is_never_sent(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    ask(stranger)
    desk.clock.pause(LASTS.total_seconds() + 1)

    postman.work()

    assert office.arrived == []


def test_nobody_learns_who_has_an_account(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    desk.provider.is_active = False
    desk.session.commit()
    seeker = desk.add_seeker().email

    pages = [ask(stranger, email).replace(email, "…") for email in ("nobody@example.com", EMAIL, seeker)]
    postman.work()

    assert len(set(pages)) == 1 and "a link is on its way" in pages[0]
    assert [one.recipients for one in office.arrived] == [(seeker,)]


def test_a_mailbox_is_not_flooded(desk: Desk, office: Office, postman: Postman, stranger: Visitor) -> None:
    for _ in range(MOST_LINKS + 2):
        ask(stranger)
    postman.work()
    assert len(office.arrived) == MOST_LINKS

    desk.clock.pause(LINK_WINDOW.total_seconds())
    ask(stranger)
    postman.work()
    assert len(office.arrived) == MOST_LINKS + 1


def test_whoever_was_disabled_meanwhile_cannot_use_the_link(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    ask(stranger)
    postman.work()
    desk.provider.is_active = False
    desk.session.commit()

    assert choose(stranger, link_of(office))[0] == 410


def rows_of(desk: Desk, table: str) -> str:
    rows = desk.session.connection().exec_driver_sql(f"SELECT * FROM {table}").all()
    desk.session.rollback()
    return str(rows)


def test_the_database_has_no_link(desk: Desk, office: Office, postman: Postman, stranger: Visitor) -> None:
    ask(stranger)
    waiting = rows_of(desk, "mails")
    postman.work()
    token = link_of(office).partition("=")[2]

    assert waiting and token not in waiting + rows_of(desk, "account_links")


@pytest.mark.parametrize("link", ["", "x", "x" * 5_000, "%00"])
def test_a_link_that_nobody_made_says_so(stranger: Visitor, link: str) -> None:
    page = stranger.read(f"/password/new?link={link}", status=410)

    assert "This link has expired, or it was used already." in page.text


def test_an_operator_makes_a_link_without_mail(desk: Desk, stranger: Visitor) -> None:
    token = password_reset.make_link(desk.context, email=EMAIL)

    assert choose(stranger, f"/password/new?link={token}")[0] == 303
    assert desk.session.query(AccountLink).one().used_at is not None
    assert desk.session.query(User).filter_by(email=EMAIL).one().password_hash
