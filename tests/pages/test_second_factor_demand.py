"""A second factor that the installation demands. What companies demand: `test_second_factor.py`."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from pyotp.totp import TOTP
from sqlalchemy import update

from tests.apps import AppPool
from tests.desk import PASSWORD, Desk, RecordingNotifier, StoryClock, WaitingClock
from tests.pages.reader import Program, Visitor
from webapp.config import Settings
from webapp.domain.roles import CompanyRole, Role
from webapp.models import UserSession
from webapp.services import people, tokens

PROVIDER, OPERATOR = "provider@example.com", "operator@example.com"
SET_UP = "/account/second-factor/"
ENOUGH_HALFWAY = {"second_factor.index", "passkeys.index", "proofs.index", "accounts.look"}
"""On which one is set up, and the look of the script at whether the session lives."""


@pytest.fixture
def demanding(
    apps: AppPool, settings: Settings, clock: StoryClock, notifier: RecordingNotifier, desk: Desk
) -> Iterator[Flask]:
    """With the setting; in development, like all tests."""
    everybody = replace(settings, second_factor_for="everybody", credential_private_keys=())
    with apps.open(everybody, clock=WaitingClock(clock), notifier=notifier) as opened:
        yield opened


def add_operator(desk: Desk) -> str:
    people.add_user(desk.context, email=OPERATOR, role=Role.ADMIN, password=PASSWORD, company_name=None)
    return OPERATOR


def add_colleague(desk: Desk, role: CompanyRole) -> str:
    user = desk.add_provider(f"{role}@example.com", company=f"The {role}")
    user.company_role = role
    desk.session.commit()
    return user.email


def entered(app: Flask, desk: Desk, email: str) -> Visitor:
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = desk.session_token(email), True
    return Visitor(browser)


def set_up_app(desk: Desk, visitor: Visitor) -> TOTP:
    visitor.post(f"{SET_UP}begin")
    found = re.search(r'id="app-key">([A-Z2-7 ]+)<', visitor.get(SET_UP).text)
    assert found is not None
    phone = TOTP(found[1].replace(" ", ""))
    assert visitor.post(f"{SET_UP}confirm", {"code": code_of(desk, phone)}).status_code == 200
    desk.clock.pause(30)
    return phone


def code_of(desk: Desk, phone: TOTP) -> str:
    return phone.at(int(desk.clock.now().timestamp()))


def guarded_pages(app: Flask) -> dict[str, str]:
    """Every page that somebody must be signed in for, as far as its address needs nothing more."""
    return {
        rule.endpoint: rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and getattr(app.view_functions[rule.endpoint], "guard", "").startswith("requires")
    }


@pytest.mark.parametrize("who", [*CompanyRole, Role.SEEKER, Role.ADMIN])
def test_with_the_setting_everybody_is_led_to_set_one_up_before_any_other_page(
    demanding: Flask, desk: Desk, who: CompanyRole | Role
) -> None:
    if isinstance(who, CompanyRole):
        email = add_colleague(desk, who)
    else:
        email = desk.add_seeker().email if who is Role.SEEKER else add_operator(desk)
    visitor = entered(demanding, desk, email)
    pages = guarded_pages(demanding)

    seen, led = set(), set()
    for endpoint, path in pages.items():
        answer = visitor.get(path)
        if answer.status_code in (200, 204):
            seen.add(endpoint)
        elif answer.status_code == 303:
            assert answer.location == SET_UP, path
            led.add(endpoint)
        else:
            assert answer.status_code == 403, path

    assert seen == ENOUGH_HALFWAY
    assert {"account.index", "removal.ask", "own_data.show"} <= led
    visitor.get("/account/")
    assert "Whoever runs this installation demands" in visitor.get(SET_UP).text


def test_whoever_has_set_one_up_goes_on(demanding: Flask, desk: Desk) -> None:
    visitor = entered(demanding, desk, desk.add_seeker().email)
    assert visitor.get("/desktops/").location == SET_UP

    set_up_app(desk, visitor)

    assert visitor.get("/desktops/").status_code == 200


def test_nobody_removes_the_last_one(demanding: Flask, desk: Desk) -> None:
    visitor = entered(demanding, desk, desk.add_seeker().email)
    phone = set_up_app(desk, visitor)

    answer = visitor.post(f"{SET_UP}remove", {"code": code_of(desk, phone)})

    assert answer.status_code == 409
    assert "Whoever runs this installation demands a second factor." in answer.text


def test_a_press_of_an_open_page_leads_there_too(demanding: Flask, desk: Desk) -> None:
    visitor = entered(demanding, desk, PROVIDER)

    answer = visitor.post("/jobs/", {"title": "Analyst"}, is_htmx=True)

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, SET_UP)


def test_whom_an_issuer_has_let_in_owes_none(demanding: Flask, desk: Desk) -> None:
    visitor = entered(demanding, desk, PROVIDER)
    desk.session.execute(update(UserSession).values(is_by_single_sign_on=True))
    desk.session.commit()

    assert visitor.get("/start/").status_code == 200


def test_the_api_refuses_a_browser_without_one_and_takes_tokens(demanding: Flask, desk: Desk) -> None:
    """Programs have no second factor; a person makes a token, and only after setting one up."""
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="program")
    visitor = entered(demanding, desk, PROVIDER)

    program = Program(demanding.test_client(), token)

    assert program.call("GET", "workspaces/").status_code == 200
    assert visitor.get("/api/workspaces/workspaces/").status_code == 403
    assert visitor.post("/tokens/", {"name": "another"}).location == SET_UP


def test_a_company_cannot_waive_what_the_installation_demands(demanding: Flask, desk: Desk) -> None:
    visitor = entered(demanding, desk, PROVIDER)
    set_up_app(desk, visitor)

    page = visitor.get("/people/").text

    assert "demands a second factor of everybody" in page
    assert "second factor optional" not in page


@pytest.mark.parametrize(("environment", "status"), [("production", 303), ("development", 200)])
def test_an_operator_needs_one_in_production_whatever_is_set(
    apps: AppPool, settings: Settings, notifier: RecordingNotifier, desk: Desk, environment: str, status: int
) -> None:
    add_operator(desk)
    wanted = replace(settings, environment=environment, credential_private_keys=())
    with apps.open(wanted, clock=desk.clock, notifier=notifier) as app:
        browser = app.test_client()
        with browser.session_transaction(base_url="https://localhost") as session:
            session["_user_id"], session["_fresh"] = desk.session_token(OPERATOR), True

        answer = browser.get("/operator/", base_url="https://localhost")

    assert answer.status_code == status
    assert answer.location == (SET_UP if status == 303 else None)
