"""Owners set single sign-on up, prove their domains, and let people in by nothing else."""

import pytest
from flask import Flask
from pyotp.totp import TOTP
from sqlalchemy import select

from tests.authenticator import Authenticator
from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Reader, Visitor
from tests.pages.single_sign_on.issuer import CLIENT_ID, Issuer
from tests.pages.single_sign_on.names import Names
from tests.pages.single_sign_on.test_accounts import add_colleague, user_of
from tests.pages.single_sign_on.traveller import Traveller, prove
from tests.pages.test_account import enter
from tests.services import passkey_steps
from webapp.domain.errors import Conflict
from webapp.domain.roles import CompanyRole
from webapp.models import CompanyDomain, IdentityProvider, User, UserSession
from webapp.services import company_domains, second_factor, sign_in, tokens
from webapp.services.identity_provider import ProviderRequest, client_of, save_provider
from webapp.services.open_id import IssuerFailed
from webapp.vault.own_box import OwnBox

OWNER = "provider@example.com"
PAGE = "/people/single-sign-on/"
SECRET = "s3cret of the client"


def form(at: Issuer, **changes: object) -> dict[str, object]:
    wanted = {"issuer": at.url, "client_id": CLIENT_ID, "client_secret": "", "default_role": "auditor"}
    return {**wanted, **changes}


def provider_row(desk: Desk) -> IdentityProvider | None:
    with desk.sessions.begin() as session:
        found = session.scalars(select(IdentityProvider)).one_or_none()
        session.expunge_all()
    return found


def domain_id(desk: Desk, domain: str) -> int:
    with desk.sessions.begin() as session:
        return session.scalars(select(CompanyDomain.id).where(CompanyDomain.domain == domain)).one()


def test_an_owner_sets_it_up_on_the_pages(
    app: Flask, desk: Desk, provider: Visitor, issuer: Issuer, names: Names
) -> None:
    assert PAGE in provider.read("/people/").links()
    assert f"http://localhost/sign-in/company/back/{desk.provider.company_id}" in provider.read(PAGE).text

    provider.post(PAGE, form(issuer, client_secret=SECRET, default_role="recruiter"))
    provider.post(f"{PAGE}domains", {"domain": "Example.COM."})
    found = domain_id(desk, "example.com")
    assert provider.post(f"{PAGE}domains/{found}/check").status_code == 409
    record = next(word for word in provider.read(PAGE).text.split() if word.startswith("berth-verification="))
    names.texts["example.com"] = ["v=spf1 -all", record]
    assert provider.post(f"{PAGE}domains/{found}/check").status_code == 303

    issuer.client_secret = SECRET
    Traveller(app, issuer).sign_in()
    assert user_of(desk, "ada@example.com").company_role is CompanyRole.RECRUITER
    assert "Works" in provider.read(PAGE).text


@pytest.mark.parametrize("role", [role for role in CompanyRole if role is not CompanyRole.OWNER])
def test_nobody_but_an_owner_sees_it(desk: Desk, sign_in: SignIn, issuer: Issuer, role: CompanyRole) -> None:
    add_colleague(desk, "ada@example.com", role)
    ada = Visitor(sign_in("ada@example.com"))

    answers = [
        ada.get(PAGE),
        ada.post(PAGE, form(issuer)),
        ada.post(f"{PAGE}domains", {"domain": "a.example"}),
    ]

    assert {one.status_code for one in answers} == {403}
    assert (provider_row(desk), issuer.asked) == (None, [])


def test_the_client_secret_is_sealed_and_never_shown(desk: Desk, provider: Visitor, issuer: Issuer) -> None:
    provider.post(PAGE, form(issuer, client_secret=SECRET))

    row = provider_row(desk)
    assert row is not None and row.sealed_secret is not None
    assert SECRET not in row.sealed_secret
    assert SECRET not in provider.get(PAGE).text
    assert SECRET not in repr(ProviderRequest(issuer.url, CLIENT_ID, SECRET))
    with pytest.raises(IssuerFailed):
        row.sealed_secret = OwnBox("another key").seal(SECRET, bound_to="anything")
        client_of(desk.context, row, redirect_uri="")


