"""Disabling a colleague ends everything at once, and somebody is always left."""

import pytest

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from webapp.models import User
from webapp.services import tokens


@pytest.fixture
def colleague(desk: Desk) -> User:
    user = desk.add_provider("ada@example.com", company="Elsewhere")
    user.company_id = desk.provider.company_id
    desk.session.commit()
    return user


def press(visitor: Visitor, user_id: int, verb: str) -> int:
    return visitor.post(f"/people/colleagues/{user_id}/{verb}").status_code


def test_a_disabled_colleague_is_out_at_once_and_enabling_brings_no_session_and_no_token_back(
    desk: Desk, provider: Visitor, colleague: User, sign_in: SignIn
) -> None:
    ada = Visitor(sign_in(colleague.email))
    _, token = tokens.issue_token(desk.context, user=colleague, name="program")
    program = Program(provider.client.application.test_client(), token)
    assert ada.get("/start/").status_code == program.call("GET", "workspaces/").status_code == 200

    assert press(provider, colleague.id, "disable") == 303

    assert (ada.get("/start/").status_code, program.call("GET", "workspaces/").status_code) == (302, 401)
    assert "Disabled" in provider.read("/people/").text
    press(provider, colleague.id, "enable")
    assert (ada.get("/start/").status_code, program.call("GET", "workspaces/").status_code) == (302, 401)
    assert Visitor(sign_in(colleague.email)).get("/start/").status_code == 200


def test_nobody_disables_themselves(desk: Desk, provider: Visitor, colleague: User) -> None:
    assert press(provider, desk.provider.id, "disable") == 409
    assert provider.get("/start/").status_code == 200


def test_no_other_company_disables_a_colleague(desk: Desk, provider: Visitor, rival: Visitor) -> None:
    assert press(rival, desk.provider.id, "disable") == 404
    assert press(rival, desk.provider.id, "enable") == 404
    assert provider.get("/start/").status_code == 200


def test_a_job_seeker_is_no_colleague(desk: Desk, provider: Visitor) -> None:
    seeker = desk.add_seeker()

    assert press(provider, seeker.id, "disable") == 404
