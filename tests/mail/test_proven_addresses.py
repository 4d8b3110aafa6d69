"""Whoever signs up with an address has not proven it: until then it counts for nothing."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.apps import without_rate_limit
from tests.desk import PASSWORD, Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.pages.reader import Reader, Visitor
from webapp.domain.roles import ApplicationStatus, CompanyRole, Role
from webapp.models import ApiToken, Application, Passkey, User, UserSession
from webapp.services import invitations, password_reset
from webapp.services.invitations import Wanted

EMAIL = "ada@bigcorp.example"
OWN_PASSWORD = "seven quiet barges at dawn"


@pytest.fixture
def stranger(app: Flask, desk: Desk) -> Iterator[Visitor]:
    """Signs up with the address of somebody else."""
    with without_rate_limit():
        visitor = Visitor(app.test_client())
        visitor.post("/sign-up/person", {"name": "Ada Byron", "email": EMAIL, "password": PASSWORD})
        yield visitor


def link_in(office: Office) -> str:
    found = re.search(r"/account/email/confirm\?link=(\S+)", office.arrived[-1].text("plain"))
    assert found is not None
    return found[1]


def ada(desk: Desk) -> User:
    with desk.sessions() as session:
        return session.scalars(select(User).where(User.email == EMAIL)).one()


def applicants(app: Flask, desk: Desk) -> Reader:
    """The job, as the company sees it."""
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = desk.session_token(desk.provider.email)
    return Reader(browser.get(f"/jobs/{desk.posting_id}/").text)


def test_whoever_signs_up_is_asked_at_the_address_whether_it_is_theirs(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    postman.work()
    assert [one.recipients for one in office.arrived] == [(EMAIL,)]
    assert ada(desk).email_proven_at is None
    assert "not confirmed yet" in stranger.read("/desktops/").text

    page = stranger.read(f"/account/email/confirm?link={link_in(office)}")
    answer = stranger.post("/account/email/confirm", {"link": link_in(office)})

    assert f"signed up with {EMAIL}, under the name “Ada Byron”" in page.text
    assert answer.status_code == 303
    assert ada(desk).email_proven_at is not None
    assert "not confirmed yet" not in stranger.read("/desktops/").text
    assert stranger.read(f"/account/email/confirm?link={link_in(office)}", status=410).headings


def test_the_link_is_sent_again_but_floods_no_mailbox(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    at_once = stranger.post("/account/email/proof")
    desk.clock.pause(16 * 60)
    later = stranger.post("/account/email/proof")
    postman.work()

    assert (at_once.status_code, later.status_code) == (429, 303)
    assert [one.recipients for one in office.arrived] == [(EMAIL,)] * 2
    stranger.post("/account/email/confirm", {"link": link_in(office)})
    assert ada(desk).email_proven_at is not None


def test_a_company_sees_that_an_applicant_has_not_proven_the_address(
    app: Flask, desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    stranger.post(f"/board/{desk.posting_id}/apply", {"message": "Hello"})
    before = applicants(app, desk)
    postman.work()
    stranger.post("/account/email/confirm", {"link": link_in(office)})

    after = applicants(app, desk)

    assert f"{EMAIL} (address not confirmed)" in before.text
    assert EMAIL in after.text and "not confirmed" not in after.text


def test_an_address_with_a_slip_is_corrected_without_the_mailbox_that_nobody_reads(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    right = "ada@big-corp.example"
    stranger.post("/account/email", {"email": right, "current_password": PASSWORD})
    postman.work()
    assert [one.recipients for one in office.arrived][1:] == [(right,)]

    stranger.post("/account/email/confirm", {"link": link_in(office)})

    with desk.sessions() as session:
        found = session.scalars(select(User).where(User.email == right)).one()
    assert found.email_proven_at is not None


def test_an_account_that_nobody_has_proven_makes_way_for_the_colleague_of_that_address(
    app: Flask, desk: Desk, office: Office, stranger: Visitor
) -> None:
    stranger.post(f"/board/{desk.posting_id}/apply", {"message": "Hello"})
    before = ada(desk)
    [invited] = invitations.invite(
        desk.context,
        [Wanted(EMAIL, company_role=CompanyRole.RECRUITER)],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
    )
    assert invited.problem == ""
    desk.session.rollback()

    own = Visitor(app.test_client())
    own.post("/invitation/", {"link": invited.token, "name": "Ada Byron", "password": OWN_PASSWORD})

    colleague = ada(desk)
    assert (colleague.role, colleague.company_id) == (Role.PROVIDER, desk.provider.company_id)
    assert colleague.id != before.id and colleague.email_proven_at is not None
    assert stranger.get("/desktops/").status_code == 302, "the stranger is signed out"
    with desk.sessions() as session:
        application = session.scalars(select(Application).where(Application.seeker_id == before.id)).one()
        assert application.status is ApplicationStatus.REJECTED


def test_whoever_was_hired_or_has_proven_the_address_makes_way_for_nobody(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    postman.work()
    stranger.post("/account/email/confirm", {"link": link_in(office)})

    [invited] = invitations.invite(
        desk.context,
        [Wanted(EMAIL)],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
    )

    assert invited.code == "other_account"


def test_whom_the_operator_has_disabled_does_not_come_back_by_an_invitation(
    desk: Desk, office: Office, stranger: Visitor
) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.email == EMAIL).values(is_active=False))

    [invited] = invitations.invite(
        desk.context,
        [Wanted(EMAIL)],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
    )

    assert invited.code == "other_account"


def test_who_proves_the_address_by_a_new_password_is_alone_in_the_account(
    desk: Desk, office: Office, stranger: Visitor
) -> None:
    """Whoever signed up with it may have left a passkey."""
    user_id = ada(desk).id
    with desk.sessions.begin() as session:
        session.add(
            Passkey(
                user_id=user_id,
                name="Phone",
                host="localhost",
                credential_id="left",
                public_key=b"key",
                sign_count=0,
                created_at=desk.clock.now(),
            )
        )
    link = password_reset.make_link(desk.context, email=EMAIL)

    password_reset.choose_password(desk.context, token=link, password=OWN_PASSWORD)

    assert ada(desk).email_proven_at is not None
    with desk.sessions() as session:
        for table in (Passkey, UserSession, ApiToken):
            assert session.scalars(select(table).where(table.user_id == user_id)).all() == []


def test_no_change_of_address_from_before_the_proof_takes_the_account_away_from_its_owner(
    desk: Desk, office: Office, postman: Postman, stranger: Visitor
) -> None:
    stranger.post("/account/email", {"email": "stranger@evil.example", "current_password": PASSWORD})
    postman.work()
    link = link_in(office)
    owners = password_reset.make_link(desk.context, email=EMAIL)
    password_reset.choose_password(desk.context, token=owners, password=OWN_PASSWORD)

    answer = stranger.post("/account/email/confirm", {"link": link})

    assert answer.status_code == 410
    assert ada(desk).email_proven_at is not None
