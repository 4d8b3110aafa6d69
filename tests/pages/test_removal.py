"""Removal of an account: what goes, what stays with the company, and when it is refused."""

import pytest
from sqlalchemy import func, select

from tests.authenticator import Authenticator
from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Reader, Visitor
from tests.services import passkey_steps
from webapp.domain.actor import Actor
from webapp.domain.lifecycle import Action, State
from webapp.domain.roles import ApplicationStatus, CompanyRole, JobPostingStatus
from webapp.models import (
    AccountLink,
    ApiToken,
    Application,
    AuthenticatorApp,
    CloudCredential,
    Cohort,
    CohortRow,
    Event,
    Invitation,
    JobPosting,
    Passkey,
    RecoveryCode,
    User,
    UserPosting,
    UserSession,
    Workspace,
)
from webapp.services import invitations, password_reset, people, second_factor, tokens
from webapp.services.invitations import Wanted

PROVIDER = "provider@example.com"


@pytest.fixture
def ada(desk: Desk) -> User:
    """A colleague of the desk's provider."""
    user = desk.add_provider("ada@example.com", company="Elsewhere")
    user.company_id = desk.provider.company_id
    desk.session.commit()
    return user


def remove(visitor: Visitor, email: str, password: str = PASSWORD) -> tuple[int, str]:
    answer = visitor.post("/account/remove", {"email": email, "current": password})
    return answer.status_code, Reader(answer.text).text


def press(visitor: Visitor, user_id: int, verb: str) -> int:
    return visitor.post(f"/people/colleagues/{user_id}/{verb}").status_code


def invite(desk: Desk, by: User, email: str, *, posting_id: int | None = None) -> str:
    """The text of the link."""
    company = by.company_id or 0
    people = [Wanted(email)]
    [made] = invitations.invite(
        desk.context, people, company_id=company, invited_by=by, posting_id=posting_id
    )
    return made.token


def found(desk: Desk, user_id: int) -> User:
    desk.session.rollback()
    user = desk.session.get_one(User, user_id, populate_existing=True)
    desk.session.expunge(user)
    desk.session.rollback()
    return user


def count(desk: Desk, table: type, user_id: int) -> int:
    desk.session.rollback()
    asked = select(func.count()).select_from(table).where(table.user_id == user_id)  # type: ignore[attr-defined]
    return desk.session.scalar(asked) or 0


@both_databases
def test_a_removed_person_has_no_name_no_access_and_no_secret_any_more(
    desk: Desk, ada: User, sign_in: SignIn
) -> None:
    visitor, other = Visitor(sign_in(ada.email)), Visitor(sign_in(ada.email))
    _, token = tokens.issue_token(desk.context, user=ada, name="program")
    program = Program(visitor.client.application.test_client(), token)
    second_factor.begin(desk.context, ada)
    desk.session.add(RecoveryCode(user_id=ada.id, code_hash="x"))
    passkey_steps.add(desk.context, ada, Authenticator())
    password_reset.make_link(desk.context, email=ada.email)
    assert program.call("GET", "workspaces/").status_code == 200

    status, _ = remove(visitor, " Ada@Example.com ")

    assert status == 303
    assert "Your account is removed." in visitor.read("/").text
    assert [one.get("/start/").status_code for one in (visitor, other)] == [302, 302]
    assert program.call("GET", "workspaces/").status_code == 401
    user = found(desk, ada.id)
    assert (user.name, user.name_key, user.password_hash) == ("Removed person", "removed person", "")
    assert user.email.endswith("@removed.invalid")
    assert (user.is_active, user.removed_at) == (False, desk.clock.now())
    ended = (UserSession, ApiToken, AccountLink, RecoveryCode, AuthenticatorApp, Passkey)
    assert [count(desk, table, ada.id) for table in ended] == [0] * len(ended)


@both_databases
def test_what_the_person_made_stays_with_the_company_under_the_placeholder(
    desk: Desk, provider: Visitor, ada: User
) -> None:
    ordered = desk.order()
    desk.session.commit()

    status, _ = remove(provider, PROVIDER)

    assert status == 303
    desk.session.rollback()
    assert desk.session.get_one(CloudCredential, desk.credential_id).name == "Cloud"
    assert desk.session.get_one(JobPosting, desk.posting_id).status is JobPostingStatus.OPEN
    assert desk.session.get_one(Workspace, ordered).ordered_by_id == desk.provider.id
    actors = set(desk.session.scalars(select(Event.actor).where(Event.workspace_id == ordered)))
    assert "Removed person" in actors
    assert PROVIDER not in actors


