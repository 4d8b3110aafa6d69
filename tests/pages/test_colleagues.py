"""Colleagues: their roles, and disabling, which ends everything at once. An owner is always left."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from webapp.domain.errors import AppError
from webapp.domain.roles import CompanyRole
from webapp.models import User
from webapp.queries import people as queries
from webapp.services import colleagues, invitations, tokens
from webapp.services.invitations import Wanted


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


def role_of(desk: Desk, user_id: int) -> str:
    """By a transaction of its own, which ends at once: the pages write too."""
    with desk.sessions() as session:
        return str(session.get_one(User, user_id).company_role)


def give_role(visitor: Visitor, user_id: int, role: str, **more: object) -> int:
    data = {"role": role, "reach": "all", **more}
    return visitor.post(f"/people/colleagues/{user_id}/role", data).status_code


def test_a_new_role_counts_from_the_next_click_on_and_for_tokens_too(
    desk: Desk, provider: Visitor, colleague: User, sign_in: SignIn
) -> None:
    ada = Visitor(sign_in(colleague.email))
    _, token = tokens.issue_token(desk.context, user=colleague, name="program")
    program = Program(provider.client.application.test_client(), token)
    assert ada.get("/workspaces/").status_code == program.call("GET", "workspaces/").status_code == 200

    assert give_role(provider, colleague.id, "finance") == 303

    assert (ada.get("/workspaces/").status_code, ada.get("/costs/").status_code) == (403, 200)
    assert program.call("GET", "workspaces/").status_code == 403
    assert program.call("GET", "costs/").status_code == 200
    assert ada.get("/").location == "/costs/"
    row = provider.read("/people/").text
    assert "Finance" in row


def test_nobody_changes_their_own_role(desk: Desk, provider: Visitor, colleague: User) -> None:
    assert give_role(provider, desk.provider.id, "auditor") == 409
    assert provider.get("/credentials/new").status_code == 200


def test_a_manager_neither_makes_nor_changes_an_owner(
    desk: Desk, provider: Visitor, colleague: User, sign_in: SignIn
) -> None:
    give_role(provider, colleague.id, "manager")
    ada = Visitor(sign_in(colleague.email))
    third = desk.add_provider("third@example.com", company="Quayside")
    give_role(provider, third.id, "recruiter")

    assert give_role(ada, desk.provider.id, "auditor") == 403
    assert press(ada, desk.provider.id, "disable") == 403
    assert give_role(ada, third.id, "owner") == 422
    assert ada.post("/people/colleagues", {"email": "o@example.com", "role": "owner"}).status_code == 422
    assert (role_of(desk, third.id), role_of(desk, desk.provider.id)) == ("recruiter", "owner")
    assert give_role(ada, third.id, "auditor") == 303


def test_only_a_recruiter_is_limited_and_only_to_postings_of_the_company(
    desk: Desk, provider: Visitor, rival: Visitor, colleague: User
) -> None:
    own = desk.open_posting(desk.provider)
    theirs = desk.open_posting(desk.add_provider("other@example.com", company="Rival"))

    assert give_role(provider, colleague.id, "auditor", reach="some", postings=[own]) == 422
    assert give_role(provider, colleague.id, "recruiter", reach="some", postings=[theirs]) == 422
    assert role_of(desk, colleague.id) == "owner"
    assert give_role(provider, colleague.id, "recruiter", reach="some", postings=[own]) == 303
    page = provider.read(f"/people/colleagues/{colleague.id}/role")
    ticked = [one["value"] for one in page.find("input", name="postings") if "checked" in one]
    assert ticked == [str(own)]


def test_another_companys_colleague_has_no_page_of_a_role(desk: Desk, rival: Visitor) -> None:
    assert rival.get(f"/people/colleagues/{desk.provider.id}/role").status_code == 404
    assert give_role(rival, desk.provider.id, "auditor") == 404


@both_databases
def test_two_owners_who_lower_each_other_at_once_leave_one(desk: Desk, colleague: User) -> None:
    company_id = desk.provider.company_id or 0
    pairs = [(desk.provider.id, colleague.id), (colleague.id, desk.provider.id)]

    def lower(pair: tuple[int, int]) -> str:
        by_id, user_id = pair
        with desk.sessions() as session:
            context = replace(desk.context, session=session)
            try:
                by = session.get_one(User, by_id)
                colleagues.change_role(
                    context, user_id, CompanyRole.AUDITOR, posting_ids=None, company_id=company_id, by=by
                )
            except AppError as error:
                return error.code
        return "lowered"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(lower, pairs))

    assert sorted(role_of(desk, one) for one, _ in pairs) == ["auditor", "owner"]
    assert outcomes == ["lowered", "role_too_high"]


def test_an_invited_colleague_has_the_role_of_the_invitation(
    desk: Desk, provider: Visitor, stranger: Visitor
) -> None:
    page = provider.post("/people/colleagues", {"email": "fin@example.com", "role": "finance"})
    link = re.findall(r"/invitation/\?link=([^\"&<]+)", page.text)[0]

    stranger.post("/invitation/", {"link": link, "name": "Fin", "password": PASSWORD})

    made = desk.session.scalars(select(User).where(User.email == "fin@example.com")).one()
    assert made.company_role is CompanyRole.FINANCE
    assert stranger.get("/costs/").status_code == 200


@pytest.mark.parametrize("how", ["disable", "lower"])
def test_whoever_may_do_less_lets_nobody_in_any_more(
    desk: Desk, provider: Visitor, colleague: User, stranger: Visitor, how: str
) -> None:
    company_id = desk.provider.company_id or 0
    wanted = [Wanted("private@example.com", company_role=CompanyRole.OWNER)]
    [sent] = invitations.invite(desk.context, wanted, company_id=company_id, invited_by=colleague)

    if how == "disable":
        press(provider, colleague.id, "disable")
    else:
        give_role(provider, colleague.id, "auditor")

    assert stranger.get(f"/invitation/?link={sent.token}").status_code == 410


def test_every_colleague_is_found_in_a_large_company(
    desk: Desk, provider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        desk.add_provider(f"colleague{number}@example.com", company="Quayside")
    desk.session.commit()
    monkeypatch.setattr(queries, "COLLEAGUES_AT_ONCE", 2)

    seen, path = "", "/people/"
    while path:
        page = provider.read(path)
        seen += page.text
        path = next((one for one in page.links() if "page=" in one), "")

    assert all(f"colleague{number}@example.com" in seen for number in range(4))
    assert desk.provider.email in seen
