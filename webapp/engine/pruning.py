"""Retention: what nobody waits for any more is deleted, oldest first, in bounded bites.

Needs no lease: to delete twice what is old is to delete it once. What a company must keep is never among it:
who ordered, approved and ended what.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Delete, Table, delete, func, inspect, or_, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from webapp.database import changed_rows
from webapp.domain.actor import BERTH, CLOUD
from webapp.domain.costs.spans import day_of
from webapp.domain.lifecycle import Phase
from webapp.domain.mails import ACCOUNT_REMOVED
from webapp.domain.orphans import OrphanStatus
from webapp.domain.retention import (
    ACCOUNT_LINKS_LAST,
    COST_INPUTS_LAST,
    GONE_SNAPSHOTS_LAST,
    IDEMPOTENCY_KEYS_LAST,
    INVITATIONS_LAST,
    LAST_MAILS_LAST,
    SIGN_IN_FAILURES_LAST,
)
from webapp.engine.context import Engine
from webapp.engine.hourly import claim
from webapp.models import (
    AccountLink,
    DiskRestore,
    DiskSnapshot,
    EmailChange,
    EndRecord,
    Event,
    FileReturn,
    HelpRequest,
    IdempotencyKey,
    Installation,
    Invitation,
    ListPrice,
    Mail,
    Orphan,
    SignInFailure,
    SpentChallenge,
    SystemImage,
    UsageSpan,
    UseDay,
    UserSession,
    WebhookDelivery,
    Workspace,
)
from webapp.queueing import JobName

log = logging.getLogger(__name__)

BITE = 500
"""Rows that one statement reads or deletes, so that nobody waits long for their locks."""
DESKTOPS = 50
"""Whose logs one bite reads."""
BITES = 40
"""Of one run; what is left is the next run's."""

Bite = Callable[[Session], int | None]
"""Deletes at most BITE rows; how many, or None when nothing old is left."""


def prune(engine: Engine, installation_id: int) -> None:
    """Delete what has been kept long enough; asks for another run if more is left."""
    if not claim(engine, installation_id, Installation.prune_due_at):
        return
    left, deleted = BITES, 0
    for bite in _bites(engine):
        while left:
            with engine.sessions.begin() as session:
                count = bite(session)
            if count is None:
                break
            left -= 1
            deleted += count
    if deleted:
        log.info("old rows were deleted", extra={"count": deleted, "is_unfinished": not left})
    if not left:
        with engine.sessions.begin() as session:
            session.execute(update(Installation).values(prune_due_at=engine.clock.now()))
        engine.notifier.notify_due([(JobName.PRUNE, installation_id)])


def _bites(engine: Engine) -> Iterator[Bite]:
    now, keep = engine.clock.now(), engine.settings.retention
    yield _older(UserSession.expires_at, now)
    yield _older(EmailChange.expires_at, now)
    yield _older(SpentChallenge.expires_at, now)
    yield _older(AccountLink.expires_at, now - ACCOUNT_LINKS_LAST)
    yield _older(Invitation.expires_at, now - INVITATIONS_LAST, Invitation.accepted_at.is_(None))
    yield _older(SignInFailure.at, now - SIGN_IN_FAILURES_LAST)
    yield _older(IdempotencyKey.created_at, now - IDEMPOTENCY_KEYS_LAST)
    yield _older(HelpRequest.answered_at, now - timedelta(days=keep.help_requests_days))
    yield _older(
        Orphan.last_seen_at, now - timedelta(days=keep.orphans_days), Orphan.status == OrphanStatus.GONE
    )
    yield _older(DiskRestore.ended_at, now - GONE_SNAPSHOTS_LAST)
    yield _older(DiskSnapshot.ended_at, now - GONE_SNAPSHOTS_LAST)
    yield _older(FileReturn.ended_at, now - GONE_SNAPSHOTS_LAST)
    yield _older(SystemImage.ended_at, now - GONE_SNAPSHOTS_LAST)
    yield _older(Mail.created_at, now - timedelta(days=keep.mails_days), Mail.due_at.is_(None))
    is_last = (Mail.due_at.is_(None), Mail.kind == ACCOUNT_REMOVED.name)
    yield _older(Mail.created_at, now - LAST_MAILS_LAST, *is_last)
    yield _older(UsageSpan.ended_at, now - COST_INPUTS_LAST)
    yield _days_of_use(day_of(now - timedelta(days=keep.use_days)))
    yield _replaced_prices(now - COST_INPUTS_LAST)
    yield _messages(now - timedelta(days=keep.messages_days))
    yield _Details(now - timedelta(days=keep.details_days))
    if keep.records_days:
        yield _older(EndRecord.terminated_at, now - timedelta(days=keep.records_days))