def test_the_secret_is_kept_for_the_same_client_and_sent_to_no_other_issuer(
    desk: Desk, provider: Visitor, issuer: Issuer
) -> None:
    """Whoever may change the issuer must not have the secret sent to themselves."""
    provider.post(PAGE, form(issuer, client_secret=SECRET))
    provider.post(PAGE, form(issuer, default_role="finance"))
    kept = provider_row(desk)
    evil = Issuer(desk.clock.now)
    server = evil.start()

    provider.post(PAGE, form(evil))

    assert kept is not None and kept.sealed_secret is not None
    assert (row := provider_row(desk)) is not None
    assert (row.issuer, row.sealed_secret, row.succeeded_at) == (evil.url, None, None)
    row.sealed_secret = kept.sealed_secret
    with pytest.raises(IssuerFailed):
        client_of(desk.context, row, redirect_uri="")
    server.shutdown()
    server.server_close()


INSIDE = (
    "https://localhost",
    "https://10.1.2.3",
    "https://169.254.169.254/latest",
    "https://[::1]",
    "https://keycloak",
    "https://idp.internal",
    "http://login.example.com",
    "https://user:password@login.example.com",
    "https://login.example.com/#x",
    "ftp://login.example.com",
    "javascript:alert(1)",
    "login.example.com",
)


@pytest.mark.parametrize("address", INSIDE)
def test_an_issuer_inside_a_network_is_refused_and_not_asked(
    desk: Desk, provider: Visitor, issuer: Issuer, address: str
) -> None:
    answer = provider.post(PAGE, form(issuer, issuer=address))

    assert answer.status_code == 422
    assert Reader(answer.text).error_of("issuer")
    assert provider_row(desk) is None


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", ["https://169.254.169.254/", "http://login.example.com/", None, 7])
def test_an_issuer_that_names_addresses_inside_is_refused(
    desk: Desk, provider: Visitor, issuer: Issuer, endpoint: str, address: object
) -> None:
    issuer.document[endpoint] = address

    assert provider.post(PAGE, form(issuer)).status_code == 422
    assert provider_row(desk) is None


def test_a_document_of_another_issuer_is_refused(desk: Desk, provider: Visitor, issuer: Issuer) -> None:
    issuer.document["issuer"] = "https://evil.example"

    assert "of another issuer" in provider.post(PAGE, form(issuer)).text
    assert provider_row(desk) is None


def test_a_redirect_of_the_document_is_not_followed(desk: Desk, provider: Visitor, issuer: Issuer) -> None:
    away = (302, {"Location": f"{issuer.url}/elsewhere"}, b"")
    issuer.answers["/.well-known/openid-configuration"] = away

    assert "redirected" in provider.post(PAGE, form(issuer)).text
    assert issuer.count("/elsewhere") == 0
    assert provider_row(desk) is None


def test_nobody_becomes_an_owner_by_signing_in(desk: Desk, provider: Visitor, issuer: Issuer) -> None:
    assert provider.post(PAGE, form(issuer, default_role="owner")).status_code == 422
    assert provider_row(desk) is None


def test_another_company_s_domain_is_not_there(desk: Desk, company: int, rival: Visitor) -> None:
    found = domain_id(desk, "example.com")

    answers = [rival.post(f"{PAGE}domains/{found}/{verb}") for verb in ("check", "remove")]

    assert [one.status_code for one in answers] == [404, 404]
    assert domain_id(desk, "example.com") == found


@pytest.mark.parametrize("typed", ["example", "a b.example", "-a.example", "127.0.0.1", "exam_ple.com", "@"])
def test_what_is_no_domain_is_refused(provider: Visitor, typed: str) -> None:
    assert provider.post(f"{PAGE}domains", {"domain": typed}).status_code == 422


