"""Which account somebody gets: by issuer and subject, never by an address that proves nothing."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.pages.single_sign_on.issuer import Issuer
from tests.pages.single_sign_on.names import Names
from tests.pages.single_sign_on.test_way_in import people
from tests.pages.single_sign_on.traveller import Traveller, prove, set_up
from tests.pages.test_account import enter
from webapp.domain.errors import LinkIsOver
from webapp.domain.roles import CompanyRole, Role
from webapp.models import Company, Invitation, User
from webapp.services import invitations, sso_accounts
from webapp.services.identity_provider import ProviderRequest, save_provider
from webapp.services.invitations import Wanted

MINA = {"sub": "2", "email": "mina@example.com", "name": "Mina Park"}


def user_of(desk: Desk, email: str) -> User:
    """As it is now."""
    with desk.sessions.begin() as session:
        found = session.scalars(select(User).where(User.email == email)).one()
        session.expunge(found)
    return found


def add_colleague(desk: Desk, email: str, role: CompanyRole = CompanyRole.RECRUITER) -> User:
    made = desk.add_provider(email, company="For a moment")
    made.company_id, made.company_role = desk.provider.company_id, role
    desk.session.commit()
    return made


def test_whoever_is_not_known_becomes_a_member_with_the_default_role(
    desk: Desk, traveller: Traveller, company: int
) -> None:
    traveller.sign_in()

    ada = user_of(desk, "ada@example.com")
    assert (ada.company_id, ada.role, ada.company_role) == (company, Role.PROVIDER, CompanyRole.AUDITOR)
    assert Visitor(traveller.browser).post("/people/second-factor/demand").status_code == 403


@pytest.mark.parametrize("role", [CompanyRole.RECRUITER, CompanyRole.MANAGER])
def test_a_company_chooses_another_role(
    desk: Desk, issuer: Issuer, names: Names, app: Flask, role: CompanyRole
) -> None:
    set_up(desk, issuer, names, role=role)

    Traveller(app, issuer).sign_in()

    assert user_of(desk, "ada@example.com").company_role is role


def test_whoever_was_invited_has_the_invitation_s_role_and_its_link_ends(
    desk: Desk, traveller: Traveller, company: int
) -> None:
    wanted = [Wanted("ada@example.com", "Ada Byron", CompanyRole.FINANCE)]
    [invited] = invitations.invite(desk.context, wanted, company_id=company, invited_by=desk.provider)

    traveller.sign_in()

    ada = user_of(desk, "ada@example.com")
    assert ada.company_role is CompanyRole.FINANCE
    with desk.sessions() as session:
        settled = session.get_one(Invitation, invited.invitation_id)
        assert (settled.accepted_by_id, settled.accepted_at) == (ada.id, desk.clock.now())
    with pytest.raises(LinkIsOver):
        invitations.find_invitation(desk.context, invited.token)


def test_an_invitation_that_was_withdrawn_or_has_expired_gives_no_role(
    desk: Desk, traveller: Traveller, company: int
) -> None:
    wanted = [Wanted("ada@example.com", "Ada Byron", CompanyRole.FINANCE)]
    [invited] = invitations.invite(desk.context, wanted, company_id=company, invited_by=desk.provider)
    invitations.revoke(desk.context, invited.invitation_id or 0, company_id=company, by=desk.provider)

    traveller.sign_in()

    assert user_of(desk, "ada@example.com").company_role is CompanyRole.AUDITOR


def test_a_colleague_keeps_account_and_role(desk: Desk, traveller: Traveller) -> None:
    ada = add_colleague(desk, "ada@example.com")
    before = people(desk)

    traveller.sign_in()

    assert people(desk) == (before[0], before[1] + 1, before[2] + 1)
    assert user_of(desk, "ada@example.com").company_role is ada.company_role


def test_a_linked_person_is_known_by_the_subject_alone(desk: Desk, traveller: Traveller) -> None:
    """A new name and address at the issuer make nobody else, and nobody else's account is theirs."""
    traveller.sign_in()
    before = people(desk)
    traveller.issuer.person = {"sub": "1", "email": "provider@example.com", "email_verified": False}

    again = traveller.another()
    again.sign_in()

    assert "ada@example.com" in again.name()
    assert people(desk)[:2] == before[:2]