def _older(at: InstrumentedAttribute[Any], before: datetime, *also: ColumnElement[bool]) -> Bite:
    """Rows of this column's table; one without a time is not old."""
    table = cast("Table", inspect(at.class_).local_table)

    def bite(session: Session) -> int | None:
        old = select(table.c.id).where(at < before, *also).limit(BITE)
        return _deleted(session, delete(table).where(table.c.id.in_(old))) or None

    return bite


def _days_of_use(before: date) -> Bite:
    def bite(session: Session) -> int | None:
        days = tuple_(UseDay.workspace_id, UseDay.day)
        old = select(UseDay.workspace_id, UseDay.day).where(UseDay.day < before).limit(BITE)
        return _deleted(session, delete(UseDay).where(days.in_(old))) or None

    return bite


def _replaced_prices(before: datetime) -> Bite:
    """Those that a later price had replaced by then: no estimate of a day since uses them."""
    later = aliased(ListPrice)
    is_replaced = (
        select(later.id)
        .where(
            later.cloud_provider == ListPrice.cloud_provider,
            later.region == ListPrice.region,
            later.sku == ListPrice.sku,
            later.part == ListPrice.part,
            later.currency == ListPrice.currency,
            later.valid_from > ListPrice.valid_from,
            later.valid_from <= day_of(before),
        )
        .exists()
    )

    def bite(session: Session) -> int | None:
        old = select(ListPrice.id).where(ListPrice.valid_from < day_of(before), is_replaced).limit(BITE)
        ids = session.scalars(old).all()
        return _deleted(session, delete(ListPrice).where(ListPrice.id.in_(ids))) or None

    return bite


def _messages(before: datetime) -> Bite:
    """Of webhooks. Those of events have no time of their own, and all come in the order of what they tell.

    What waits, such as at a paused webhook, is passed over: read each time, it would use up the run.
    """

    def bite(session: Session) -> int | None:
        page = session.execute(
            select(WebhookDelivery.id, func.coalesce(WebhookDelivery.noticed_at, Event.at))
            .outerjoin(WebhookDelivery.event)
            .where(WebhookDelivery.due_at.is_(None))
            .order_by(WebhookDelivery.id)
            .limit(BITE)
        )
        old = [id_ for id_, at in page if at < before]
        return _deleted(session, delete(WebhookDelivery).where(WebhookDelivery.id.in_(old))) or None

    return bite


class _Details:
    """What Berth and the clouds noted about ended desktops, where it changed no state.

    How far it has come is written down: the desktops before that are not read again.
    """

    def __init__(self, before: datetime) -> None:
        self._before = before

    def __call__(self, session: Session) -> int | None:
        ended = self._next_ended(session)
        if not ended:
            return None
        details = (
            select(Event.id)
            .where(
                Event.workspace_id.in_(id_ for id_, _ in ended),
                or_(Event.from_state.is_(None), Event.from_state == Event.to_state),
                Event.actor.in_((BERTH.label, CLOUD.label)),
                ~select(WebhookDelivery.id).where(WebhookDelivery.event_id == Event.id).exists(),
            )
            .limit(BITE)
        )
        count = _deleted(session, delete(Event).where(Event.id.in_(details)))
        if count < BITE:
            session.execute(update(Installation).values(details_pruned_to=ended[-1][1]))
        return count

    def _next_ended(self, session: Session) -> Sequence[tuple[int, datetime]]:
        pruned_to = session.scalar(select(Installation.details_pruned_to)) or datetime.min.replace(tzinfo=UTC)
        ended = (
            select(Workspace.id, Workspace.terminated_at)
            .where(
                Workspace.phase == Phase.GONE,
                Workspace.terminated_at > pruned_to,
                Workspace.terminated_at <= self._before,
            )
            .order_by(Workspace.terminated_at)
        )
        page = session.execute(ended.limit(DESKTOPS)).all()
        # Desktops that ended together stay together: the mark is a moment.
        together = page and session.execute(ended.where(Workspace.terminated_at <= page[-1][1])).all()
        return [(id_, at) for id_, at in together if at is not None]


def _deleted(session: Session, statement: Delete) -> int:
    return changed_rows(session.execute(statement.execution_options(synchronize_session=False)))
