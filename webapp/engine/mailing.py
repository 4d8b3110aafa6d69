"""Sending mails: one after another over one connection, each at least once, under its own lease.

A mail that is being sent is out of the way of all others, so one that ends its worker blocks none. A failure
of the server itself lets all of them rest.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from webapp.database import changed_rows
from webapp.domain.mail_failures import FAILURES
from webapp.domain.mails import KINDS
from webapp.domain.smtp_address import MailSettings
from webapp.engine import outbox
from webapp.engine.context import Engine
from webapp.engine.mail_texts import CannotAddress, CannotCompose, compose
from webapp.engine.smtp import MailLine, NotSent
from webapp.models import Installation, Mail
from webapp.vault.box import CannotOpen

log = logging.getLogger(__name__)

LEASE_S = 90
"""Longer than a connection and a mail take at most."""
RUN_S, LONGEST_RUN = 25.0, 200
"""After this another run goes on; the sweep queues it."""
REST_S, REST_WITHOUT_SERVER_S = 30, 600
"""After a failure of the server no mail is tried for so long."""

OpenLine = Callable[[MailSettings], MailLine | None]


def line_to_server(mail: MailSettings) -> MailLine | None:
    """Not connected yet; None where no mail is set up."""
    if mail.server is None or mail.sender is None:
        return None
    return MailLine(mail.server, own_name=mail.sender.domain)


def send_mails(engine: Engine, installation_id: int, *, open_line: OpenLine = line_to_server) -> None:
    """Send what is due, in bounded time, unless the server is to be left in peace."""
    if not _may_send(engine, installation_id):
        return
    line = open_line(engine.settings.mail)
    if line is None:
        _rest(engine, installation_id, "not_set_up", REST_WITHOUT_SERVER_S)
        return
    started_s = engine.clock.monotonic_s()
    try:
        for _ in range(LONGEST_RUN):
            if engine.clock.monotonic_s() - started_s > RUN_S:
                break
            mail = _take(engine)
            if mail is None:
                break
            failure = _send(engine, line, mail)
            if failure is not None and FAILURES[failure.code].is_of_server:
                _rest(engine, installation_id, failure.code, REST_S)
                break
    finally:
        line.close()


def _may_send(engine: Engine, installation_id: int) -> bool:
    with engine.sessions.begin() as session:
        found = session.execute(
            select(Installation.mail_rests_until).where(Installation.id == installation_id)
        ).one_or_none()
    if found is None:
        return False
    rests_until = found[0]
    return rests_until is None or rests_until <= engine.clock.now()


def _take(engine: Engine) -> Mail | None:
    """The one that has been due for longest, under a lease of ours."""
    while True:
        now = engine.clock.now()
        with engine.sessions.begin() as session:
            due_id = session.scalar(
                select(Mail.id)
                .where(Mail.due_at <= now, outbox.is_free(Mail, now))
                .order_by(Mail.due_at, Mail.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if due_id is None:
                return None
            if not outbox.claim(session, Mail, due_id, Mail.due_at <= now, now=now, lease_s=LEASE_S):
                continue
            session.execute(update(Mail).where(Mail.id == due_id).values(attempts=Mail.attempts + 1))
            mail = session.get_one(Mail, due_id, options=[undefer(Mail.sealed_link)])
            session.expunge_all()
        engine.crashpoint("mail_taken")
        return mail


def _send(engine: Engine, line: MailLine, mail: Mail) -> NotSent | None:
    """One attempt, and what became of it; the failure, if it failed."""
    failure: NotSent | None = None
    try:
        _hand_over(engine, line, mail)
        engine.crashpoint("mail_sent")
        changes = _sent(engine.clock.now())
    except NotSent as error:
        failure = error
        changes = _after_failure(engine, mail, error)
    _record(engine, mail, changes)
    facts = {"mail_id": mail.id, "kind": mail.kind, "attempt": mail.attempts}
    log.info("mail sent" if failure is None else "mail not sent", extra=facts | _reason(failure))
    return failure


def _hand_over(engine: Engine, line: MailLine, mail: Mail) -> None:
    """Raises NotSent."""
    now, settings = engine.clock.now(), engine.settings.mail
    kind = KINDS.get(mail.kind)
    if mail.not_after is not None and mail.not_after <= now:
        raise NotSent("expired")
    if kind is None or settings.sender is None:
        raise NotSent("unknown_kind")
    try:
        token = "" if mail.sealed_link is None else _token(engine, mail, mail.sealed_link)
        content = compose(mail, kind, settings, token=token)
    except CannotOpen:
        log.error("the link of a mail cannot be opened", extra={"mail_id": mail.id})
        raise NotSent("cannot_open_link") from None
    except CannotCompose as error:
        log.error("the text of a mail cannot be written", extra={"mail_id": mail.id, "reason": str(error)})
        raise NotSent("cannot_compose") from None
    except CannotAddress:
        raise NotSent("address_unusable") from None
    line.send(settings.sender.address, mail.address, content)


def _token(engine: Engine, mail: Mail, sealed_link: str) -> str:
    return engine.webhook_opener.open(sealed_link, bound_to=mail.link_binding).reveal()


def _sent(now: datetime) -> dict[str, Any]:
    return {
        "sent_at": now,
        "due_at": None,
        "sealed_link": None,
        "failure_code": None,
        "failure_words": None,
    }


def _after_failure(engine: Engine, mail: Mail, failure: NotSent) -> dict[str, Any]:
    failures = mail.failures + 1
    due_at = None if FAILURES[failure.code].is_final else outbox.next_try(engine, failures)
    if due_at is not None and mail.not_after is not None:
        due_at = min(due_at, mail.not_after)
    changes: dict[str, Any] = {
        "failures": failures,
        "due_at": due_at,
        "failure_code": failure.code,
        "failure_words": failure.words or None,
    }
    if due_at is None:
        changes |= {"gave_up_at": engine.clock.now(), "sealed_link": None}
    return changes


def _record(engine: Engine, mail: Mail, changes: dict[str, Any]) -> None:
    """Unless another worker has it by now, or a person has acted: theirs counts."""
    with engine.sessions.begin() as session:
        done = session.execute(
            update(Mail)
            .where(outbox.is_ours(mail), Mail.due_at == mail.due_at)
            .values(lease_until=None, **changes)
            .execution_options(synchronize_session=False)
        )
        if changed_rows(done) == 1 and changes.get("sent_at"):
            session.execute(
                update(Installation)
                .where(Installation.mail_trouble.is_not(None))
                .values(mail_trouble=None, mail_rests_until=None)
            )
    engine.crashpoint("mail_recorded")


def _rest(engine: Engine, installation_id: int, code: str, seconds: float) -> None:
    until = engine.clock.now() + timedelta(seconds=seconds)
    with engine.sessions.begin() as session:
        session.execute(
            update(Installation)
            .where(Installation.id == installation_id)
            .values(mail_rests_until=until, mail_trouble=code)
        )
    log.warning("mail rests", extra={"reason": code, "wait_s": seconds})


def _reason(failure: NotSent | None) -> dict[str, str]:
    return {} if failure is None else {"reason": failure.code}