def test_a_domain_of_other_letters_is_asked_for_as_dns_writes_it(
    desk: Desk, provider: Visitor, names: Names
) -> None:
    provider.post(f"{PAGE}domains", {"domain": "bücher.example"})
    provider.post(f"{PAGE}domains/{domain_id(desk, 'xn--bcher-kva.example')}/check")

    assert names.asked == ["xn--bcher-kva.example"]


def test_another_company_s_record_proves_nothing(desk: Desk, company: int, names: Names) -> None:
    """Each company has a text of its own to publish."""
    rival = desk.add_provider("rival@rival.example", company="Rival").company_id or 0
    added = company_domains.add_domain(desk.context, "example.com", company_id=rival)

    with pytest.raises(Conflict):
        company_domains.prove_domain(desk.context, added.id, company_id=rival)


@both_databases
def test_a_domain_is_proven_by_one_company(desk: Desk, company: int, names: Names) -> None:
    rival = desk.add_provider("rival@rival.example", company="Rival").company_id or 0

    with pytest.raises(Conflict) as refused:
        prove(desk, names, "example.com", company_id=rival)
    assert refused.value.code == "domain_taken"


def test_a_dns_server_that_fails_proves_nothing(desk: Desk, provider: Visitor, names: Names) -> None:
    provider.post(f"{PAGE}domains", {"domain": "example.com"})
    names.is_failing = True

    assert provider.post(f"{PAGE}domains/{domain_id(desk, 'example.com')}/check").status_code == 503


def test_a_removed_domain_lets_nobody_new_in_and_keeps_the_others(
    desk: Desk, traveller: Traveller, provider: Visitor, names: Names
) -> None:
    traveller.sign_in()
    prove(desk, names, "other.example", company_id=desk.provider.company_id or 0)
    provider.post(f"{PAGE}domains/{domain_id(desk, 'example.com')}/remove")

    again = traveller.another()
    again.sign_in("x@other.example")
    assert again.is_in()
    traveller.issuer.person = {"sub": "2", "email": "mina@example.com"}
    assert "has not proven" in traveller.another().refusal("x@other.example")


def phone_of_provider(desk: Desk) -> TOTP:
    key = second_factor.begin(desk.context, desk.provider)
    phone = TOTP(key.text.replace(" ", ""))
    second_factor.confirm(desk.context, desk.provider, phone.at(int(desk.clock.now().timestamp())))
    desk.clock.pause(30)
    desk.session.rollback()
    return phone


def demand(desk: Desk, provider: Visitor) -> int:
    return provider.post(f"{PAGE}demand", {"owner": user_of(desk, OWNER).id}).status_code


def test_nothing_else_is_allowed_only_after_it_has_worked(
    desk: Desk, provider: Visitor, traveller: Traveller
) -> None:
    phone_of_provider(desk)

    assert demand(desk, provider) == 409
    assert enter(traveller.another().browser) == 303

    traveller.sign_in()
    assert demand(desk, provider) == 303


def test_the_emergency_way_needs_a_second_factor(desk: Desk, provider: Visitor, traveller: Traveller) -> None:
    traveller.sign_in()

    assert demand(desk, provider) == 422
    assert (row := provider_row(desk)) is not None and not row.is_demanded


def test_the_emergency_way_is_an_owner_s_of_this_company(
    desk: Desk, provider: Visitor, traveller: Traveller
) -> None:
    traveller.sign_in()
    colleague, rival = (
        add_colleague(desk, "cy@example.com"),
        desk.add_provider("r@r.example", company="Rival"),
    )

    for one in (colleague.id, rival.id, 987_654):
        assert provider.post(f"{PAGE}demand", {"owner": one}).status_code == 422
    assert (row := provider_row(desk)) is not None and not row.is_demanded


