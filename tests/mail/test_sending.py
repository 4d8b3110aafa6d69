"""A mail is sent at least once, tried again while that may help, and given up with a reason."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from jobs.reseal import PrivateKeys, reseal
from sandbox.mail.receiver import DROP, DROP_AFTER, Step
from tests.conftest import both_databases
from tests.desk import Desk, key_pair, webhook_key_pair
from tests.mail.conftest import Postman
from tests.mail.office import Office
from webapp.domain.errors import Conflict, NotFound
from webapp.domain.mails import TEST, MailKind
from webapp.domain.outbox import BACKOFF_S
from webapp.engine import mailing
from webapp.engine.mailing import send_mails
from webapp.models import Installation, Mail, MailState
from webapp.services import mails
from webapp.vault.keys import generate_pair

RESET = MailKind("test", "Reset", "Reset", "/reset/{token}", ("company",))
"""A kind with a single-use link, which has the templates of another."""


def queue(desk: Desk, count: int = 1) -> None:
    for _ in range(count):
        mails.send_test(desk.context, desk.provider, company_id=company_of(desk))


def company_of(desk: Desk) -> int:
    return desk.provider.company_id or 0


def queue_link(desk: Desk, token: str, minutes: int = 30) -> None:
    mails.queue_mail(
        desk.context,
        RESET,
        to=desk.provider,
        company_id=company_of(desk),
        parameters={"company": "Quayside"},
        link_token=token,
        not_after=desk.clock.now() + timedelta(minutes=minutes),
    )
    desk.session.commit()


@pytest.fixture
def reset_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mailing.KINDS, "test", RESET)


@both_databases
def test_a_mail_is_sent_once_and_recorded(desk: Desk, office: Office, postman: Postman) -> None:
    queue(desk)

    assert postman.work() == 1
    assert postman.work() == 0

    (mail,), (row,) = office.arrived, postman.rows()
    assert (mail.sender, mail.recipients) == ("berth@portal.example", ("provider@example.com",))
    assert mail.header("Message-ID") == f"<{row.message_id}>"
    assert mail.header("Auto-Submitted") == "auto-generated"
    assert mail.header("From") == "Berth <berth@portal.example>"
    assert "https://portal.example/berth/mail/" in mail.text("plain")
    assert (row.state, row.sent_at, row.attempts) == (MailState.SENT, desk.clock.now(), 1)


def test_one_connection_serves_all_mails_of_a_run(desk: Desk, office: Office, postman: Postman) -> None:
    queue(desk, 30)

    postman.work()

    assert len(office.arrived) == 30
    assert office.receiver.connections == 1


@both_databases
@pytest.mark.parametrize("step", [Step.RCPT, Step.DATA])
def test_what_the_server_cannot_take_now_is_sent_later(
    desk: Desk, office: Office, postman: Postman, step: Step
) -> None:
    office.answer(step, "450 4.2.0 Try later")
    queue(desk)

    postman.work()

    (row,) = postman.rows()
    assert row.state is MailState.RETRYING
    assert row.failure_words == "450 4.2.0 Try later"
    assert postman.later(BACKOFF_S[0] * 0.7) == 0
    assert postman.later(BACKOFF_S[0]) == 1
    (row,) = postman.rows()
    assert (row.state, row.attempts, row.failure_code) == (MailState.SENT, 2, None)
    assert len(office.arrived) == 1


@pytest.mark.parametrize(("step", "code"), [(Step.RCPT, "recipient_refused"), (Step.DATA, "content_refused")])
def test_a_final_refusal_ends_at_once_and_holds_up_no_other_mail(
    desk: Desk, office: Office, postman: Postman, step: Step, code: str
) -> None:
    office.answer(step, "550 5.1.1 No such user")
    queue(desk, 2)

    postman.work()

    refused, sent = postman.rows()
    assert (refused.state, refused.failure_code) == (MailState.FAILED, code)
    assert refused.failure_words == "550 5.1.1 No such user"
    assert sent.state is MailState.SENT
    assert office.receiver.connections == 1
    assert postman.later(86_400) == 0


def test_a_sender_that_the_server_does_not_know_is_not_the_mails_fault(
    desk: Desk, office: Office, postman: Postman
) -> None:
    office.answer(Step.MAIL, "553 5.7.1 Sender not owned")
    queue(desk)

    postman.work()

    (row,) = postman.rows()
    assert (row.state, row.failure_code) == (MailState.RETRYING, "sender_refused")


def test_a_lost_answer_brings_the_mail_twice_under_one_message_id(
    desk: Desk, office: Office, postman: Postman
) -> None:
    office.answer(Step.DATA, DROP_AFTER)
    queue(desk)

    postman.work()
    assert postman.rows()[0].failure_code == "answer_lost"
    postman.later(10)

    assert len(office.arrived) == 2
    assert len({one.content for one in office.arrived}) == 1, "the same to the last byte"
    assert postman.rows()[0].state is MailState.SENT


def test_a_connection_that_ends_before_the_message_costs_one_attempt(
    desk: Desk, office: Office, postman: Postman
) -> None:
    office.answer(Step.RCPT, DROP)
    queue(desk, 2)

    postman.work()

    first, second = postman.rows()
    assert (first.failure_code, second.state) == ("connection_lost", MailState.SENT)
    postman.later(10)
    assert len(office.arrived) == 2


def test_a_server_that_ends_a_used_connection_is_called_again_at_once(
    desk: Desk, office: Office, postman: Postman
) -> None:
    office.answer(Step.MAIL, None, None, "421 4.7.0 Too many messages in this session")
    queue(desk, 4)

    postman.work()

    assert {row.state for row in postman.rows()} == {MailState.SENT}
    assert office.receiver.connections == 2


def test_a_mail_that_keeps_failing_is_given_up_after_a_day(
    desk: Desk, office: Office, postman: Postman
) -> None:
    office.answer(Step.RCPT, *["451 4.3.0 Broken"] * 20)
    queue(desk)

    postman.work()
    for wait_s in BACKOFF_S:
        assert postman.rows()[0].state is MailState.RETRYING
        assert postman.later(wait_s * 1.3) == 1

    (row,) = postman.rows()
    assert (row.state, row.attempts) == (MailState.FAILED, len(BACKOFF_S) + 1)
    assert (row.gave_up_at or desk.clock.now()).timestamp() - row.created_at.timestamp() > 20 * 3600


def test_a_mail_that_failed_is_sent_again_by_a_person_under_its_message_id(
    desk: Desk, office: Office, postman: Postman
) -> None:
    office.answer(Step.RCPT, "550 5.1.1 No such user")
    queue(desk)
    postman.work()
    (failed,) = postman.rows()
    with pytest.raises(NotFound):
        mails.send_again(desk.context, failed.id, company_id=company_of(desk) + 1)

    mails.send_again(desk.context, failed.id, company_id=company_of(desk))
    assert postman.work() == 1

    (row,) = postman.rows()
    assert (row.state, row.failures) == (MailState.SENT, 0)
    assert office.arrived[0].header("Message-ID") == f"<{failed.message_id}>"
    with pytest.raises(Conflict):
        mails.send_again(desk.context, failed.id, company_id=company_of(desk))


def test_a_dead_server_is_tried_once_and_left_in_peace(desk: Desk, office: Office, postman: Postman) -> None:
    office.receiver.stop()
    queue(desk, 3)

    assert postman.work() == 1
    assert postman.work() == 0

    rows = postman.rows()
    assert [row.attempts for row in rows] == [1, 0, 0]
    assert rows[0].failure_code == "server_unreachable"
    with desk.sessions() as session:
        assert session.scalar(select(Installation.mail_trouble)) == "server_unreachable"
    assert postman.later(mailing.REST_S + 1) == 1

    # A person who has fixed it need not wait.
    queue(desk)
    assert postman.work() == 1


def test_the_servers_trouble_is_over_with_the_first_mail_that_it_takes(
    desk: Desk, office: Office, postman: Postman
) -> None:
    office.answer(Step.MAIL, "421 4.3.2 Shutting down")
    queue(desk)
    postman.work()

    postman.later(mailing.REST_S + 1)

    with desk.sessions() as session:
        assert session.execute(select(Installation.mail_trouble, Installation.mail_rests_until)).one() == (
            None,
            None,
        )


@both_databases
def test_a_mail_has_one_worker_at_a_time(desk: Desk, office: Office, postman: Postman) -> None:
    queue(desk)

    assert mailing._take(desk.engine) is not None
    assert postman.work() == 0
    assert office.arrived == []
    assert postman.later(mailing.LEASE_S + 1) == 1  # the first one died

    assert len(office.arrived) == 1
    assert postman.rows()[0].attempts == 2


def test_a_worker_that_lost_its_lease_changes_nothing(desk: Desk, office: Office, postman: Postman) -> None:
    queue(desk)
    overtaken: list[str] = []

    def sleep_past_the_lease(name: str) -> None:
        if name == "mail_taken" and not overtaken:
            overtaken.append(name)
            desk.clock.pause(mailing.LEASE_S * 40)
            send_mails(desk.engine, 1)  # the next worker takes over

    office.answer(Step.DATA, None, "550 5.0.0 Not twice")
    send_mails(desk.make_engine(crashpoint=sleep_past_the_lease), 1)

    (row,) = postman.rows()
    assert row.state is MailState.SENT
    assert len(office.arrived) == 1


def test_the_token_of_a_link_is_sealed_and_sent_to_its_recipient_only(
    desk: Desk, office: Office, postman: Postman, reset_kind: None
) -> None:
    queue_link(desk, "single-use-token")
    with desk.sessions() as session:
        assert "single-use-token" not in str(session.execute(select(Mail.__table__)).all())

    postman.work()

    assert "https://portal.example/berth/reset/single-use-token" in office.arrived[0].text("plain")
    with desk.sessions() as session:
        assert session.scalar(select(Mail.sealed_link)) is None

    queue_link(desk, "second-token")
    with desk.sessions.begin() as session:
        session.execute(text("UPDATE mails SET address = 'thief@example.com' WHERE due_at IS NOT NULL"))
    postman.work()
    stolen = postman.rows()[1]
    assert (stolen.state, stolen.failure_code) == (MailState.FAILED, "cannot_open_link")
    assert len(office.arrived) == 1


def test_a_link_that_has_expired_is_never_sent(
    desk: Desk, office: Office, postman: Postman, reset_kind: None
) -> None:
    office.answer(Step.RCPT, *["450 4.2.0 Later"] * 20)
    queue_link(desk, "token")

    for _ in range(40):
        postman.later(60)

    (row,) = postman.rows()
    assert (row.state, row.failure_code) == (MailState.FAILED, "expired")
    assert (row.gave_up_at or desk.clock.now()) - row.created_at < timedelta(minutes=33)
    assert office.arrived == []
    with pytest.raises(Conflict):
        mails.send_again(desk.context, row.id, company_id=company_of(desk))


def test_a_waiting_link_follows_the_vaults_keys(
    desk: Desk, office: Office, postman: Postman, reset_kind: None
) -> None:
    queue_link(desk, "token")
    _, new = generate_pair()
    keys = PrivateKeys((key_pair()[1],), (new, webhook_key_pair()[1]))

    assert reseal(desk.sessions, keys) == (1, [])
    postman.work()

    assert postman.rows()[0].failure_code == "cannot_open_link", "this worker has only the old key"


def test_a_kind_of_a_later_release_waits_for_a_worker_that_knows_it(
    desk: Desk, office: Office, postman: Postman
) -> None:
    queue(desk)
    with desk.sessions.begin() as session:
        session.execute(text("UPDATE mails SET kind = 'from_the_future'"))

    postman.work()

    (row,) = postman.rows()
    assert (row.state, row.failure_code) == (MailState.RETRYING, "unknown_kind")


def test_a_mail_whose_text_cannot_be_written_holds_up_no_other(
    desk: Desk, office: Office, postman: Postman
) -> None:
    queue(desk, 2)
    with desk.sessions.begin() as session:
        session.execute(text("UPDATE mails SET parameters = '{}' WHERE id = 1"))

    postman.work()

    broken, sent = postman.rows()
    assert (broken.state, broken.failure_code) == (MailState.RETRYING, "cannot_compose")
    assert sent.state is MailState.SENT


def test_a_link_needs_its_token_and_its_end(desk: Desk) -> None:
    with pytest.raises(ValueError, match="single-use"):
        mails.queue_mail(desk.context, RESET, to=desk.provider, company_id=1, parameters={"company": ""})
    with pytest.raises(ValueError, match="single-use"):
        mails.queue_mail(
            desk.context,
            TEST,
            to=desk.provider,
            company_id=1,
            parameters={"company": ""},
            link_token="x",
            not_after=desk.clock.now(),
        )
