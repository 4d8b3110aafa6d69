"""The sweep: queue whatever is due. It makes the loss of any notification, queue or worker harmless."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    CompoundSelect,
    Select,
    and_,
    bindparam,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, sessionmaker

from webapp.database import read_only_transactions
from webapp.domain.clock import Clock
from webapp.models import (
    CloudCredential,
    CredentialStatus,
    DirectoryUser,
    Duty,
    Inquiry,
    InquiryKind,
    Installation,
    Mail,
    Orphan,
    Schedule,
    WebhookDelivery,
    WebhookEndpoint,
)
from webapp.queries.trail import unlinked_entries
from webapp.queueing import JobName, Notifier

INQUIRY_LASTS = timedelta(minutes=10)
"""Nobody waits longer for an answer; a repeated inquiry notifies again."""
TEST_AGAIN_AFTER, TEST_AGAIN_UNTIL = timedelta(minutes=1), timedelta(days=1)
"""How often a test without a result is repeated, and for how long after the key was entered."""


@dataclass(frozen=True, slots=True, eq=False)
class DueQuery:
    """Finds the ids for which a job has something to do. Composed once, asked every few seconds."""

    ids: Select[int]
    """By the parameter `now` and those of `ago`."""
    ago: Mapping[str, timedelta] = field(default_factory=dict)
    """So long before now, by the name of the parameter."""


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Needs neither a key nor a cloud."""

    sessions: sessionmaker[Session]
    clock: Clock
    notifier: Notifier
    due: Sequence[tuple[JobName, DueQuery]]
    """Every job with the queries that find its ids: `jobs.DUE`."""

    def sweep(self) -> int:
        """Notify for everything that is due; return the number of notifications.

        Writes nothing.
        """
        notifications = find_due(self.sessions, self.due, self.clock.now())
        self.notifier.notify_due(notifications)
        return len(notifications)


def find_due(
    sessions: sessionmaker[Session], due: Iterable[tuple[JobName, DueQuery]], now: datetime
) -> list[tuple[JobName, int]]:
    """Every job with something to do, and its id. Writes nothing. Raises SQLAlchemyError."""
    jobs = list(due)
    queries = tuple(query for _, query in jobs)
    times = {name: now - age for query in queries for name, age in query.ago.items()}
    with read_only_transactions(), sessions.begin() as session:
        found = session.execute(_together(queries), {"now": now} | times).all()
    return [(jobs[place][0], row_id) for place, row_id in sorted(tuple(row) for row in found)]


@cache
def _together(queries: tuple[DueQuery, ...]) -> CompoundSelect[int, int]:
    """All of them as one statement: the place of the query, and an id. It is asked twice a second."""
    return union_all(*(select(literal(place), query.ids.subquery()) for place, query in enumerate(queries)))


_NOW = bindparam("now")


def _accounts_with_work() -> Select[int]:
    has_work = select(Schedule.workspace_id).where(
        Schedule.credential_id == CloudCredential.id, Schedule.due_at <= _NOW
    )
    has_orphans = select(Orphan.id).where(Orphan.credential_id == CloudCredential.id, Orphan.due_at <= _NOW)
    of_account = Duty.credential_id == CloudCredential.id
    has_duties = and_(
        ~CloudCredential.is_deleted,
        CloudCredential.account_id.is_not(None),
        # A proven account gets its rows by its first run.
        or_(
            select(Duty.id).where(of_account, Duty.due_at <= _NOW).exists(),
            ~select(Duty.id).where(of_account).exists(),
        ),
    )
    return select(CloudCredential.id).where(
        or_(CloudCredential.blocked_until.is_(None), CloudCredential.blocked_until <= _NOW),
        or_(CloudCredential.lease_until.is_(None), CloudCredential.lease_until < _NOW),
        or_(has_work.exists(), has_orphans.exists(), has_duties),
    )


def _endpoints_with_messages() -> Select[int]:
    is_due = select(WebhookDelivery.id).where(
        WebhookDelivery.endpoint_id == WebhookEndpoint.id, WebhookDelivery.due_at <= _NOW
    )
    return select(WebhookEndpoint.id).where(
        WebhookEndpoint.is_active,
        or_(WebhookEndpoint.lease_until.is_(None), WebhookEndpoint.lease_until <= _NOW),
        is_due.exists(),
    )


def _open_questions() -> Select[int]:
    return select(Inquiry.id).where(
        or_(Inquiry.answered_at.is_(None), Inquiry.answered_at < Inquiry.asked_at),
        Inquiry.asked_at > bindparam("first_asked"),
    )


def _tests_without_result() -> Select[int]:
    return (
        select(Inquiry.id)
        .join(CloudCredential, CloudCredential.id == Inquiry.credential_id)
        .where(
            Inquiry.kind == InquiryKind.TEST_CREDENTIAL,
            Inquiry.answered_at <= bindparam("last_answered"),
            CloudCredential.status == CredentialStatus.UNTESTED,
            CloudCredential.secret_set_at > bindparam("first_entered"),
            ~CloudCredential.is_deleted,
        )
    )


def _mails_to_send() -> Select[int]:
    is_due = select(Mail.id).where(
        Mail.due_at <= _NOW, or_(Mail.lease_until.is_(None), Mail.lease_until <= _NOW)
    )
    may_send = or_(Installation.mail_rests_until.is_(None), Installation.mail_rests_until <= _NOW)
    return select(Installation.id).where(may_send, is_due.exists())


ACCOUNTS_WITH_WORK = DueQuery(_accounts_with_work())
ENDPOINTS_WITH_MESSAGES = DueQuery(_endpoints_with_messages())
UNLINKED_ENTRIES = DueQuery(select(Installation.id).where(unlinked_entries().exists()))
MAILS_TO_SEND = DueQuery(_mails_to_send())
OPEN_QUESTIONS = DueQuery(_open_questions(), {"first_asked": INQUIRY_LASTS})
TESTS_WITHOUT_RESULT = DueQuery(
    _tests_without_result(), {"last_answered": TEST_AGAIN_AFTER, "first_entered": TEST_AGAIN_UNTIL}
)
SEALED_PASSWORDS = DueQuery(select(DirectoryUser.id).where(DirectoryUser.password_waits))
OLD_ROWS = DueQuery(
    select(Installation.id).where(or_(Installation.prune_due_at.is_(None), Installation.prune_due_at <= _NOW))
)
RECORDS_OF_ENDS = DueQuery(
    select(Installation.id).where(
        or_(Installation.records_due_at.is_(None), Installation.records_due_at <= _NOW)
    )
)
DIGESTS = DueQuery(
    select(Installation.id).where(
        or_(Installation.digests_due_at.is_(None), Installation.digests_due_at <= _NOW)
    )
)