def test_lines_under_a_former_address_and_of_a_token_are_replaced_too(
    desk: Desk, provider: Visitor, program: Program, ada: User
) -> None:
    workspace_id = desk.available()
    assert program.call("POST", f"workspaces/{workspace_id}/stop/").status_code == 202
    desk.provider.email = "pia@example.com"
    desk.session.commit()

    assert remove(provider, "pia@example.com")[0] == 303

    desk.session.rollback()
    actors = desk.session.scalars(select(Event.actor).distinct()).all()
    assert not [one for one in actors if "@" in one or "program" in one]


@both_databases
def test_a_job_seeker_with_a_desktop_waits_until_the_company_has_terminated_it(
    desk: Desk, sign_in: SignIn, ada: User
) -> None:
    application = desk.add_application()
    workspace_id = desk.available(application_id=application.id)
    email = application.seeker.email
    seeker = Visitor(sign_in(email))

    page = seeker.read("/account/remove").text
    status, refused = remove(seeker, email)

    assert "Quayside must terminate it first" in page
    assert "Remove my account" not in page
    assert (status, "Quayside must terminate it first" in refused) == (409, True)
    assert found(desk, application.seeker_id).removed_at is None

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert remove(seeker, email)[0] == 303
    desk.session.rollback()
    row = desk.session.get_one(Workspace, workspace_id)
    assert (row.person_key, "@removed.invalid" in (row.person_email or "")) == ("removed person", True)


def test_a_failed_order_counts_until_the_company_has_ended_it(desk: Desk, sign_in: SignIn) -> None:
    application = desk.add_application()
    desk.refuse_users()
    workspace_id = desk.order(application_id=application.id)
    desk.live_until(workspace_id, State.ERROR)
    seeker = Visitor(sign_in(application.seeker.email))
    assert remove(seeker, application.seeker.email)[0] == 409

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert remove(seeker, application.seeker.email)[0] == 303


@both_databases
def test_applications_of_a_removed_person_wait_for_nothing_and_say_nothing(
    desk: Desk, provider: Visitor, sign_in: SignIn
) -> None:
    approved = desk.add_application()
    email, posting_id = approved.seeker.email, approved.job_posting_id
    desk.session.execute(
        Application.__table__.update().values(message="I am Sam of 7 Quay Street")  # type: ignore[attr-defined]
    )
    desk.session.commit()

    assert remove(Visitor(sign_in(email)), email)[0] == 303

    desk.session.rollback()
    desk.session.expire_all()
    ended = desk.session.get_one(Application, approved.id)
    assert (ended.status, ended.message) == (ApplicationStatus.REJECTED, "")
    page = provider.read(f"/jobs/{posting_id}/").text
    assert "Removed person" in page
    assert email not in page
    assert "Quay Street" not in page
    with pytest.raises(Exception, match="has removed the account"):
        desk.order(application_id=approved.id)


@both_databases
def test_what_was_pasted_into_a_group_order_and_matched_nobody_forgets_a_removed_person(
    desk: Desk, sign_in: SignIn
) -> None:
    seeker = desk.add_application().seeker
    pasted = [seeker.email, seeker.name.upper(), "somebody.else@example.com"]
    cohort = Cohort(
        company_id=desk.provider.company_id,
        key="pasted",
        name="March",
        credential_id=desk.credential_id,
        ordered_by_id=desk.provider.id,
        workspace_type="ubuntu",
        bundle_id="b",
        bundle_name="B",
        created_at=desk.clock.now(),
    )
    desk.session.add(cohort)
    desk.session.flush()
    refused = {"cohort_id": cohort.id, "code": "person_unknown", "message": "Nobody."}
    desk.session.add_all(CohortRow(place=at, person=text, **refused) for at, text in enumerate(pasted))
    desk.session.commit()

    assert remove(Visitor(sign_in(seeker.email)), seeker.email)[0] == 303

    desk.session.rollback()
    kept = desk.session.scalars(select(CohortRow.person).order_by(CohortRow.place)).all()
    assert kept == ["Removed person", "Removed person", "somebody.else@example.com"]


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("other@example.com", PASSWORD, "This is not the address of your account."),
        (PROVIDER, "a wrong password", "This is not your password."),
        ("", PASSWORD, "Type the address of your account."),
    ],
)
def test_a_refused_removal_changes_nothing(
    desk: Desk, provider: Visitor, ada: User, email: str, password: str, message: str
) -> None:
    status, page = remove(provider, email, password)

    assert (status, message in page) == (422, True)
    assert provider.get("/start/").status_code == 200
    user = found(desk, desk.provider.id)
    assert (user.email, user.is_active, user.removed_at) == (PROVIDER, True, None)


