"""Passkeys on the pages: added, named, used instead of a password or after it, removed."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp.totp import TOTP
from sqlalchemy import Row, select
from werkzeug.test import TestResponse

from tests.authenticator import Authenticator, Bent
from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.pages.test_account import enter
from tests.pages.test_second_factor import RECOVERY_CODE
from webapp.models import AuthenticatorApp, Passkey
from webapp.queries import people
from webapp.services import colleagues

PAGE = "/account/passkeys/"
PROVIDER = "provider@example.com"
WRONG = Bent(is_verified=False)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def add(visitor: Visitor, device: Authenticator, *, name: str = "My phone") -> TestResponse:
    options = visitor.post(f"{PAGE}options")
    assert options.mimetype == "application/json", options.text
    return visitor.post(PAGE, {"answer": device.make(options.text), "name": name})


def use(
    browser: FlaskClient, device: Authenticator, bent: Bent | None = None, *, after: str = "", **more: object
) -> TestResponse:
    """Instead of the password; `after="/code"`: after it."""
    visitor = Visitor(browser)
    options = visitor.post(f"/sign-in{after}/passkey/options")
    text = device.use(options.text, bent or Bent())
    return visitor.post(f"/sign-in{after}/passkey", {"answer": text, **more})


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/start/").status_code == 200


def passkeys(desk: Desk) -> list[Row[tuple[int, int, str]]]:
    desk.session.rollback()
    found = desk.session.execute(select(Passkey.id, Passkey.user_id, Passkey.host).order_by(Passkey.id)).all()
    desk.session.rollback()
    return list(found)


def set_up_app(desk: Desk, visitor: Visitor) -> Callable[[], str]:
    """Beside passkeys; what its app shows now."""
    visitor.post("/account/second-factor/begin")
    found = re.search(r'id="app-key">([A-Z2-7 ]+)<', visitor.get("/account/second-factor/").text)
    assert found is not None
    app = TOTP(found[1].replace(" ", ""))

    def code() -> str:
        return app.at(int(desk.clock.now().timestamp()))

    assert visitor.post("/account/second-factor/confirm", {"code": code()}).status_code == 200
    return code


def test_the_first_passkey_comes_with_recovery_codes_and_the_next_without(
    provider: Visitor, device: Authenticator
) -> None:
    first = add(provider, device)
    second = add(provider, Authenticator(), name="")

    codes = RECOVERY_CODE.findall(first.text)
    assert (first.status_code, len(set(codes))) == (200, 10)
    assert (second.status_code, second.location) == (303, PAGE)
    page = provider.read(PAGE)
    assert "My phone" in page.text
    assert "An unknown browser" in page.text, "whoever gives no name gets the browser’s"
    assert "10 of your recovery codes are left" in page.text
    assert "a passkey" in provider.read("/account/").text


def test_who_has_passkeys_alone_gets_new_recovery_codes(provider: Visitor, device: Authenticator) -> None:
    first = RECOVERY_CODE.findall(add(provider, device).text)
    assert "Make new codes" in provider.read(PAGE).text

    fresh = RECOVERY_CODE.findall(provider.post("/account/second-factor/recovery-codes").text)

    assert len(set(fresh)) == 10
    assert set(fresh).isdisjoint(first)


def test_a_passkey_signs_in_without_password_and_code_and_leads_to_where_one_was_going(
    provider: Visitor, device: Authenticator, browser: FlaskClient
) -> None:
    add(provider, device)

    answer = use(browser, device, next="/tokens/")

    assert (answer.status_code, answer.location) == (303, "/tokens/")
    assert is_in(browser)
    assert use(browser, device, next="https://evil.example.com/").location == "/start/"


def test_a_passkey_is_asked_for_after_the_password(
    provider: Visitor, device: Authenticator, browser: FlaskClient
) -> None:
    add(provider, device)
    assert enter(browser) == 303
    assert not is_in(browser)
    page = Visitor(browser).read("/sign-in/code")
    assert page.find("form", data_options="/sign-in/code/passkey/options")

    assert use(browser, device, WRONG, after="/code").status_code == 422
    assert not is_in(browser)
    assert use(browser, device, after="/code").status_code == 303
    assert is_in(browser)


def test_a_refused_passkey_is_said_on_the_page_and_signs_nobody_in(
    provider: Visitor, device: Authenticator, browser: FlaskClient
) -> None:
    add(provider, device)

    refused = use(browser, device, WRONG)

    assert refused.status_code == 422
    assert "This passkey was not accepted" in refused.text
    assert not is_in(browser)


def test_without_scripts_the_form_says_what_it_needs(stranger: Visitor) -> None:
    answer = stranger.post("/sign-in/passkey", {"answer": ""})

    assert answer.status_code == 422
    assert "It needs JavaScript" in answer.text


def test_a_challenge_belongs_to_the_browser_that_asked_for_it(
    provider: Visitor, device: Authenticator, app: Flask
) -> None:
    add(provider, device)
    one, other = app.test_client(), app.test_client()
    text = device.use(Visitor(one).post("/sign-in/passkey/options").text)
    Visitor(other).post("/sign-in/passkey/options")

    assert Visitor(other).post("/sign-in/passkey", {"answer": text}).status_code == 422
    assert not is_in(other)


def test_a_cookie_that_is_sent_again_brings_no_challenge_back(
    provider: Visitor, device: Authenticator, browser: FlaskClient
) -> None:
    device.counts = False
    add(provider, device)
    visitor = Visitor(browser)
    text = device.use(visitor.post("/sign-in/passkey/options").text)
    with browser.session_transaction() as session:
        kept = dict(session)
    assert visitor.post("/sign-in/passkey", {"answer": text}).status_code == 303
    visitor.post("/sign-out")
    with browser.session_transaction() as session:
        session.update(kept)

    assert visitor.post("/sign-in/passkey", {"answer": text}).status_code == 422
    assert not is_in(browser)


def test_nobody_begins_with_the_second_half(
    provider: Visitor, device: Authenticator, browser: FlaskClient
) -> None:
    add(provider, device)
    stranger = Visitor(browser)

    assert stranger.post("/sign-in/code/passkey/options").status_code == 409
    text = device.use(stranger.post("/sign-in/passkey/options").text)
    answer = stranger.post("/sign-in/code/passkey", {"answer": text})

    assert answer.location == "/sign-in"
    assert not is_in(browser)


def test_a_person_who_was_disabled_meanwhile_is_refused(
    desk: Desk, provider: Visitor, device: Authenticator, sign_in: Callable[[str], FlaskClient], app: Flask
) -> None:
    colleague = desk.add_provider("ada@example.com", company="Elsewhere")
    colleague.company_id = desk.provider.company_id
    desk.session.commit()
    add(Visitor(sign_in("ada@example.com")), device)
    company = desk.provider.company_id or 0
    colleagues.disable(desk.context, colleague.id, company_id=company, by=desk.provider)
    browser = app.test_client()

    assert use(browser, device).status_code == 422
    assert not is_in(browser)


def test_a_removed_passkey_is_gone_and_nobody_removes_anothers(
    desk: Desk, provider: Visitor, rival: Visitor, device: Authenticator, browser: FlaskClient
) -> None:
    add(provider, device)
    [passkey] = passkeys(desk)

    assert rival.post(f"{PAGE}{passkey.id}/remove").status_code == 404
    assert len(passkeys(desk)) == 1
    assert provider.post(f"{PAGE}{passkey.id}/remove").location == PAGE

    assert passkeys(desk) == []
    assert use(browser, device).status_code == 422
    assert enter(browser) == 303
    assert is_in(browser), "the password alone is enough again"


def test_whoever_owes_a_second_factor_pays_with_a_passkey_and_keeps_the_last(
    desk: Desk, provider: Visitor, device: Authenticator, sign_in: Callable[[str], FlaskClient]
) -> None:
    add(provider, Authenticator())
    colleague = desk.add_provider("ada@example.com", company="Elsewhere")
    colleague.company_id = desk.provider.company_id
    desk.session.commit()
    own_id = colleague.id
    ada = Visitor(sign_in("ada@example.com"))
    assert provider.post("/people/second-factor/demand").status_code == 303
    assert ada.get("/start/").location == "/account/second-factor/"

    assert add(ada, device).status_code == 200

    assert ada.get("/start/").status_code == 200
    mine = [one.id for one in passkeys(desk) if one.user_id == own_id]
    assert ada.post(f"{PAGE}{mine[0]}/remove").status_code == 409
    assert [one.id for one in passkeys(desk) if one.user_id == own_id] == mine
    assert people.with_second_factor(desk.session, [own_id]) == {own_id}


def test_of_two_factors_either_may_go_though_the_company_demands_one(
    desk: Desk, provider: Visitor, device: Authenticator
) -> None:
    add(provider, device)
    code = set_up_app(desk, provider)
    provider.post("/people/second-factor/demand")
    desk.clock.pause(30)

    assert provider.post("/account/second-factor/remove", {"code": code()}).status_code == 303

    assert "Your passkeys still work." in provider.read("/account/").text
    assert "10 of your recovery codes are left" in provider.read(PAGE).text
    [passkey] = passkeys(desk)
    assert provider.post(f"{PAGE}{passkey.id}/remove").status_code == 409
    code = set_up_app(desk, provider)
    assert provider.post(f"{PAGE}{passkey.id}/remove").status_code == 303
    desk.clock.pause(30)
    assert provider.post("/account/second-factor/remove", {"code": code()}).status_code == 409
    desk.session.rollback()
    assert desk.session.query(AuthenticatorApp).count() == 1


def test_a_seeker_may_have_one_too(seeker: Visitor, device: Authenticator, browser: FlaskClient) -> None:
    add(seeker, device)

    assert use(browser, device).location == "/desktops/"


def test_under_an_address_of_digits_no_passkey_is_offered(desk: Desk, browser: FlaskClient) -> None:
    address = "http://127.0.0.1/"
    way_in = browser.get("/sign-in", base_url=address).text
    with browser.session_transaction(base_url=address) as session:
        session["_user_id"] = desk.session_token(PROVIDER)
    page = browser.get(PAGE, base_url=address).text

    assert "open Berth under its host name" in page
    assert "data-passkey=" not in page + way_in


def test_a_passkey_is_for_the_host_of_the_request(
    desk: Desk, provider: Visitor, app: Flask, device: Authenticator
) -> None:
    app.config["TRUSTED_HOSTS"] = [*app.config["TRUSTED_HOSTS"], "desks.example.com"]
    try:
        add(provider, device)
        elsewhere = app.test_client()
        page = elsewhere.get("/sign-in", base_url="https://desks.example.com/").text
        assert "data-passkey=" in page
        refused = app.test_client().get("/sign-in", base_url="https://evil.example.com/")
    finally:
        app.config["TRUSTED_HOSTS"] = app.config["TRUSTED_HOSTS"][:-1]

    assert refused.status_code == 400
    assert [one.host for one in passkeys(desk)] == ["localhost"]


def test_a_name_that_is_code_is_shown_as_text(provider: Visitor, device: Authenticator) -> None:
    add(provider, device, name="<b>Phone</b>")

    assert "&lt;b&gt;Phone" in provider.get(PAGE).text


def test_the_eleventh_is_refused_before_a_device_makes_it(provider: Visitor) -> None:
    for _ in range(10):
        add(provider, Authenticator())

    assert provider.post(f"{PAGE}options").status_code == 409
    assert "which is the most" in provider.read(PAGE).text