@pytest.fixture
def demanded(desk: Desk, provider: Visitor, traveller: Traveller) -> TOTP:
    """Only by single sign-on; the provider has the emergency way."""
    add_colleague(desk, "cy@example.com", CompanyRole.OWNER)
    phone = phone_of_provider(desk)
    traveller.sign_in()
    assert demand(desk, provider) == 303
    return phone


def test_a_right_password_lets_nobody_in_any_more_and_a_wrong_one_tells_nothing(
    app: Flask, demanded: TOTP
) -> None:
    browser = app.test_client()

    right, wrong = (
        Visitor(browser).post("/sign-in", {"email": "cy@example.com", "password": word}).text
        for word in (PASSWORD, "a wrong password")
    )

    assert "by its own sign-in only" in right and "by its own sign-in only" not in wrong
    assert browser.get("/account/").status_code == 302


def test_sessions_that_began_with_a_password_end_at_once_and_others_stay(
    desk: Desk, provider: Visitor, traveller: Traveller, sign_in: SignIn
) -> None:
    add_colleague(desk, "cy@example.com", CompanyRole.OWNER)
    phone_of_provider(desk)
    traveller.sign_in()
    cy = sign_in("cy@example.com")

    demand(desk, provider)

    assert cy.get("/account/").status_code == 302
    assert traveller.is_in()
    assert provider.get("/account/").status_code == 200


def test_one_owner_gets_in_with_password_and_second_factor(desk: Desk, app: Flask, demanded: TOTP) -> None:
    browser = app.test_client()

    assert enter(browser) == 303
    assert browser.get("/account/").status_code == 302
    code = demanded.at(int(desk.clock.now().timestamp()))
    assert Visitor(browser).post("/sign-in/code", {"code": code}).status_code == 303
    assert browser.get("/account/").status_code == 200


def test_the_emergency_way_stays_usable(
    desk: Desk, provider: Visitor, demanded: TOTP, sign_in: SignIn, traveller: Traveller
) -> None:
    traveller.issuer.person = {"sub": "cy", "email": "cy@example.com"}
    cy = traveller.another()
    cy.sign_in()
    visitor, owner = Visitor(cy.browser), user_of(desk, OWNER).id
    desk.prove_everybody()
    code = demanded.at(int(desk.clock.now().timestamp()))

    assert visitor.post(f"/people/colleagues/{owner}/disable").status_code == 409
    changed = visitor.post(f"/people/colleagues/{owner}/role", {"role": "manager", "reach": "all"})
    assert changed.status_code == 409
    assert provider.post("/account/second-factor/remove", {"code": code}).status_code == 409
    removed = provider.post("/account/remove", {"email": OWNER, "current": PASSWORD})
    assert removed.status_code == 409 and "emergency way" in removed.text
    assert user_of(desk, OWNER).company_role is CompanyRole.OWNER


def test_neither_issuer_nor_setting_can_be_removed_before_passwords_are_allowed(
    desk: Desk, provider: Visitor, demanded: TOTP, traveller: Traveller
) -> None:
    before = provider_row(desk)

    assert provider.post(f"{PAGE}remove").status_code == 409
    assert provider.post(PAGE, form(traveller.issuer, client_id="another")).status_code == 409
    assert (row := provider_row(desk)) is not None and before is not None
    assert (row.client_id, row.is_demanded) == (before.client_id, True)

    provider.post(f"{PAGE}waive")
    assert enter(traveller.another().browser, email="cy@example.com") == 303
    assert provider.post(f"{PAGE}remove").status_code == 303
    assert provider_row(desk) is None


def test_programs_keep_their_tokens(desk: Desk, app: Flask, demanded: TOTP) -> None:
    _, token = tokens.issue_token(desk.context, user=user_of(desk, "cy@example.com"), name="program")

    assert Program(app.test_client(), token).call("GET", "workspaces/").status_code == 200


