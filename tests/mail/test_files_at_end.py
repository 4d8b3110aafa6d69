"""What a person reads about files on the desktop before its end, and when access has ended."""

import pytest
from sqlalchemy import update

from tests.desk import Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.mail.test_occasions import recipients
from tests.mail.test_texts import SETTINGS, body, mail_of, read
from tests.windows import DAY, pass_time, set_grace, set_window, settle, undo, until
from webapp.domain.lifecycle import Action
from webapp.domain.mails import CONTRACT_ENDING
from webapp.domain.windows import plain_moment
from webapp.engine.mail_texts import compose
from webapp.models import Company, User

KIND = "access_ended"


@pytest.fixture
def hired(desk: Desk, postman: Postman) -> int:
    application_id = desk.add_application().id
    workspace_id = desk.available(application_id=application_id)
    set_window(desk, application_id, ends=20 * DAY)
    settle(desk)
    return workspace_id


def text_of(office: Office, subject: str) -> str:
    [mail] = [one for one in office.arrived if one.header("Subject").startswith(subject)]
    return " ".join(mail.text("plain").split())


def test_a_notice_says_when_the_files_are_deleted_and_that_nothing_exports_them(
    desk: Desk, office: Office, postman: Postman, hired: int
) -> None:
    ends_at = desk.row(hired).ends_at
    assert ends_at is not None

    pass_time(desk, until(desk, ends_at, before=13 * DAY))
    postman.work()

    text = text_of(office, "Your access to the desktop ends on")
    deleted = plain_moment(ends_at + 7 * DAY, "Europe/Berlin")
    assert f"deleted on {deleted}, with every file on it. Berth cannot export files" in text
    assert "last snapshot" not in text


def test_when_access_has_ended_the_person_hears_until_when_the_desktop_is_kept(
    desk: Desk, office: Office, postman: Postman, hired: int
) -> None:
    ends_at = desk.row(hired).ends_at
    assert ends_at is not None

    pass_time(desk, until(desk, ends_at))
    settle(desk)
    postman.work()

    destroy_at = desk.row(hired).destroy_at
    assert destroy_at is not None and len(recipients(postman, KIND)) == 1
    text = text_of(office, "Your access to the desktop has ended")
    assert f"deleted on {plain_moment(destroy_at, 'Europe/Berlin')}" in text
    assert "If you need a file from it, ask" in text


def test_a_termination_that_can_be_undone_is_mailed_once_each_time(
    desk: Desk, postman: Postman, hired: int
) -> None:
    set_grace(desk)

    for _ in range(2):
        desk.press(hired, Action.TERMINATE)
    assert len(recipients(postman, KIND)) == 1
    undo(desk, hired)
    desk.press(hired, Action.TERMINATE)

    assert len(recipients(postman, KIND)) == 2


def test_nobody_hears_of_files_of_what_was_never_used(desk: Desk, postman: Postman) -> None:
    set_grace(desk)
    workspace_id = desk.order()

    desk.press(workspace_id, Action.TERMINATE)

    assert recipients(postman, KIND) == []


def test_nobody_hears_of_files_that_are_deleted_at_once(desk: Desk, postman: Postman, hired: int) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Company).values(contract_grace_days=0))
    ends_at = desk.row(hired).ends_at
    assert ends_at is not None

    pass_time(desk, until(desk, ends_at))

    assert desk.row(hired).suspended_at is not None and recipients(postman, KIND) == []


def test_whose_account_is_disabled_gets_no_mail_about_files(desk: Desk, postman: Postman, hired: int) -> None:
    set_grace(desk)
    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.email.like("seeker%")).values(is_active=False))

    desk.press(hired, Action.TERMINATE)

    assert desk.row(hired).destroy_at is not None and recipients(postman, KIND) == []


def test_a_notice_that_an_older_release_wrote_is_sent_without_what_it_did_not_know() -> None:
    mail = mail_of(CONTRACT_ENDING)
    assert CONTRACT_ENDING.added and not set(CONTRACT_ENDING.added) & set(mail.parameters)

    text = body(read(compose(mail, CONTRACT_ENDING, SETTINGS)), "plain")

    assert "Copy what is yours before then." in text and "deleted" not in text
