"""Queries of a provider's start page: who and what waits, and the totals.

A constant number of queries, however much the company has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.diagnosis import USUAL_END
from webapp.domain.lifecycle import Desired, Phase, State
from webapp.domain.orphans import OrphanStatus
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, CloudCredential, Event, JobPosting, Orphan, Workspace
from webapp.providers.registry import list_providers
from webapp.queries.workspace_lists import state_of
from webapp.queries.workspaces import IS_LISTED

AnySession = Session | scoped_session[Session]
T = TypeVar("T")

TROUBLED = (State.ERROR, State.UNHEALTHY, State.SUSPENDED)
_WITH_PERSON = (joinedload(Application.job_posting), joinedload(Application.seeker))


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """The first few of a longer list, and how long it is."""

    rows: list[T]
    total: int


def count_states(session: AnySession, *, company_id: int) -> dict[State, int]:
    """How many workspaces are in which state; what has ended is not counted."""
    state = state_of(Workspace)
    found = session.execute(
        select(state, func.count())
        .where(Workspace.company_id == company_id, IS_LISTED, Workspace.phase != Phase.GONE)
        .group_by(state)
    )
    return {State(name): count for name, count in found}


def list_troubled(session: AnySession, *, company_id: int, now: datetime, limit: int) -> Some[Workspace]:
    """What failed, does not respond, or takes longer than usual; the latest failure first."""
    query = (
        select(Workspace)
        .options(
            joinedload(Workspace.application).joinedload(Application.seeker),
            joinedload(Workspace.application).joinedload(Application.job_posting),
        )
        .where(
            Workspace.company_id == company_id,
            IS_LISTED,
            Workspace.phase != Phase.GONE,
            or_(state_of(Workspace).in_([state.value for state in TROUBLED]), is_stuck(now)),
        )
        .order_by(Workspace.error_at.is_(None), Workspace.error_at.desc(), Workspace.id.desc())
    )
    return _some(session, query, limit)


def is_stuck(now: datetime) -> ColumnElement[bool]:
    """Takes longer than is usual in its cloud (`CloudAdvice.usual`)."""
    last_word = select(func.max(Event.at)).where(Event.workspace_id == Workspace.id).scalar_subquery()
    is_ending = and_(Workspace.desired == Desired.ABSENT, Workspace.phase != Phase.GONE)
    slow: list[ColumnElement[bool]] = [and_(is_ending, last_word < now - USUAL_END)]
    for provider in list_providers():
        usual = provider.advice.usual
        is_late = [
            and_(
                state_of(Workspace) == State.PENDING.value,
                func.coalesce(Workspace.issued_at, Workspace.created_at) < now - usual.create,
            )
        ]
        is_late += [
            and_(Workspace.requested_action == action, Workspace.action_requested_at < now - span)
            for action, span in usual.actions.items()
        ]
        slow.append(and_(Workspace.cloud_provider == provider.key, or_(*is_late)))
    return or_(*slow)


def list_undecided(session: AnySession, *, company_id: int, limit: int) -> Some[Application]:
    """Undecided applications, the oldest first."""
    query = (
        select(Application)
        .options(*_WITH_PERSON)
        .where(Application.company_id == company_id, Application.status == ApplicationStatus.SUBMITTED)
        .order_by(Application.created_at, Application.id)
    )
    return _some(session, query, limit)


def list_unserved(session: AnySession, *, company_id: int, limit: int) -> Some[Application]:
    """Approved people for whom nothing was ordered, or whose desktop is gone; in the order of approval.

    A failed order is listed under trouble instead.
    """
    is_served = (
        select(Workspace.id)
        .where(Workspace.application_id == Application.id, IS_LISTED, Workspace.phase != Phase.GONE)
        .exists()
    )
    query = (
        select(Application)
        .options(*_WITH_PERSON)
        .where(
            Application.company_id == company_id,
            Application.status == ApplicationStatus.APPROVED,
            ~is_served,
        )
        .order_by(Application.decided_at, Application.id)
    )
    return _some(session, query, limit)


def count_open_orphans(session: AnySession, *, company_id: int) -> dict[str, int]:
    """Machines without a workspace about which nobody has decided, by kind."""
    found = session.execute(
        select(Orphan.kind, func.count())
        .join(Orphan.credential)
        .where(
            Orphan.company_id == company_id,
            Orphan.status == OrphanStatus.OPEN,
            ~CloudCredential.is_deleted,
        )
        .group_by(Orphan.kind)
    )
    return {kind.value: count for kind, count in found}


def has_posting(session: AnySession, *, company_id: int) -> bool:
    return (
        session.scalar(select(JobPosting.id).where(JobPosting.company_id == company_id).limit(1)) is not None
    )


def list_recent_waits(
    session: AnySession, *, company_id: int, since: datetime, limit: int = 200
) -> list[float]:
    """Seconds from the order to availability, of what became available since then; the newest first."""
    found = session.execute(
        select(Workspace.created_at, Workspace.available_at)
        .where(Workspace.company_id == company_id, Workspace.available_at > since)
        .order_by(Workspace.available_at.desc(), Workspace.id.desc())
        .limit(limit)
    )
    return [(ready_at - ordered_at).total_seconds() for ordered_at, ready_at in found if ready_at]


def _some(session: AnySession, query: Select[T], limit: int) -> Some[T]:
    """One query for the rows and their number: every row includes the number."""
    found: Sequence[tuple[T, int]] = session.execute(
        query.add_columns(func.count().over()).limit(limit)
    ).all()
    return Some([row for row, _ in found], found[0][1] if found else 0)
