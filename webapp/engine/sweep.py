"""The sweep: queue whatever is due. It makes the loss of any notification, queue or worker harmless."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, sessionmaker

from webapp.database import read_only_transactions
from webapp.domain.clock import Clock
from webapp.models import (
    CloudCredential,
    CredentialStatus,
    Duty,
    Inquiry,
    InquiryKind,
    Installation,
    Orphan,
    Schedule,
    WebhookDelivery,
    WebhookEndpoint,
)
from webapp.queueing import JobName, Notifier

INQUIRY_LASTS = timedelta(minutes=10)
"""Nobody waits longer for an answer; a repeated inquiry notifies again."""
TEST_AGAIN_AFTER, TEST_AGAIN_UNTIL = timedelta(minutes=1), timedelta(days=1)
"""How often a test without a result is repeated, and for how long after the key was entered."""


DueQuery = Callable[[datetime], Select[int]]
"""The ids for which a job has something to do at this moment."""


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
        now = self.clock.now()
        with read_only_transactions(), self.sessions.begin() as session:
            notifications = [
                (name, found) for name, query in self.due for found in session.scalars(query(now))
            ]
        self.notifier.notify_due(notifications)
        return len(notifications)


def accounts_with_work(now: datetime) -> Select[int]:
    has_work = select(Schedule.workspace_id).where(
        Schedule.credential_id == CloudCredential.id, Schedule.due_at <= now
    )
    has_orphans = select(Orphan.id).where(Orphan.credential_id == CloudCredential.id, Orphan.due_at <= now)
    of_account = Duty.credential_id == CloudCredential.id
    has_duties = and_(
        ~CloudCredential.is_deleted,
        CloudCredential.account_id.is_not(None),
        # A proven account gets its rows by its first run.
        or_(
            select(Duty.id).where(of_account, Duty.due_at <= now).exists(),
            ~select(Duty.id).where(of_account).exists(),
        ),
    )
    return (
        select(CloudCredential.id)
        .where(
            or_(CloudCredential.blocked_until.is_(None), CloudCredential.blocked_until <= now),
            or_(CloudCredential.lease_until.is_(None), CloudCredential.lease_until < now),
            or_(has_work.exists(), has_orphans.exists(), has_duties),
        )
        .order_by(CloudCredential.id)
    )


def endpoints_with_messages(now: datetime) -> Select[int]:
    is_due = select(WebhookDelivery.id).where(
        WebhookDelivery.endpoint_id == WebhookEndpoint.id, WebhookDelivery.due_at <= now
    )
    return (
        select(WebhookEndpoint.id)
        .where(
            WebhookEndpoint.is_active,
            or_(WebhookEndpoint.lease_until.is_(None), WebhookEndpoint.lease_until <= now),
            is_due.exists(),
        )
        .order_by(WebhookEndpoint.id)
    )


def old_rows(now: datetime) -> Select[int]:
    return select(Installation.id).where(
        or_(Installation.prune_due_at.is_(None), Installation.prune_due_at <= now)
    )


def open_questions(now: datetime) -> Select[int]:
    return (
        select(Inquiry.id)
        .where(
            or_(Inquiry.answered_at.is_(None), Inquiry.answered_at < Inquiry.asked_at),
            Inquiry.asked_at > now - INQUIRY_LASTS,
        )
        .order_by(Inquiry.id)
    )


def tests_without_result(now: datetime) -> Select[int]:
    return (
        select(Inquiry.id)
        .join(CloudCredential, CloudCredential.id == Inquiry.credential_id)
        .where(
            Inquiry.kind == InquiryKind.TEST_CREDENTIAL,
            Inquiry.answered_at <= now - TEST_AGAIN_AFTER,
            CloudCredential.status == CredentialStatus.UNTESTED,
            CloudCredential.secret_set_at > now - TEST_AGAIN_UNTIL,
            ~CloudCredential.is_deleted,
        )
        .order_by(Inquiry.id)
    )
