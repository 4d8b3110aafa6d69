"""Queries of a provider's start page: who and what waits, and the totals.

A constant number of queries and of rows, however much the company has: the totals are its tallies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.diagnosis import USUAL_END
from webapp.domain.lifecycle import Desired, Phase, State
from webapp.domain.orphans import OrphanStatus
from webapp.domain.roles import ApplicationStatus
from webapp.domain.system_images import ImageState
from webapp.models import Application, CloudCredential, Event, JobPosting, Orphan, SystemImage, Workspace
from webapp.models.application import NO_DESKTOP
from webapp.providers.registry import get_provider, list_providers
from webapp.queries.branches import MOST_COUNTED, first_of_each, some_counted

AnySession = Session | scoped_session[Session]
T = TypeVar("T")

TROUBLED = (State.ERROR, State.UNHEALTHY, State.SUSPENDED)
MOVING = tuple(state.value for state in State if state.is_moving)
ENDING = "ending"

# Composed once: the page is read whenever anything in the company changes.
_OF_COMPANY = (
    select(Application)
    .options(joinedload(Application.job_posting), joinedload(Application.seeker))
    .where(Application.company_id == bindparam("company"))
    .limit(bindparam("most", type_=Integer))
)
_UNDECIDED = _OF_COMPANY.where(Application.status == ApplicationStatus.SUBMITTED).order_by(
    Application.created_at, Application.id
)
_UNSERVED_IDS = [
    select(Application.id).where(
        Application.company_id == bindparam("company"),
        Application.status == ApplicationStatus.APPROVED,
        Application.desktop == NO_DESKTOP,
        is_not_over,
    )
    for is_not_over in Application.not_over_apart(bindparam("now"))
]
_LONGEST_FIRST = (Application.decided_at, Application.id)
_FIRST_UNSERVED = [
    one.order_by(*_LONGEST_FIRST).limit(bindparam("most", type_=Integer)) for one in _UNSERVED_IDS
]
_UNSERVED = _OF_COMPANY.where(Application.id.in_(first_of_each(_FIRST_UNSERVED))).order_by(*_LONGEST_FIRST)
_COUNT_UNSERVED = some_counted(*_UNSERVED_IDS)
_HAS_IMAGE_UNDERWAY = (
    select(SystemImage.id)
    .where(SystemImage.workspace_id == Workspace.id, SystemImage.state == ImageState.INTENT)
    .exists()
)
_COUNT_HELD = select(func.count(Workspace.id)).where(
    Workspace.company_id == bindparam("company"),
    Workspace.listed_state == State.SUSPENDED.value,
    _HAS_IMAGE_UNDERWAY,
)
_OPEN_ORPHANS = (
    select(Orphan.kind, func.count())
    .join(Orphan.credential)
    .where(
        Orphan.company_id == bindparam("company"),
        Orphan.status == OrphanStatus.OPEN,
        ~CloudCredential.is_deleted,
    )
    .group_by(Orphan.kind)
)
_WAITS = (
    select(Workspace.issued_at, Workspace.available_at)
    .where(
        Workspace.company_id == bindparam("company"),
        Workspace.available_at > bindparam("since"),
        Workspace.available_at > Workspace.issued_at,  # a move is a newer create of a ready one
    )
    .order_by(Workspace.available_at.desc(), Workspace.id.desc())
    .limit(bindparam("most", type_=Integer))
)


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
    """What failed, does not respond, or takes longer than usual; the latest failure first.

    Not what the cloud holds while it creates an image that somebody asked for.
    """
    known = sum(tallies.get(state.value, 0) for state in TROUBLED)
    if tallies.get(State.SUSPENDED.value):
        known -= session.scalar(_COUNT_HELD, {"company": company_id}) or 0
    if known < 1 and not any(tallies.get(state) for state in MOVING):
        return Some([], 0)
    providers = tuple(one.key for one in list_providers())
    since = {name: now - span for name, span in _usual_spans(providers).items()}
    asked = {"company": company_id, "most": limit, **since}
    found = session.execute(_troubled(providers), asked).all()
    return Some([row for row, _ in found], known + (found[0][1] if found else 0))


@cache
def _troubled(providers: tuple[str, ...]) -> Select[Workspace, int]:
    """Composed once; the count is of those that take longer than usual."""
    own = select(Workspace.id).where(Workspace.company_id == bindparam("company"))
    stuck = own.where(Workspace.listed_state.in_(MOVING), _is_stuck(providers))
    most = bindparam("most", type_=Integer)
    branches = [stuck.limit(most)]
    for state in TROUBLED:
        of_state = own.where(Workspace.listed_state == state.value)
        if state is State.SUSPENDED:
            of_state = of_state.where(~_HAS_IMAGE_UNDERWAY)
        # Apart, because the databases do not agree where NULL comes in an order.
        for error_at in (Workspace.error_at.is_not(None), Workspace.error_at.is_(None)):
            latest = of_state.where(error_at).order_by(Workspace.error_at.desc(), Workspace.id.desc())
            branches.append(latest.limit(most))
    return (
        select(Workspace, select(func.count()).select_from(stuck.subquery()).scalar_subquery())
        .options(
            joinedload(Workspace.application).joinedload(Application.seeker),
            joinedload(Workspace.application).joinedload(Application.job_posting),
        )
        .where(Workspace.id.in_(first_of_each(branches)))
        .order_by(Workspace.error_at.is_(None), Workspace.error_at.desc(), Workspace.id.desc())
        .limit(most)
    )


def _is_stuck(providers: tuple[str, ...]) -> ColumnElement[bool]:
    """Takes longer than is usual in its cloud (`CloudAdvice.usual`), asked with `_usual_spans` before now."""
    last_word = select(func.max(Event.at)).where(Event.workspace_id == Workspace.id).scalar_subquery()
    is_ending = and_(Workspace.desired == Desired.ABSENT, Workspace.phase != Phase.GONE)
    slow: list[ColumnElement[bool]] = [and_(is_ending, last_word < bindparam(ENDING))]
    for key in providers:
        is_late = [
            and_(
                Workspace.listed_state == State.PENDING.value,
                Workspace.suspended_at.is_(None),  # nothing is created after the contract
                Workspace.moved_at.is_(None),  # a move takes longer, and ends by itself
                func.coalesce(Workspace.issued_at, Workspace.make_at, Workspace.created_at)
                < bindparam(f"{key} create"),
            )
        ]
        is_late += [
            and_(
                Workspace.requested_action == action,
                Workspace.action_requested_at < bindparam(f"{key} {action}"),
            )
            for action in get_provider(key).advice.usual.actions
        ]
        slow.append(and_(Workspace.cloud_provider == key, or_(*is_late)))
    return or_(*slow)


def _usual_spans(providers: tuple[str, ...]) -> dict[str, timedelta]:
    spans = {ENDING: USUAL_END}
    for key in providers:
        usual = get_provider(key).advice.usual
        spans[f"{key} create"] = usual.create
        spans |= {f"{key} {action}": span for action, span in usual.actions.items()}
    return spans


def list_undecided(session: AnySession, *, company_id: int, limit: int) -> list[Application]:
    """Undecided applications, the oldest first."""
    return list(session.scalars(_UNDECIDED, {"company": company_id, "most": limit}))


def list_unserved(session: AnySession, *, company_id: int, now: datetime, limit: int) -> Some[Application]:
    """Approved people for whom nothing was ordered, or whose desktop is gone; in the order of approval.

    Counted until there are more than MOST_COUNTED. A failed order is listed under trouble instead, and whose
    contract is over waits for none.
    """
    asked = {"company": company_id, "now": now}
    found = list(session.scalars(_UNSERVED, asked | {"most": limit}))
    if len(found) < limit:
        return Some(found, len(found))
    return Some(found, min(session.scalar(_COUNT_UNSERVED, asked) or 0, MOST_COUNTED + 1))


def count_open_orphans(session: AnySession, *, company_id: int) -> dict[str, int]:
    """Machines without a workspace about which nobody has decided, by kind."""
    found = session.execute(_OPEN_ORPHANS, {"company": company_id})
    return {kind.value: count for kind, count in found}


def has_posting(session: AnySession, *, company_id: int) -> bool:
    return (
        session.scalar(select(JobPosting.id).where(JobPosting.company_id == company_id).limit(1)) is not None
    )


def list_recent_waits(
    session: AnySession, *, company_id: int, since: datetime, limit: int = 200
) -> list[float]:
    """Seconds from newest create to availability, of what became available since then; the newest first."""
    found = session.execute(_WAITS, {"company": company_id, "since": since, "most": limit})
    return [(ready_at - issued_at).total_seconds() for issued_at, ready_at in found if ready_at and issued_at]
