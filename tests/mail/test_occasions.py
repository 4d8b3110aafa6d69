"""Who is written to, and when: once each, in the transaction of what the mail tells of."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from sandbox import demo
from tests.conftest import both_databases
from tests.desk import Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from webapp.domain.lifecycle import Action, State
from webapp.domain.roles import ApplicationStatus
from webapp.domain.smtp_address import MailSettings
from webapp.engine.breaker import TOO_MANY_LOST
from webapp.engine.pruning import prune
from webapp.models import CloudCredential, CredentialStatus, HelpRequest, Workspace
from webapp.services import applications, credentials, help_requests


@pytest.fixture
def colleague(desk: Desk) -> str:
    """Also hires for the company; one who has left is not written to."""
    for email in ("second@example.com", "left@example.com"):
        user = desk.add_provider(email, company=f"Of {email}")
        user.company_id, user.is_active = desk.provider.company_id, email != "left@example.com"
    desk.session.commit()
    return "second@example.com"


def recipients(postman: Postman, kind: str) -> list[str]:
    return [row.address for row in postman.rows(kind)]


@both_databases
def test_the_person_hears_once_that_the_desktop_can_be_used(
    desk: Desk, office: Office, postman: Postman
) -> None:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)
    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)

    postman.work()

    assert len(recipients(postman, "desktop_ready")) == 1
    (mail,) = [one for one in office.arrived if one.header("Subject") == "Your desktop is ready"]
    assert mail.recipients[0].startswith("seeker")
    assert f"https://portal.example/berth/desktops/{workspace_id}/" in mail.text("plain")
    assert "Analyst" in mail.text("html")


def test_no_mail_is_about_a_desktop_that_was_terminated_before_it_was_ready(
    desk: Desk, postman: Postman
) -> None:
    workspace_id = desk.order()
    desk.live(60)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert recipients(postman, "desktop_ready") == []


@both_databases
def test_who_is_approved_gets_one_mail(desk: Desk, office: Office, postman: Postman) -> None:
    approved = desk.add_application()
    others = [desk.add_application(is_approved=False) for _ in range(3)]
    company_id = approved.company_id

    def decide(application_id: int, status: ApplicationStatus) -> None:
        applications.decide(
            desk.context,
            application_id,
            company_id=company_id,
            decided_by_id=desk.provider.id,
            status=status,
        )

    decide(approved.id, ApplicationStatus.APPROVED)
    decide(others[2].id, ApplicationStatus.REJECTED)
    for _ in range(2):
        applications.approve_many(
            desk.context,
            [one.id for one in others],
            company_id=company_id,
            posting_id=desk.posting_id,
            decided_by_id=desk.provider.id,
        )
    postman.work()

    written = recipients(postman, "application_approved")
    assert sorted(written) == sorted({"seeker1@example.com", "seeker2@example.com", "seeker3@example.com"})
    assert set(office.subjects()) == {"Quayside approved you for a job"}


@both_databases
def test_a_request_for_help_reaches_everybody_who_hires_once(
    desk: Desk, office: Office, postman: Postman, colleague: str
) -> None:
    application = desk.add_application()
    workspace_id = desk.order(application_id=application.id)

    for note in ("The screen\nis black", "And now blue"):
        help_requests.ask_for_help(
            desk.context, workspace_id, seeker_id=application.seeker_id, note=note, actor=desk.actor
        )
    postman.work()

    assert recipients(postman, "help_requested") == ["provider@example.com", colleague]
    mail = office.arrived[-1]
    assert "The screen is black" in mail.text("plain")
    assert f"/workspaces/{workspace_id}/" in mail.text("html")


@both_databases
def test_an_account_that_stops_is_reported_once_for_each_time(
    desk: Desk, office: Office, postman: Postman, colleague: str
) -> None:
    def revoke(is_revoked: bool) -> None:
        desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="disabled" if is_revoked else "active")

    desk.available()
    revoke(True)
    desk.live(400)
    assert desk.credential().status is CredentialStatus.FAILING
    assert recipients(postman, "credential_alarm") == ["provider@example.com", colleague]

    revoke(False)
    desk.live(400)
    assert desk.credential().status is CredentialStatus.OK
    revoke(True)
    desk.live(400)
    postman.work()

    assert len(recipients(postman, "credential_alarm")) == 4
    (mail, *_) = [one for one in office.arrived if "needs attention" in one.header("Subject")]
    assert f"/credentials/{desk.credential_id}/" in mail.text("plain")


def test_a_key_that_a_person_has_just_entered_wrong_is_on_the_page_and_in_no_mail(
    desk: Desk, postman: Postman
) -> None:
    credential = credentials.create_credential(
        desk.context,
        company_id=desk.provider.company_id or 0,
        name="Typing",
        cloud_provider="aws",
        fields=desk.stage.fields | {"secret_access_key": "x" * 40},
    )
    desk.work()

    with desk.sessions() as session:
        status = session.get_one(CloudCredential, credential.id).status
    assert status is CredentialStatus.FAILING
    assert recipients(postman, "credential_alarm") == []


def test_the_breaker_is_reported_when_it_opens(desk: Desk, postman: Postman) -> None:
    for _ in range(5):
        desk.order()
    desk.live(3600)
    with desk.sessions() as session:
        machines = [row.cloud_workspace_id for row in session.query(Workspace).all()]
    for machine in machines:
        desk.sandbox.vanish_workspace(machine or "")

    desk.live(3 * 3600)

    assert desk.credential().alarm_code == TOO_MANY_LOST
    assert [row.parameters["code"] for row in postman.rows("credential_alarm")] == [TOO_MANY_LOST]


def test_nothing_is_written_where_no_mail_is_set_up(desk: Desk, postman: Postman) -> None:
    quiet = replace(desk.settings, mail=MailSettings())
    desk.settings = quiet
    desk.context = replace(desk.context, settings=quiet)
    desk.engine = desk.make_engine()

    desk.available()

    assert postman.rows() == []


def test_what_was_sent_is_deleted_after_three_months_and_what_waits_is_not(
    desk: Desk, office: Office, postman: Postman
) -> None:
    desk.add_application()
    postman.work()
    desk.clock.elapsed_s += 89 * 86_400
    prune(desk.engine, 1)
    assert len(postman.rows()) == 1
    desk.add_application()

    desk.clock.elapsed_s += 91 * 86_400
    prune(desk.engine, 1)

    assert [row.due_at is not None for row in postman.rows()] == [True]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_presses_at_the_same_moment_writes_no_second_mail(desk: Desk, postman: Postman) -> None:
    application = desk.add_application()
    workspace_id = desk.order(application_id=application.id)

    def somebody_is_faster(*_: object) -> None:
        with desk.sessions.begin() as other:
            other.add(
                HelpRequest(
                    company_id=application.company_id,
                    workspace_id=workspace_id,
                    note="",
                    state="PENDING",
                    asked_at=desk.clock.now(),
                )
            )

    event.listen(desk.session, "before_flush", somebody_is_faster, once=True)
    found = help_requests.ask_for_help(
        desk.context, workspace_id, seeker_id=application.seeker_id, note="", actor=desk.actor
    )

    assert found.id is not None
    assert recipients(postman, "help_requested") == []
