"""Queries of a provider's start page: who and what waits, and the totals.

A constant number of queries and of rows, however much the company has: the totals are its tallies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.diagnosis import USUAL_END
from webapp.domain.lifecycle import Desired, Phase, State
from webapp.domain.orphans import OrphanStatus
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, CloudCredential, Event, JobPosting, Orphan, Workspace
from webapp.models.application import NO_DESKTOP
from webapp.providers.registry import list_providers
from webapp.queries.branches import first_of_each

AnySession = Session | scoped_session[Session]
T = TypeVar("T")

TROUBLED = (State.ERROR, State.UNHEALTHY, State.SUSPENDED)
MOVING = tuple(state.value for state in State if state.is_moving)
_WITH_PERSON = (joinedload(Application.job_posting), joinedload(Application.seeker))


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """The first few of a longer list, and how long it is."""

    rows: list[T]
    total: int


def count_states(tallies: Mapping[str, int]) -> dict[State, int]:
    """How many workspaces are in which state; what has ended is not counted."""
    return {
        state: tallies[state.value]
        for state in State
        if state is not State.TERMINATED and tallies.get(state.value)
    }


def list_troubled(
    session: AnySession, *, company_id: int, now: datetime, tallies: Mapping[str, int], limit: int
) -> Some[Workspace]:
    """What failed, does not respond, or takes longer than usual; the latest failure first."""
    own = select(Workspace.id).where(Workspace.company_id == company_id)
    stuck = own.where(Workspace.listed_state.in_(MOVING), is_stuck(now))
    branches = [stuck.limit(limit)]
    for state in TROUBLED:
        of_state = own.where(Workspace.listed_state == state.value)
        # Apart, because the databases do not agree where NULL comes in an order.
        for error_at in (Workspace.error_at.is_not(None), Workspace.error_at.is_(None)):
            latest = of_state.where(error_at).order_by(Workspace.error_at.desc(), Workspace.id.desc())
            branches.append(latest.limit(limit))
    found = session.execute(
        select(Workspace, select(func.count()).select_from(stuck.subquery()).scalar_subquery())
        .options(
            joinedload(Workspace.application).joinedload(Application.seeker),
            joinedload(Workspace.application).joinedload(Application.job_posting),
        )
        .where(Workspace.id.in_(first_of_each(branches)))
        .order_by(Workspace.error_at.is_(None), Workspace.error_at.desc(), Workspace.id.desc())
        .limit(limit)
    ).all()
    known = sum(tallies.get(state.value, 0) for state in TROUBLED)
    return Some([row for row, _ in found], known + (found[0][1] if found else 0))


def is_stuck(now: datetime) -> ColumnElement[bool]:
    """Takes longer than is usual in its cloud (`CloudAdvice.usual`)."""
    last_word = select(func.max(Event.at)).where(Event.workspace_id == Workspace.id).scalar_subquery()
    is_ending = and_(Workspace.desired == Desired.ABSENT, Workspace.phase != Phase.GONE)
    slow: list[ColumnElement[bool]] = [and_(is_ending, last_word < now - USUAL_END)]
    for provider in list_providers():
        usual = provider.advice.usual
        is_late = [
            and_(
                Workspace.listed_state == State.PENDING.value,
                func.coalesce(Workspace.issued_at, Workspace.created_at) < now - usual.create,
            )
        ]
        is_late += [
            and_(Workspace.requested_action == action, Workspace.action_requested_at < now - span)
            for action, span in usual.actions.items()
        ]
        slow.append(and_(Workspace.cloud_provider == provider.key, or_(*is_late)))
    return or_(*slow)


def list_undecided(session: AnySession, *, company_id: int, limit: int) -> list[Application]:
    """Undecided applications, the oldest first."""
    query = (
        select(Application)
        .options(*_WITH_PERSON)
        .where(Application.company_id == company_id, Application.status == ApplicationStatus.SUBMITTED)
        .order_by(Application.created_at, Application.id)
    )
    return list(session.scalars(query.limit(limit)))


def list_unserved(session: AnySession, *, company_id: int, limit: int) -> list[Application]:
    """Approved people for whom nothing was ordered, or whose desktop is gone; in the order of approval.

    A failed order is listed under trouble instead.
    """
    query = (
        select(Application)
        .options(*_WITH_PERSON)
        .where(
            Application.company_id == company_id,
            Application.status == ApplicationStatus.APPROVED,
            Application.desktop == NO_DESKTOP,
        )
        .order_by(Application.decided_at, Application.id)
    )
    return list(session.scalars(query.limit(limit)))


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
