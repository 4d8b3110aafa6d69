"""A recruiter who is limited to some job postings sees nothing else of the company, on any page."""

from dataclasses import dataclass

import pytest
from flask import Flask

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from webapp.domain.actor import Actor
from webapp.domain.roles import CompanyRole
from webapp.models import Application, User
from webapp.services import budgets, cohorts, colleagues, help_requests, invitations, tokens
from webapp.services.cohort_plan import Entry
from webapp.services.invitations import Wanted


@dataclass(frozen=True, slots=True)
class Split:
    """Two postings of one company, each with somebody who has a desktop; the recruiter sees the first."""

    recruiter: User
    own_posting: int
    own_application: int
    own_workspace: int
    other_posting: int
    other_application: int
    other_workspace: int


@pytest.fixture
def split(app: Flask, desk: Desk) -> Split:
    app.extensions["berth"].clock.work = desk.work
    found = []
    for _ in range(2):
        posting_id = desk.open_posting(desk.provider)
        application = desk.add_application(posting_id=posting_id)
        found += [posting_id, application.id, desk.available(application_id=application.id)]
    recruiter = desk.add_provider("rita@example.com", company="Quayside")
    colleagues.change_role(
        desk.context,
        recruiter.id,
        CompanyRole.RECRUITER,
        posting_ids=[found[0]],
        company_id=recruiter.company_id or 0,
        by=desk.provider,
    )
    return Split(recruiter, *found)


@pytest.fixture
def recruiter(desk: Desk, split: Split, sign_in: SignIn) -> Visitor:
    return Visitor(sign_in(split.recruiter.email))


@both_databases
def test_lists_show_the_own_postings_alone(desk: Desk, split: Split, recruiter: Visitor) -> None:
    desktops, postings = recruiter.read("/workspaces/").links(), recruiter.read("/jobs/").links()

    assert f"/workspaces/{split.own_workspace}/" in desktops
    assert f"/workspaces/{split.other_workspace}/" not in desktops
    assert f"/jobs/{split.own_posting}/" in postings
    assert f"/jobs/{split.other_posting}/" not in postings
    assert len(recruiter.get("/workspaces/desktops.csv").text.splitlines()) == 2


def test_what_belongs_to_another_posting_is_not_there(desk: Desk, split: Split, recruiter: Visitor) -> None:
    own, other = split.own_workspace, split.other_workspace
    for page in ("", "status", "log", "metrics", "costs"):
        assert recruiter.get(f"/workspaces/{own}/{page}").status_code == 200, page
        answer = recruiter.get(f"/workspaces/{other}/{page}")
        assert answer.status_code == 404 or "no longer listed" in answer.text, page
    for path in (f"/workspaces/{other}/stop", f"/applications/{split.other_application}/reject"):
        assert recruiter.post(path).status_code == 404, path
    assert recruiter.get(f"/jobs/{split.other_posting}/").status_code == 404
    assert desk.row(other).requested_action is None


def test_several_at_once_reach_the_own_ones_alone(desk: Desk, split: Split, recruiter: Visitor) -> None:
    both = [str(split.own_workspace), str(split.other_workspace)]

    recruiter.post("/workspaces/bulk/", {"action": "stop", "id": both})

    assert desk.row(split.own_workspace).requested_action is not None
    assert desk.row(split.other_workspace).requested_action is None


def test_a_token_of_the_recruiter_is_limited_too(desk: Desk, split: Split, app: Flask) -> None:
    _, token = tokens.issue_token(desk.context, user=split.recruiter, name="program")
    program = Program(app.test_client(), token)

    listed = program.read("workspaces/")["workspaces"]

    assert [one["id"] for one in listed] == [split.own_workspace]
    assert program.call("GET", f"workspaces/{split.other_workspace}/").status_code == 404
    assert program.call("POST", f"workspaces/{split.other_workspace}/stop/", {}).status_code == 404


def test_nobody_of_another_posting_is_ordered_for(desk: Desk, split: Split, app: Flask) -> None:
    _, token = tokens.issue_token(desk.context, user=split.recruiter, name="program")
    program = Program(app.test_client(), token)
    body = {
        "cloud_credential_id": desk.credential_id,
        "workspace_type": desk.stage.workspace_type,
        "bundle_id": desk.stage.bundle_id,
        "username": "somebody.new",
    }
    waiting = [desk.add_application(posting_id=one).id for one in (split.own_posting, split.other_posting)]

    statuses = [
        program.call("POST", "workspaces/", body | {"application_id": one}).status_code for one in waiting
    ]

    assert statuses == [201, 422]