def test_an_address_that_somebody_has_taken_over_does_not_open_the_account(
    desk: Desk, traveller: Traveller
) -> None:
    traveller.sign_in()
    before = people(desk)
    traveller.issuer.person = {"sub": "another", "email": "ada@example.com"}

    assert "linked with somebody else" in traveller.another().refusal()
    assert people(desk) == before


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({"sub": "3"}, "did not give your e-mail address"),
    "no real address": ({"sub": "3", "email": ["ada@example.com"]}, "did not give your e-mail address"),
    "an address that is not verified": (MINA | {"email_verified": False}, "is not verified"),
    "the same in words": (MINA | {"email_verified": "false"}, "is not verified"),
    "another domain": (MINA | {"email": "mina@other.example"}, "has not proven"),
    "a domain below": (MINA | {"email": "mina@sub.example.com"}, "has not proven"),
    "a domain that ends alike": (MINA | {"email": "mina@notexample.com"}, "has not proven"),
    "two addresses": (MINA | {"email": "mina@other.example@example.com"}, "did not give"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_nobody_comes_in_with(desk: Desk, traveller: Traveller, what: str) -> None:
    traveller.issuer.person, sentence = REFUSED[what]
    before = people(desk)

    assert sentence in traveller.refusal()
    assert people(desk) == before


def test_a_job_seeker_s_account_is_never_taken_over(desk: Desk, traveller: Traveller) -> None:
    seeker = desk.add_seeker().email
    traveller.issuer.person = {"sub": "3", "email": seeker, "email_verified": True}
    before = people(desk)

    assert "not of this company" in traveller.refusal()
    assert people(desk) == before
    assert user_of(desk, seeker).role is Role.SEEKER


def test_nor_is_an_account_of_another_company(desk: Desk, traveller: Traveller) -> None:
    rival = desk.add_provider("rival@example.com", company="Rival")
    traveller.issuer.person = {"sub": "3", "email": rival.email}
    before = people(desk)

    assert "not of this company" in traveller.refusal()
    assert people(desk) == before


def test_nor_an_operator(desk: Desk, traveller: Traveller) -> None:
    operator = desk.add_seeker()
    operator.role = Role.ADMIN
    desk.session.commit()
    traveller.issuer.person = {"sub": "3", "email": operator.email}
    before = people(desk)

    assert "not of this company" in traveller.refusal()
    assert people(desk) == before


@pytest.mark.parametrize("is_linked", [False, True])
def test_a_disabled_person_stays_out(desk: Desk, traveller: Traveller, is_linked: bool) -> None:
    add_colleague(desk, "ada@example.com")
    if is_linked:
        traveller.sign_in()
    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.email == "ada@example.com").values(is_active=False))
    before = people(desk)

    assert "disabled" in traveller.another().refusal()
    assert people(desk) == before


def test_an_issuer_that_two_companies_use_lets_nobody_into_the_other(
    desk: Desk, traveller: Traveller, names: Names
) -> None:
    """As Google is the issuer of all its customers."""
    traveller.sign_in()
    rival = desk.add_provider("owner@rival.example", company="Rival")
    save_provider(
        desk.context,
        ProviderRequest(traveller.issuer.url, "berth-of-quayside"),
        company_id=rival.company_id or 0,
        by=rival,
    )
    prove(desk, names, "rival.example", company_id=rival.company_id or 0)
    before = people(desk)

    assert "not of this company" in traveller.another().refusal("ada@rival.example")
    assert people(desk) == before


def test_nobody_knows_the_password_of_a_new_member(desk: Desk, traveller: Traveller) -> None:
    traveller.sign_in()

    assert enter(traveller.another().browser, "", email="ada@example.com") == 422
    assert user_of(desk, "ada@example.com").password_hash.startswith("$argon2id$")


def test_the_issuer_s_word_stands_for_a_second_factor_that_the_company_demands(
    desk: Desk, traveller: Traveller, company: int, sign_in: SignIn
) -> None:
    desk.session.get_one(Company, company).needs_second_factor = True
    desk.session.commit()

    traveller.sign_in()

    assert traveller.browser.get("/start/").status_code == 200
    assert traveller.browser.get("/api/workspaces/workspaces/").status_code == 200
    assert sign_in("provider@example.com").get("/start/").status_code == 303


ENTRA = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"


def test_people_of_entra_are_known_by_tenant_and_object() -> None:
    """Its `sub` is another one after the application was registered again."""
    claims = {"iss": ENTRA, "sub": "of this application", "tid": "1111", "oid": "9999"}

    named = sso_accounts.read_claims(claims | {"preferred_username": "Ada@Example.com"})

    assert (named.subject, named.email) == ("1111.9999", "ada@example.com")


def test_elsewhere_such_claims_mean_nothing() -> None:
    claims = {"iss": "https://evil.example", "sub": "1", "tid": "1111", "oid": "9999"}

    named = sso_accounts.read_claims(claims | {"preferred_username": "ada@example.com"})

    assert (named.subject, named.email) == ("1", "")


@pytest.mark.parametrize(("hd", "is_denied"), [(None, True), ("", True), ("example.com", False)])
def test_a_private_google_account_is_not_believed(hd: str | None, is_denied: bool) -> None:
    """It can have an address of the company, and outlasts the person's time there."""
    claims = {"iss": "https://accounts.google.com", "sub": "1", "email": "ada@example.com"}

    named = sso_accounts.read_claims(claims | {"email_verified": True, "hd": hd})

    assert named.is_email_denied is is_denied