def test_the_password_is_guessed_ten_times_at_most(provider: Visitor, ada: User) -> None:
    statuses = [remove(provider, PROVIDER, f"wrong {number}")[0] for number in range(11)]

    assert statuses == [422] * 10 + [429]
    assert remove(provider, PROVIDER)[0] == 429


def test_the_last_person_of_a_company_that_has_something_left_stays(desk: Desk, provider: Visitor) -> None:
    desk.add_application()

    page = provider.read("/account/remove").text
    status, refused = remove(provider, PROVIDER)

    assert "it still has cloud accounts and applicants" in page
    assert (status, "Make a colleague an owner first." in refused) == (409, True)
    assert found(desk, desk.provider.id).is_active


@both_databases
def test_an_owner_hands_over_before_going(desk: Desk, provider: Visitor, ada: User) -> None:
    ada.company_role = CompanyRole.MANAGER
    desk.session.commit()
    assert remove(provider, PROVIDER)[0] == 409
    assert "it still has cloud accounts and colleagues" in provider.read("/account/remove").text
    assert found(desk, desk.provider.id).removed_at is None

    desk.session.get_one(User, ada.id).company_role = CompanyRole.OWNER
    desk.session.commit()

    assert remove(provider, PROVIDER)[0] == 303
    gone = found(desk, desk.provider.id)
    assert (gone.company_role, gone.company_id) == (None, ada.company_id)


def test_a_manager_removes_no_owner(desk: Desk, provider: Visitor, ada: User, sign_in: SignIn) -> None:
    boss = desk.add_provider("boss@example.com", company="Of boss")
    boss.company_id, boss.is_active, ada.company_role = desk.provider.company_id, False, CompanyRole.MANAGER
    desk.session.commit()
    manager = Visitor(sign_in(ada.email))

    assert press(manager, boss.id, "remove") == 403
    assert manager.get(f"/people/colleagues/{boss.id}/remove").status_code == 403
    assert found(desk, boss.id).email == "boss@example.com"
    assert press(provider, boss.id, "remove") == 303


@both_databases
def test_who_is_limited_to_postings_is_removed_in_all_of_the_company(
    desk: Desk, ada: User, sign_in: SignIn
) -> None:
    visitor = Visitor(sign_in(ada.email))
    workspace_id = desk.order()
    invite(desk, ada, "leo@example.com")
    desk.session.add(
        Event.about(
            desk.session.get_one(Workspace, workspace_id),
            at=desk.clock.now(),
            event="ordered",
            message="",
            actor=Actor(ada.email, ada.id),
        )
    )
    ada.company_role, ada.is_limited_to_postings = CompanyRole.RECRUITER, True
    desk.session.commit()
    assert visitor.get(f"/workspaces/{workspace_id}/").status_code == 404
    desk.session.add(UserPosting(user_id=ada.id, job_posting_id=desk.open_posting(desk.provider)))
    desk.session.commit()
    file = visitor.get("/account/data.json").json or {}
    assert [one["desktop_id"] for one in file["events"]["rows"]] == [workspace_id]
    assert [one["job"] for one in file["limited_to"]["rows"]] == ["Analyst"]

    assert remove(visitor, ada.email)[0] == 303

    assert count(desk, UserPosting, ada.id) == 0
    actors = set(desk.session.scalars(select(Event.actor)))
    assert "ada@example.com" not in actors
    assert desk.session.scalars(select(Invitation.revoked_at)).one() is not None
    desk.session.rollback()


