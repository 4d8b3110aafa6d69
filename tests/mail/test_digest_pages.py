"""The daily mail is off in one press: on the account's page, by its link, and in a mail program."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.desk import Desk
from tests.mail.conftest import Postman
from tests.pages.reader import Reader, Visitor
from webapp.domain.mails import CONTRACT_ENDING, DIGEST, MailKind
from webapp.models import Mail, TrailEntry, User
from webapp.models.mail import Recipient, write_mail

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def provider(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> Visitor:
    return Visitor(sign_in(desk.provider.email))


def write(desk: Desk, kind: MailKind = DIGEST) -> str:
    """One to the provider; its Message-ID."""
    with desk.sessions.begin() as session:
        mail = write_mail(
            session,
            kind,
            Recipient.of(desk.provider),
            mail=desk.settings.mail,
            at=desk.clock.now(),
            company_id=desk.provider.company_id,
            parameters=dict.fromkeys((*kind.parameters, *kind.added), ""),
        )
        assert mail is not None
        return mail.message_id


def wants_it(desk: Desk) -> bool:
    with desk.sessions() as session:
        return session.scalars(select(User.wants_digest).where(User.id == desk.provider.id)).one()


def test_one_press_on_the_account_page_turns_it_off_and_one_on_again(desk: Desk, provider: Visitor) -> None:
    assert "Turn off" in provider.read("/account/").text

    for _ in range(2):
        assert provider.post("/account/digest/", {"wanted": ""}).location == "/account/#digest"
    assert not wants_it(desk)
    assert "Turn on" in provider.read("/account/").text

    provider.post("/account/digest/", {"wanted": "yes"})
    assert wants_it(desk)


def test_whoever_hires_nobody_is_offered_none(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> None:
    assert "Daily mail" not in Visitor(sign_in(desk.add_seeker().email)).read("/account/").text


def test_a_mail_program_turns_it_off_without_a_session_and_may_repeat_it(
    desk: Desk, app: Flask, postman: Postman
) -> None:
    message_id = write(desk)

    for _ in range(2):
        answer = app.test_client().post(f"/account/digest/stop?mail={message_id}", data=ONE_CLICK)
        assert answer.status_code == 200

    assert not wants_it(desk)
    with desk.sessions() as session:
        entry = session.scalars(select(TrailEntry).where(TrailEntry.action == "digests.stop")).first()
    assert entry is not None and desk.provider.email in entry.actor


def test_another_site_that_presses_it_ends_no_session_in_the_browser(desk: Desk, app: Flask) -> None:
    message_id = write(desk)

    answer = app.test_client().post(
        f"/account/digest/stop?mail={message_id}", headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert Reader(answer.text).find("meta", name="person") == []


def test_whoever_presses_it_while_signed_in_sees_their_own_page(desk: Desk, provider: Visitor) -> None:
    page = provider.post(f"/account/digest/stop?mail={write(desk)}")

    [found] = Reader(page.text).find("meta", name="person")
    assert found["content"] == str(desk.provider.id)
    assert "Sign out" in page.text


def test_looking_at_the_link_changes_nothing_before_the_press(desk: Desk, app: Flask) -> None:
    message_id = write(desk)
    stranger = Visitor(app.test_client())

    page = stranger.read(f"/account/digest/stop?mail={message_id}")
    assert wants_it(desk)

    [form] = [one for one in page.find("form") if "/digest/stop" in str(one["action"])]
    stranger.post(str(form["action"]), {})
    assert not wants_it(desk)


def test_nothing_but_the_id_of_such_a_mail_turns_anything_off(desk: Desk, app: Flask) -> None:
    other = write(desk, CONTRACT_ENDING)

    for message_id in (other, "", "unknown@portal.example", "%"):
        answer = app.test_client().post(f"/account/digest/stop?mail={message_id}", data=ONE_CLICK)
        assert answer.status_code == 404, message_id

    assert wants_it(desk)


def test_the_id_of_a_mail_is_on_no_page_of_the_company(desk: Desk, provider: Visitor) -> None:
    message_id = write(desk)

    page = provider.get("/mail/").text

    assert "Daily mail" in page and message_id.partition("@")[0] not in page
    with desk.sessions() as session:
        assert session.scalar(select(Mail.id).where(Mail.message_id == message_id))
