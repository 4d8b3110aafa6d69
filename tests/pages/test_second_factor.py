"""An authenticator app: set up, asked for, lost, demanded."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp.totp import TOTP

from tests.desk import Desk
from tests.pages.reader import Program, Visitor
from tests.pages.test_account import enter
from webapp.models import AuthenticatorApp
from webapp.services import password_reset, second_factor, tokens
from webapp.vault.box import CannotOpen
from webapp.vault.own_box import OwnBox

PROVIDER = "provider@example.com"
WRONG = "000000"
RECOVERY_CODE = re.compile(r"\b[a-z2-7]{6}(?:-[a-z2-7]{6}){3}\b")
"""24 characters of 32 kinds: 120 bits."""


@pytest.fixture
def phone(desk: Desk, provider: Visitor) -> "Phone":
    """Of the provider, set up in one browser."""
    provider.post("/account/second-factor/begin")
    page = provider.get("/account/second-factor/").text
    found = re.search(r'id="app-key">([A-Z2-7 ]+)<', page)
    assert found is not None
    made = Phone(desk, found[1].replace(" ", ""))
    answer = provider.post("/account/second-factor/confirm", {"code": made.code()})
    made.recovery_codes = RECOVERY_CODE.findall(answer.text)
    desk.clock.pause(30)
    return made


class Phone:
    def __init__(self, desk: Desk, key: str) -> None:
        self.desk, self.key = desk, key
        self.recovery_codes: list[str] = []

    def code(self, *, later_s: int = 0) -> str:
        return TOTP(self.key).at(int(self.desk.clock.now().timestamp()) + later_s)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def send(browser: FlaskClient, code: str) -> int:
    return Visitor(browser).post("/sign-in/code", {"code": code}).status_code


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/start/").status_code == 200


def test_the_password_alone_is_not_enough_any_more(phone: Phone, browser: FlaskClient) -> None:
    assert enter(browser) == 303
    assert not is_in(browser)
    assert "Enter the code of your app" in Visitor(browser).read("/sign-in/code").text

    assert send(browser, WRONG) == 422
    assert not is_in(browser)
    assert send(browser, phone.code()) == 303
    assert is_in(browser)


def test_digits_of_other_keyboards_are_digits_and_other_letters_are_a_wrong_code(
    phone: Phone, browser: FlaskClient
) -> None:
    enter(browser)
    assert [send(browser, one) for one in ("ёжик12", "🦔", "١٢٣٤٥٦")] == [422, 422, 422]

    wide = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in phone.code())
    assert send(browser, wide) == 303
    assert is_in(browser)


def test_a_code_is_refused_twice_and_so_is_an_older_one(phone: Phone, app: Flask) -> None:
    first, second = app.test_client(), app.test_client()
    older, code = phone.code(later_s=-30), phone.code()
    for one in (first, second):
        enter(one)

    assert send(first, code) == 303
    assert [send(second, one) for one in (code, older)] == [422, 422]
    assert not is_in(second)


@pytest.mark.parametrize(("later_s", "status"), [(-60, 422), (-30, 303), (30, 303), (60, 422)])
def test_a_phone_may_be_half_a_minute_off(
    desk: Desk, phone: Phone, browser: FlaskClient, later_s: int, status: int
) -> None:
    desk.clock.pause(60)  # the code of the set-up is long ago
    enter(browser)

    assert send(browser, phone.code(later_s=later_s)) == status


def test_each_recovery_code_works_once(phone: Phone, app: Flask) -> None:
    assert len(set(phone.recovery_codes)) == 10
    first, second = app.test_client(), app.test_client()
    for one in (first, second):
        enter(one)

    assert send(first, phone.recovery_codes[0].upper()) == 303
    assert send(second, phone.recovery_codes[0]) == 422
    assert "9 of your recovery codes are left" in Visitor(first).read("/account/second-factor/").text


def test_new_recovery_codes_end_the_old_ones(phone: Phone, provider: Visitor, app: Flask) -> None:
    fresh = RECOVERY_CODE.findall(provider.post("/account/second-factor/recovery-codes").text)

    assert len(set(fresh)) == 10
    assert set(fresh).isdisjoint(phone.recovery_codes)
    browser = app.test_client()
    enter(browser)
    assert send(browser, phone.recovery_codes[0]) == 422
    assert send(browser, fresh[0]) == 303


def test_recovery_codes_alone_are_made_for_nobody(provider: Visitor) -> None:
    answer = provider.post("/account/second-factor/recovery-codes")

    assert answer.status_code == 409
    assert RECOVERY_CODE.findall(answer.text) == []


def test_a_recovery_code_is_too_long_to_be_guessed_from_its_hash(phone: Phone) -> None:
    bits = [5 * len(code.replace("-", "")) for code in phone.recovery_codes]

    assert len(bits) == 10 and min(bits) >= 112


def test_guessing_codes_is_stopped_after_ten(phone: Phone, browser: FlaskClient) -> None:
    enter(browser)

    assert [send(browser, WRONG) for _ in range(11)][-2:] == [422, 429]
    assert send(browser, phone.code()) == 429


def test_the_second_half_ends_after_ten_minutes(desk: Desk, phone: Phone, browser: FlaskClient) -> None:
    enter(browser)
    desk.clock.pause(601)

    assert send(browser, phone.code()) == 303
    assert not is_in(browser)


def test_nobody_begins_with_the_second_half(phone: Phone, browser: FlaskClient) -> None:
    assert Visitor(browser).get("/sign-in/code").status_code == 302
    send(browser, phone.code())

    assert not is_in(browser)


def test_a_new_password_by_a_link_does_not_skip_it(desk: Desk, phone: Phone, browser: FlaskClient) -> None:
    token = password_reset.make_link(desk.context, email=PROVIDER)
    password_reset.choose_password(desk.context, token=token, password="seven herons over the quay")
    desk.session.rollback()

    enter(browser, "seven herons over the quay")

    assert not is_in(browser)


def test_it_is_removed_with_a_code_and_not_without(
    phone: Phone, provider: Visitor, browser: FlaskClient
) -> None:
    assert provider.post("/account/second-factor/remove", {"code": WRONG}).status_code == 422
    assert provider.post("/account/second-factor/remove", {"code": phone.code()}).status_code == 303

    enter(browser)
    assert is_in(browser)


def test_an_operator_removes_it_from_whoever_lost_everything(
    desk: Desk, phone: Phone, browser: FlaskClient
) -> None:
    second_factor.remove_by_operator(desk.context, email=PROVIDER)
    desk.session.rollback()

    enter(browser)
    assert is_in(browser)


def test_a_key_that_nobody_confirmed_is_not_asked_for(provider: Visitor, browser: FlaskClient) -> None:
    provider.post("/account/second-factor/begin")
    assert provider.post("/account/second-factor/confirm", {"code": WRONG}).status_code == 422

    enter(browser)
    assert is_in(browser)


def test_the_database_has_neither_key_nor_codes(desk: Desk, phone: Phone) -> None:
    rows = [
        str(desk.session.connection().exec_driver_sql(f"SELECT * FROM {table}").all())
        for table in ("authenticator_apps", "recovery_codes")
    ]
    sealed = desk.session.query(AuthenticatorApp.sealed_key).scalar()
    desk.session.rollback()

    assert phone.key not in "".join(rows)
    assert not any(code in "".join(rows) for code in phone.recovery_codes)
    with pytest.raises(CannotOpen):
        OwnBox(desk.settings.secret_key).open(sealed, bound_to="authenticator app of user 999")
    with pytest.raises(CannotOpen):
        OwnBox("another key").open(sealed, bound_to=f"authenticator app of user {desk.provider.id}")


def test_a_company_demands_it_of_everybody_but_of_nobody_before_oneself(
    desk: Desk, provider: Visitor, sign_in: Callable[[str], FlaskClient]
) -> None:
    assert provider.post("/people/second-factor/demand").status_code == 409
    colleague = desk.add_provider("ada@example.com", company="Elsewhere")
    colleague.company_id = desk.provider.company_id
    desk.session.commit()
    assert Visitor(sign_in("ada@example.com")).get("/start/").status_code == 200


def test_whoever_owes_one_can_only_set_it_up(
    desk: Desk, phone: Phone, provider: Visitor, sign_in: Callable[[str], FlaskClient]
) -> None:
    colleague = desk.add_provider("ada@example.com", company="Elsewhere")
    colleague.company_id = desk.provider.company_id
    desk.session.commit()
    _, token = tokens.issue_token(desk.context, user=colleague, name="program")
    ada = Visitor(sign_in("ada@example.com"))

    assert provider.post("/people/second-factor/demand").status_code == 303

    assert ada.get("/start/").location == ada.get("/workspaces/").location == "/account/second-factor/"
    assert ada.get("/api/workspaces/workspaces/").status_code == 403
    assert ada.post("/people/second-factor/waive").location == "/account/second-factor/"
    assert "Set up an app" in ada.read("/account/second-factor/").text
    program = Program(ada.client.application.test_client(), token)
    assert program.call("GET", "workspaces/").status_code == 200, "tokens are the programs' own"
    assert provider.post("/account/second-factor/remove", {"code": phone.code()}).status_code == 409
    provider.post("/people/second-factor/waive")
    assert ada.get("/start/").status_code == 200


def test_a_job_seeker_may_have_one_too(desk: Desk, seeker: Visitor) -> None:
    seeker.post("/account/second-factor/begin")

    assert 'class="qr"' in seeker.get("/account/second-factor/").text