def test_a_disabled_colleague_is_nobody_who_could_take_over(desk: Desk, rival: Visitor) -> None:
    boss = desk.session.scalars(select(User).where(User.email == "rival@example.com")).one()
    left = desk.add_provider("left@example.com", company="Left")
    left.company_id, left.is_active = boss.company_id, False
    desk.session.commit()

    assert remove(rival, "rival@example.com")[0] == 409
    assert press(rival, left.id, "remove") == 303
    assert remove(rival, "rival@example.com")[0] == 303


@both_databases
def test_the_last_person_of_an_empty_company_closes_it(desk: Desk, rival: Visitor, stranger: Visitor) -> None:
    boss = desk.session.scalars(select(User).where(User.email == "rival@example.com")).one()
    posting_id = desk.open_posting(boss)
    hire = invite(desk, boss, "kim@example.com", posting_id=posting_id)

    assert remove(rival, "rival@example.com")[0] == 303

    desk.session.rollback()
    desk.session.expire_all()
    assert desk.session.get_one(JobPosting, posting_id).status is JobPostingStatus.CLOSED
    assert stranger.get(f"/invitation/?link={hire}").status_code == 410


def test_only_a_disabled_colleague_is_removed_and_by_the_own_company_only(
    desk: Desk, provider: Visitor, rival: Visitor, ada: User
) -> None:
    assert press(provider, ada.id, "remove") == 409
    assert press(provider, desk.provider.id, "remove") == 409
    press(provider, ada.id, "disable")
    assert [press(rival, ada.id, "remove"), rival.get(f"/people/colleagues/{ada.id}/remove").status_code] == [
        404,
        404,
    ]
    assert press(provider, desk.add_seeker().id, "remove") == 404
    assert found(desk, ada.id).email == "ada@example.com"

    assert (
        "Removing the account cannot be undone" in provider.read(f"/people/colleagues/{ada.id}/remove").text
    )
    assert press(provider, ada.id, "remove") == 303

    assert found(desk, ada.id).removed_at is not None
    assert "ada@example.com" not in provider.read("/people/").text
    assert [press(provider, ada.id, verb) for verb in ("remove", "enable", "disable")] == [404] * 3
    assert provider.get(f"/people/colleagues/{ada.id}/role").status_code == 404


@both_databases
def test_a_removed_person_signs_up_again_as_somebody_new(desk: Desk, ada: User, sign_in: SignIn) -> None:
    remove(Visitor(sign_in(ada.email)), "ada@example.com")

    again = people.sign_up_seeker(
        desk.context, name="Ada", email="ada@example.com", password="seven herons over the quay"
    )

    assert again.id != ada.id
    assert "Removed person" not in Visitor(sign_in(PROVIDER)).read("/people/").text


def test_invitations_to_and_of_colleagues_end_and_those_of_hires_stay(
    desk: Desk, ada: User, sign_in: SignIn, stranger: Visitor
) -> None:
    colleague = invite(desk, ada, "leo@example.com")
    hire = invite(desk, ada, "kim@example.com", posting_id=desk.posting_id)
    seeker = desk.add_seeker()
    invite(desk, ada, seeker.email, posting_id=desk.posting_id)

    remove(Visitor(sign_in(seeker.email)), seeker.email)
    remove(Visitor(sign_in(ada.email)), ada.email)

    desk.session.rollback()
    left = {one.email: one.revoked_at is None for one in desk.session.scalars(select(Invitation))}
    assert left == {"leo@example.com": False, "kim@example.com": True}
    assert stranger.get(f"/invitation/?link={colleague}").status_code == 410
    assert stranger.get(f"/invitation/?link={hire}").status_code == 200


def test_the_page_says_that_the_trail_keeps_the_address(
    desk: Desk, provider: Visitor, ada: User, sign_in: SignIn
) -> None:
    address, browser = ada.email, Visitor(sign_in(ada.email))
    browser.post("/jobs/", {"title": "Tester", "location": "Remote", "description": "Test."})
    said = browser.read("/account/remove").text

    browser.post("/account/remove", {"email": address, "current": PASSWORD})

    assert address in provider.read("/trail/").text
    assert "The trail of who did what keeps your e-mail address" in said
