"""Whoever runs the installation disables companies and people, and limits how many desktops a company has."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from webapp.domain.errors import Conflict
from webapp.domain.roles import Role
from webapp.models import Company, Mail, TrailEntry, User
from webapp.services import invitations, people, tokens
from webapp.services.invitations import Wanted

EMAIL = "operator@example.com"


@pytest.fixture
def operator(desk: Desk, sign_in: SignIn) -> Visitor:
    people.add_user(desk.context, email=EMAIL, role=Role.ADMIN, password=PASSWORD, company_name=None)
    return Visitor(sign_in(EMAIL))


@pytest.fixture
def company_id(desk: Desk) -> int:
    return desk.provider.company_id or 0


def decide(operator: Visitor, what: str, number: int, verdict: str) -> int:
    return operator.post(f"/operator/{what}/{number}/{verdict}").status_code


def test_companies_are_listed_with_people_and_live_desktops_and_found_by_name(
    desk: Desk, operator: Visitor, company_id: int
) -> None:
    desk.available()
    desk.order()
    desk.add_provider("rival@example.com", company="Harbour")

    page = operator.get("/operator/").text
    found = operator.read("/operator/?name=QUAY")

    row = page.partition(f'id="company-{company_id}"')[2].partition("</tr>")[0]
    assert "Quayside" in row
    assert '<td data-label="Live desktops" class="number">2</td>' in row
    assert '<td data-label="People" class="number">1</td>' in row
    assert "Harbour" in page
    assert "Quayside" in found.text
    assert "Harbour" not in found.text
    assert "No company has this name" in operator.read("/operator/?name=%25").text


@both_databases
def test_of_a_disabled_company_everybody_is_out_at_once_and_its_desktops_go_on(
    desk: Desk, operator: Visitor, sign_in: SignIn, company_id: int
) -> None:
    workspace_id = desk.available()
    desk.prove_everybody()
    provider = Visitor(sign_in(desk.provider.email))
    left = desk.add_provider("left@example.com", company="Quayside")
    left.is_active = False
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="program")
    program = Program(provider.client.application.test_client(), token)
    assert provider.get("/start/").status_code == program.call("GET", "workspaces/").status_code == 200

    assert decide(operator, "companies", company_id, "disable") == 303

    assert (provider.get("/start/").status_code, program.call("GET", "workspaces/").status_code) == (302, 401)
    assert "Disabled" in operator.read("/operator/").text
    assert desk.row(workspace_id).requested_action is None
    assert decide(operator, "companies", company_id, "enable") == 303
    assert Visitor(sign_in(desk.provider.email)).get("/start/").status_code == 200
    assert program.call("GET", "workspaces/").status_code == 401
    with desk.sessions() as session:
        active = session.scalars(
            select(User.email).where(User.company_id == company_id, User.is_active)
        ).all()
    assert active == [desk.provider.email]


def test_nobody_joins_a_disabled_company(desk: Desk, operator: Visitor, company_id: int) -> None:
    [invited] = invitations.invite(
        desk.context, [Wanted("new@example.com")], company_id=company_id, invited_by=desk.provider
    )
    decide(operator, "companies", company_id, "disable")

    with pytest.raises(Conflict) as caught:
        invitations.accept_as_new(desk.context, invited.token, name="New", password=PASSWORD)

    assert caught.value.code == "company_disabled"


def test_nobody_applies_to_a_disabled_company_or_is_hired_by_it(
    desk: Desk, operator: Visitor, sign_in: SignIn, company_id: int
) -> None:
    browser = Visitor(sign_in(desk.add_seeker().email))
    [invited] = invitations.invite(
        desk.context,
        [Wanted("new@example.com")],
        company_id=company_id,
        invited_by=desk.provider,
        posting_id=desk.posting_id,
    )
    job = f"/board/{desk.posting_id}/"
    assert job in browser.read("/board/").links()

    decide(operator, "companies", company_id, "disable")

    assert job not in browser.read("/board/").links()
    assert browser.get(job).status_code == 404
    assert browser.post(f"{job}apply", {"message": "Hello"}).status_code == 404
    with pytest.raises(Conflict) as caught:
        invitations.accept_as_new(desk.context, invited.token, name="New", password=PASSWORD)
    assert caught.value.code == "company_disabled"
    decide(operator, "companies", company_id, "enable")
    assert job in browser.read("/board/").links()
    assert invitations.accept_as_new(desk.context, invited.token, name="New", password=PASSWORD)


def test_the_operators_limit_holds_whatever_the_company_has_set(
    desk: Desk, operator: Visitor, program: Program, company_id: int
) -> None:
    desk.order()
    operator.post(f"/operator/companies/{company_id}/quota", {"quota": "1"})
    body = {
        "application_id": desk.add_application().id,
        "cloud_credential_id": desk.credential_id,
        "workspace_type": desk.stage.workspace_type,
        "bundle_id": desk.stage.bundle_id,
        "username": "one.too.many",
    }

    refused = program.call("POST", "workspaces/", body)
    operator.post(f"/operator/companies/{company_id}/quota", {"quota": ""})
    passed = program.call("POST", "workspaces/", body)

    assert (refused.status_code, (refused.json or {})["code"]) == (409, "desktop_limit_reached")
    assert "Whoever runs this Berth has set that limit." in refused.text
    assert passed.status_code == 201


@pytest.mark.parametrize("quota", ["-1", "x", "99999999999"])
def test_a_limit_that_is_no_number_is_refused(
    desk: Desk, operator: Visitor, company_id: int, quota: str
) -> None:
    answer = operator.post(f"/operator/companies/{company_id}/quota", {"quota": quota})

    assert answer.status_code == 422
    with desk.sessions() as session:
        assert session.get_one(Company, company_id).quota_desktops is None


def test_a_person_is_found_by_address_and_disabled(desk: Desk, operator: Visitor, sign_in: SignIn) -> None:
    seeker = desk.add_seeker()
    browser = Visitor(sign_in(seeker.email))

    page = operator.read(f"/operator/people?address={seeker.email[:7].upper()}")
    assert seeker.email in page.text
    assert decide(operator, "people", seeker.id, "disable") == 303

    assert browser.get("/desktops/").status_code == 302
    assert decide(operator, "people", seeker.id, "enable") == 303
    assert Visitor(sign_in(seeker.email)).get("/desktops/").status_code == 200


def test_a_company_does_not_let_in_whom_the_operator_has_disabled(
    desk: Desk, operator: Visitor, provider: Visitor, sign_in: SignIn
) -> None:
    colleague = desk.add_provider("colleague@example.com", company="Quayside")
    decide(operator, "people", colleague.id, "disable")

    answer = provider.post(f"/people/colleagues/{colleague.id}/enable")

    assert answer.status_code in (403, 409)
    assert Visitor(sign_in("colleague@example.com")).get("/start/").status_code == 302


def test_the_operator_stays(desk: Desk, operator: Visitor) -> None:
    with desk.sessions() as session:
        own = session.scalars(select(User.id).where(User.email == EMAIL)).one()

    assert decide(operator, "people", own, "disable") == 409
    assert decide(operator, "people", 999, "disable") == 404
    assert decide(operator, "companies", 999, "disable") == 404


def test_what_the_operator_decides_is_in_the_trail_of_the_company(
    desk: Desk, operator: Visitor, company_id: int
) -> None:
    operator.post(f"/operator/companies/{company_id}/quota", {"quota": "5"})

    with desk.sessions() as session:
        line = session.scalars(select(TrailEntry).order_by(TrailEntry.id.desc())).first()
    assert line is not None
    assert (line.action, line.company_id, line.actor) == ("operator.set_quota", company_id, EMAIL)
    assert line.changes[0]["after"] == {"quota_desktops": 5}


def test_a_proof_is_needed_to_disable_and_none_to_look(
    desk: Desk, operator: Visitor, company_id: int
) -> None:
    desk.clock.pause(601)

    assert operator.get("/operator/").status_code == 200
    assert operator.post(f"/operator/companies/{company_id}/disable").location == (
        "/account/prove/?next=/operator/&again=1"
    )


def test_the_operator_reads_the_trail_of_what_belongs_to_no_company(
    app: Flask, desk: Desk, operator: Visitor, provider: Visitor
) -> None:
    """Sign-ins of operators and of people who look for work, and who did not get in."""
    provider.post("/jobs/", {"title": "Harbour pilot", "description": "Guides ships.", "location": "Kiel"})
    strange = {"email": "nobody@example.com", "password": "wrong"}
    Visitor(app.test_client()).post("/sign-in", strange)

    page, file = operator.read("/trail/").text, operator.get("/trail/trail.jsonl").text

    assert "What belongs to no company" in page
    assert "nobody@example.com" in page and "nobody@example.com" in file
    assert desk.provider.email not in page + file
    assert "nobody@example.com" not in provider.read("/trail/").text
    assert "/trail/" in operator.read("/operator/").links()


def test_the_operator_sees_no_work_of_companies(desk: Desk, operator: Visitor) -> None:
    workspace_id = desk.order()

    for path in ("/workspaces/", f"/workspaces/{workspace_id}/", "/start/", "/costs/", "/people/"):
        assert operator.get(path).status_code == 403, path
    with desk.sessions() as session:
        assert session.scalars(select(Mail)).all() == []
    assert operator.get("/").location == "/operator/"


def test_enabling_a_company_lets_nobody_in_whom_the_operator_has_disabled(
    desk: Desk, operator: Visitor, sign_in: SignIn
) -> None:
    colleague = desk.add_provider("colleague@example.com", company="Quayside")
    decide(operator, "companies", colleague.company_id or 0, "disable")
    decide(operator, "people", colleague.id, "disable")

    decide(operator, "companies", colleague.company_id or 0, "enable")

    with desk.sessions() as session:
        assert not session.get_one(User, colleague.id).is_active


def test_a_company_cannot_remove_and_invite_again_whom_the_operator_has_disabled(
    desk: Desk, operator: Visitor, provider: Visitor
) -> None:
    colleague = desk.add_provider("colleague@example.com", company="Quayside")
    decide(operator, "people", colleague.id, "disable")

    answer = provider.post(f"/people/colleagues/{colleague.id}/remove")

    assert answer.status_code == 403
    with desk.sessions() as session:
        assert session.get_one(User, colleague.id).removed_at is None


def test_whoever_applied_to_a_company_that_is_disabled_is_led_to_no_page_that_is_gone(
    desk: Desk, operator: Visitor, sign_in: SignIn, company_id: int
) -> None:
    applied = desk.add_application(is_approved=False)
    browser = Visitor(sign_in(desk.session.get_one(User, applied.seeker_id).email))
    job = f"/board/{desk.posting_id}/"
    assert job in browser.read("/desktops/").links()

    decide(operator, "companies", company_id, "disable")

    assert job not in browser.read("/desktops/").links()


def test_the_page_of_the_api_offers_no_tokens_to_whoever_can_have_none(operator: Visitor) -> None:
    assert "/tokens/" not in operator.read("/docs/api/").links()
