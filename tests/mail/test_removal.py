"""Mails and the removal of an account: one last one, and nothing that still knows the address."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.pages.reader import Visitor
from webapp.engine.pruning import prune
from webapp.models import Installation, User
from webapp.services import applications, invitations, password_reset, removal
from webapp.services.invitations import Wanted

ADA = "ada@example.com"


@pytest.fixture
def ada(desk: Desk) -> User:
    user = desk.add_provider(ADA, company="Elsewhere")
    user.company_id = desk.provider.company_id
    desk.session.commit()
    return user


def remove(desk: Desk, user: User) -> None:
    removal.remove_own(desk.context, user, email=user.email, password=PASSWORD)


@both_databases
def test_the_last_mail_goes_to_the_old_address(
    desk: Desk, office: Office, postman: Postman, ada: User
) -> None:
    remove(desk, ada)
    postman.work()

    [mail] = office.arrived
    assert mail.recipients == (ADA,)
    assert mail.header("Subject") == "Your account in Berth was removed"
    assert "Hello ada," in mail.text("plain")
    assert "You have removed your account" in mail.text("plain")


def test_it_says_which_company_has_removed_the_account(
    desk: Desk, office: Office, postman: Postman, ada: User, sign_in: Callable[[str], FlaskClient]
) -> None:
    provider = Visitor(sign_in("provider@example.com"))
    provider.post(f"/people/colleagues/{ada.id}/disable")
    assert provider.post(f"/people/colleagues/{ada.id}/remove").status_code == 303
    postman.work()

    [mail] = office.arrived
    assert "Quayside has removed your account" in mail.text("html")


@both_databases
def test_what_was_not_sent_never_is_and_what_was_sent_forgets_the_address(
    desk: Desk, office: Office, postman: Postman
) -> None:
    application = desk.add_application()  # approved: a mail
    seeker, email = application.seeker, application.seeker.email
    postman.work()
    password_reset.ask_for_link(desk.context, email=email)
    invitations.invite(
        desk.context,
        [Wanted(email, "Sam")],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
        posting_id=desk.open_posting(desk.provider),
    )
    assert len(postman.rows()) == 3

    remove(desk, seeker)
    postman.work()

    assert office.subjects() == ["Quayside approved you for a job", "Your account in Berth was removed"]
    rows = {row.kind: row for row in postman.rows()}
    assert set(rows) == {"application_approved", "account_removed"}
    assert rows["application_approved"].address.endswith("@removed.invalid")
    assert rows["application_approved"].parameters == {}


def test_a_mail_that_failed_cannot_be_sent_to_the_placeholder(
    desk: Desk, office: Office, postman: Postman
) -> None:
    office.answer("rcpt", "550 5.1.1 Unknown")
    application = desk.add_application()
    postman.work()
    assert [row.state for row in postman.rows()] == ["failed"]

    remove(desk, application.seeker)

    assert [row.kind for row in postman.rows()] == ["account_removed"]


def test_the_last_mail_is_forgotten_a_day_after(desk: Desk, postman: Postman, ada: User) -> None:
    remove(desk, ada)
    postman.work()
    for hours, left in ((23, 1), (2, 0)):
        desk.clock.pause(hours * 3600)
        with desk.sessions.begin() as session:
            session.execute(update(Installation).values(prune_due_at=None))
        prune(desk.engine, 1)
        assert len(postman.rows("account_removed")) == left


@both_databases
def test_a_refused_removal_writes_to_nobody(desk: Desk, postman: Postman) -> None:
    with pytest.raises(Exception, match="an owner"):
        remove(desk, desk.provider)

    assert postman.rows() == []


def test_nobody_who_was_removed_is_written_to(desk: Desk, postman: Postman) -> None:
    application = desk.add_application(is_approved=False)
    seeker_id, posting_id = application.seeker_id, application.job_posting_id
    remove(desk, desk.session.get_one(User, seeker_id))

    approved = applications.approve_many(
        desk.context,
        [application.id],
        company_id=application.company_id,
        posting_id=posting_id,
        decided_by_id=desk.provider.id,
    )

    assert approved == []
    assert [row.kind for row in postman.rows() if row.user_id == seeker_id] == ["account_removed"]