def test_a_group_order_of_before_shows_nobody_of_a_posting_that_was_taken_away(
    desk: Desk, split: Split, recruiter: Visitor
) -> None:
    own, other = (desk.add_application(posting_id=one) for one in (split.own_posting, split.other_posting))
    request = cohorts.CohortRequest(
        "key", "March", desk.credential_id, desk.stage.workspace_type, desk.stage.bundle_id
    )
    entries = [Entry(own.id, "", "own.person"), Entry(other.id, "", "other.person")]
    actor = Actor(user_id=split.recruiter.id, label=split.recruiter.email)
    made = cohorts.order_cohort(
        desk.context, request, entries, company_id=split.recruiter.company_id or 0, actor=actor
    )

    page = recruiter.read(f"/cohorts/{made.id}/").text

    assert "own.person" in page
    assert "other.person" not in page
    assert other.seeker.email not in page
    assert "1 being created" in page


def test_the_companys_cap_counts_what_the_recruiter_does_not_see(
    desk: Desk, split: Split, app: Flask
) -> None:
    budgets.set_cap(desk.context, 2, company_id=split.recruiter.company_id or 0)
    _, token = tokens.issue_token(desk.context, user=split.recruiter, name="program")
    body = {
        "application_id": desk.add_application(posting_id=split.own_posting).id,
        "cloud_credential_id": desk.credential_id,
        "workspace_type": desk.stage.workspace_type,
        "bundle_id": desk.stage.bundle_id,
        "username": "one.too.many",
    }

    answer = Program(app.test_client(), token).call("POST", "workspaces/", body)

    assert (answer.status_code, (answer.json or {})["code"]) == (409, "desktop_limit_reached")


def test_counts_are_of_the_own_postings_too(split: Split, recruiter: Visitor, desk: Desk, app: Flask) -> None:
    _, token = tokens.issue_token(desk.context, user=split.recruiter, name="program")

    assert "1 in total" in recruiter.read("/workspaces/").text
    assert Program(app.test_client(), token).read("workspaces/")["count"] == 1


def test_invitations_and_calls_for_help_of_others_are_not_shown(
    desk: Desk, split: Split, recruiter: Visitor
) -> None:
    company_id = split.recruiter.company_id or 0
    for posting_id, email in (
        (split.own_posting, "own@example.com"),
        (split.other_posting, "no@example.com"),
    ):
        invitations.invite(
            desk.context,
            [Wanted(email)],
            company_id=company_id,
            invited_by=desk.provider,
            posting_id=posting_id,
        )
    invitations.invite(
        desk.context, [Wanted("c@example.com")], company_id=company_id, invited_by=desk.provider
    )
    seeker_id = desk.session.get_one(Application, split.other_application).seeker_id
    help_requests.ask_for_help(
        desk.context, split.other_workspace, seeker_id=seeker_id, note="Black screen", actor=desk.actor
    )

    people = recruiter.read("/people/").text

    assert "own@example.com" in people
    assert "no@example.com" not in people
    assert "c@example.com" not in people
    assert "Black screen" not in recruiter.read("/workspaces/").text


def test_a_posting_that_the_recruiter_opens_is_an_own_one(
    desk: Desk, split: Split, recruiter: Visitor
) -> None:
    answer = recruiter.post("/jobs/", {"title": "Welder", "location": "", "description": "Work."})

    assert answer.status_code == 303
    assert "Welder" in recruiter.read(answer.location or "").text
    assert "Welder" in recruiter.read("/jobs/").text


def test_the_start_page_which_counts_the_whole_company_gives_way_to_the_list(
    split: Split, recruiter: Visitor
) -> None:
    assert recruiter.get("/start/").location == "/workspaces/"
    assert recruiter.get("/start/overview").status_code == 403
    assert recruiter.get("/").location == "/workspaces/"


def test_without_the_limit_the_same_recruiter_sees_all(desk: Desk, split: Split, recruiter: Visitor) -> None:
    colleagues.change_role(
        desk.context,
        split.recruiter.id,
        CompanyRole.RECRUITER,
        posting_ids=None,
        company_id=split.recruiter.company_id or 0,
        by=desk.provider,
    )

    assert recruiter.get(f"/workspaces/{split.other_workspace}/").status_code == 200
