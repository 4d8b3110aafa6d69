"""Another address: both mailboxes must agree, and nothing changes before."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.desk import PASSWORD, Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.pages.reader import Reader, Visitor
from webapp.models import User
from webapp.services.email_change import LASTS

OLD, NEW = "provider@example.com", "pia@example.com"


@pytest.fixture
def provider(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> Visitor:
    return Visitor(sign_in(OLD))


@pytest.fixture
def stranger(app: Flask, desk: Desk) -> Visitor:
    return Visitor(app.test_client())


def ask(provider: Visitor, *, email: str = NEW, password: str = PASSWORD) -> tuple[int, str]:
    answer = provider.post("/account/email", {"email": email, "current_password": password})
    return answer.status_code, Reader(answer.text).text


def links(office: Office) -> dict[str, str]:
    """By mailbox, the newest."""
    found = {}
    for one in office.arrived:
        match = re.search(r"/account/email/confirm\?link=(\S+)", one.text("plain"))
        if match:
            found[one.recipients[0]] = match[1]
    return found


def agree(stranger: Visitor, token: str) -> int:
    return stranger.post("/account/email/confirm", {"link": token}).status_code


def address_of(desk: Desk) -> str:
    desk.session.expire_all()
    found = desk.session.get_one(User, desk.provider.id).email
    desk.session.rollback()
    return found


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_the_address_changes_when_both_mailboxes_have_agreed(
    desk: Desk, office: Office, postman: Postman, provider: Visitor, stranger: Visitor, order: tuple[str, str]
) -> None:
    assert ask(provider, email=" Pia@Example.com ")[0] == 303
    postman.work()
    found = links(office)
    assert set(found) == {OLD, NEW}

    assert NEW in stranger.read(f"/account/email/confirm?link={found[order[0]]}").text
    assert agree(stranger, found[order[0]]) == 303
    assert agree(stranger, found[order[0]]) == 303, "twice is no second voice"
    assert address_of(desk) == OLD
    assert agree(stranger, found[order[1]]) == 303

    assert address_of(desk) == NEW
    assert agree(stranger, found[order[1]]) == 410


def test_a_second_request_ends_the_first(
    desk: Desk, office: Office, postman: Postman, provider: Visitor, stranger: Visitor
) -> None:
    ask(provider, email="first@example.com")
    postman.work()
    first = links(office)
    ask(provider)
    postman.work()

    assert agree(stranger, first[OLD]) == agree(stranger, first["first@example.com"]) == 410
    assert address_of(desk) == OLD


def test_the_links_end_after_a_day(
    desk: Desk, office: Office, postman: Postman, provider: Visitor, stranger: Visitor
) -> None:
    ask(provider)
    postman.work()
    desk.clock.pause(LASTS.total_seconds())

    assert [agree(stranger, one) for one in links(office).values()] == [410, 410]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"password": "not the password"}, "This is not your password."),
        ({"email": OLD.upper()}, "This is your address already."),
        ({"email": "nothing"}, "This is not an e-mail address."),
    ],
)
def test_a_refused_request_writes_to_nobody(
    office: Office, postman: Postman, provider: Visitor, changes: dict[str, str], message: str
) -> None:
    status, page = ask(provider, **changes)
    postman.work()

    assert (status, message in page) == (422, True)
    assert office.arrived == []


def test_an_address_that_somebody_has_is_refused_at_the_end_and_not_before(
    desk: Desk, office: Office, postman: Postman, provider: Visitor, stranger: Visitor
) -> None:
    taken = desk.add_seeker().email
    assert ask(provider, email=taken)[0] == 303
    postman.work()
    found = links(office)

    agree(stranger, found[OLD])
    assert agree(stranger, found[taken]) == 409
    assert address_of(desk) == OLD