def test_other_companies_and_job_seekers_sign_in_as_before(desk: Desk, demanded: TOTP) -> None:
    rival, seeker = desk.add_provider("r@r.example", company="Rival"), desk.add_seeker()

    for one in (rival, seeker):
        assert sign_in.sign_in(desk.context, email=one.email, password=PASSWORD)


def test_a_second_factor_alone_is_no_way_around(
    desk: Desk, app: Flask, provider: Visitor, traveller: Traveller
) -> None:
    """Whoever had entered the password just before."""
    cy = add_colleague(desk, "cy@example.com", CompanyRole.OWNER)
    key = second_factor.begin(desk.context, cy).text.replace(" ", "")
    second_factor.confirm(desk.context, cy, TOTP(key).at(int(desk.clock.now().timestamp())))
    phone_of_provider(desk)
    traveller.sign_in()
    browser = app.test_client()
    assert enter(browser, email="cy@example.com") == 303

    demand(desk, provider)

    code = TOTP(key).at(int(desk.clock.now().timestamp()))
    Visitor(browser).post("/sign-in/code", {"code": code})
    assert browser.get("/account/").status_code == 302


def test_the_document_is_read_again_when_it_is_saved(desk: Desk, company: int, issuer: Issuer) -> None:
    issuer.document["token_endpoint"] = f"{issuer.url}/elsewhere"

    save_provider(desk.context, ProviderRequest(issuer.url, CLIENT_ID), company_id=company, by=desk.provider)

    assert (row := provider_row(desk)) is not None and row.token_endpoint == f"{issuer.url}/elsewhere"


def test_an_operator_allows_passwords_again_when_the_emergency_way_fails_too(
    desk: Desk, app: Flask, demanded: TOTP, traveller: Traveller
) -> None:
    run = app.test_cli_runner()

    assert run.invoke(args=["company", "allow-passwords", "Nobody"]).exit_code != 0
    assert enter(traveller.another().browser, email="cy@example.com") == 422
    done = run.invoke(args=["company", "allow-passwords", "Quayside"])

    assert (done.exit_code, done.output) == (0, "Passwords sign people in again.\n")
    assert enter(traveller.another().browser, email="cy@example.com") == 303


def test_whoever_has_only_single_sign_on_can_prove_by_it_who_they_are(
    desk: Desk, traveller: Traveller
) -> None:
    """Nobody knows a password of theirs."""
    traveller.sign_in()
    desk.clock.pause(601)
    visitor = Visitor(traveller.browser)
    assert "/account/prove/" in str(visitor.post("/tokens/", {"name": "program"}).location)

    links = visitor.read("/account/prove/?next=/tokens/").links()
    assert "/sign-in/company?domain=example.com&next=/tokens/&proof=1" in links
    traveller.sign_in(next="/tokens/", proof="1")

    assert "/account/prove/" not in str(visitor.post("/tokens/", {"name": "program"}).location)


def test_the_settings_ask_again_who_it_is(desk: Desk, provider: Visitor, issuer: Issuer) -> None:
    desk.clock.pause(601)

    assert "/account/prove/" in str(provider.post(PAGE, form(issuer)).location)
    assert (provider_row(desk), issuer.asked) == (None, [])


def test_a_passkey_lets_in_the_emergency_way_and_nobody_else(desk: Desk, demanded: TOTP) -> None:
    phones = {}
    for email in ("cy@example.com", OWNER):
        person = desk.session.scalars(select(User).where(User.email == email)).one()
        desk.session.rollback()
        phones[email] = Authenticator()
        passkey_steps.add(desk.context, person, phones[email])
    desk.session.rollback()
    before = passkey_steps.count(desk.context, UserSession)

    refused = passkey_steps.refusal(lambda: passkey_steps.enter(desk.context, phones["cy@example.com"]))

    assert refused.code == "needs_single_sign_on"
    assert passkey_steps.count(desk.context, UserSession) == before
    assert passkey_steps.enter(desk.context, phones[OWNER]).email == OWNER
