"""Workspaces, inside their company or through the seeker's own application."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Integer, Select, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.decisions.note import Level
from webapp.domain.errors import NotFound
from webapp.domain.lifecycle import SETTLED_WITHOUT_MACHINE, Desired, Phase
from webapp.domain.sentences import say
from webapp.models import Application, Event, JobPosting, Workspace
from webapp.models.workspace import IS_LIVE
from webapp.queries.branches import count_some

AnySession = Session | scoped_session[Session]
T = TypeVar("T")

_WITH_NAMES = (
    joinedload(Workspace.application).joinedload(Application.seeker),
    joinedload(Workspace.application).joinedload(Application.job_posting),
    joinedload(Workspace.credential),
    joinedload(Workspace.desktop_connection),
)
IS_LISTED = or_(~Workspace.is_deleted, Workspace.phase.not_in(list(SETTLED_WITHOUT_MACHINE)))
_ONE = (
    select(Workspace)
    .options(*_WITH_NAMES)
    .where(Workspace.id == bindparam("id"), Workspace.company_id == bindparam("company"), IS_LISTED)
    .execution_options(populate_existing=True)
)
_EVENTS = (
    select(Event)
    .where(Event.workspace_id == bindparam("workspace"))
    .order_by(Event.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def get_workspace(session: AnySession, workspace_id: int, *, company_id: int) -> Workspace:
    workspace = find_workspace(session, workspace_id, company_id=company_id)
    if workspace is None:
        raise NotFound(say("Desktop not found."))
    return workspace


def find_workspace(session: AnySession, workspace_id: int, *, company_id: int) -> Workspace | None:
    """Read afresh: a worker changes rows at any time."""
    return session.scalar(_ONE, {"id": workspace_id, "company": company_id})


def get_own_workspace(session: AnySession, workspace_id: int, *, seeker_id: int) -> Workspace:
    """A seeker's own workspace, through the application."""
    workspace = session.scalar(
        _own(seeker_id).where(Workspace.id == workspace_id).execution_options(populate_existing=True)
    )
    if workspace is None:
        raise NotFound(say("Desktop not found."))
    return workspace


def list_own_workspaces(session: AnySession, *, seeker_id: int) -> list[Workspace]:
    """A seeker's workspaces that have not ended, newest first."""
    living = _own(seeker_id).where(Workspace.phase != Phase.GONE)
    return list(session.scalars(living.order_by(Workspace.created_at.desc(), Workspace.id.desc())))


def list_by_ids(session: AnySession, ids: Sequence[int], *, company_id: int) -> list[Workspace]:
    """Those of these that are the company's, by the person's name."""
    found = session.scalars(
        select(Workspace)
        .options(*_WITH_NAMES)
        # As a sum the company is no key for SQLite, which would read all of it rather than these few.
        .where(Workspace.id.in_(ids), Workspace.company_id + 0 == company_id, IS_LISTED)
        .order_by(Workspace.id)
        .execution_options(populate_existing=True)
    )
    return sorted(found, key=lambda one: (one.application.seeker.name.lower(), one.id))


def find_live_for_application(session: AnySession, application_id: int) -> Workspace | None:
    return session.scalar(select(Workspace).where(Workspace.application_id == application_id, IS_LIVE))


def list_live_by_application(
    session: AnySession, application_ids: Sequence[int], *, company_id: int
) -> dict[int, Workspace]:
    """The live workspace of each of these applications that has one, by the application's id."""
    found = session.scalars(
        select(Workspace)
        # As a sum the company is no key for SQLite, which would read all of it rather than these few.
        .where(Workspace.application_id.in_(application_ids), Workspace.company_id + 0 == company_id, IS_LIVE)
        .order_by(Workspace.id)
    )
    return {workspace.application_id: workspace for workspace in found}


def find_live_in_slot(session: AnySession, slot: str) -> Workspace | None:
    return session.scalar(select(Workspace).where(Workspace.slot == slot, IS_LIVE))


def list_kept_by_person(
    session: AnySession, seeker_ids: Collection[int], *, company_id: int
) -> dict[int, Workspace]:
    """Of each of these people the desktop that is kept after a contract and can still come back."""
    found = session.scalars(
        select(Workspace)
        .join(Workspace.application)
        .options(*_WITH_NAMES)
        .where(
            Application.seeker_id.in_(seeker_ids),
            # As a sum the company is no key for SQLite, which would read all of it rather than these few.
            Application.company_id + 0 == company_id,
            Workspace.company_id + 0 == company_id,
            Workspace.suspended_at.is_not(None),
            Workspace.desired == Desired.PRESENT,
            Workspace.phase.in_([Phase.READY, Phase.LOST]),
        )
        .order_by(Workspace.id)
    )
    return {one.application.seeker_id: one for one in found}


def list_events(session: AnySession, *, workspace: Workspace, limit: int = 200) -> list[Event]:
    """The log of a workspace that the caller has already loaded inside its tenant; newest first."""
    return list(session.scalars(_EVENTS, {"workspace": workspace.id, "most": limit}))


def last_message(session: AnySession, workspace: Workspace) -> str:
    """The newest sentence of its log; empty if it has none."""
    return next((one.message for one in list_events(session, workspace=workspace, limit=1)), "")


def list_log(
    session: AnySession, *, workspace: Workspace, level: Level | None, limit: int, before_id: int | None
) -> list[Event]:
    """A page of the log, newest first; of one level, after the line `before_id`."""
    query = _log(workspace, level)
    if before_id is not None:
        query = query.where(Event.id < before_id)
    return list(session.scalars(query.order_by(Event.id.desc()).limit(limit)))


def count_log(session: AnySession, *, workspace: Workspace, level: Level | None) -> int:
    """Until there are more than MOST_COUNTED."""
    return count_some(session, _log(workspace, level).with_only_columns(Event.id))


def _log(workspace: Workspace, level: Level | None) -> Select[Event]:
    query = select(Event).where(Event.workspace_id == workspace.id)
    return query if level is None else query.where(Event.level == level)


def list_steps(session: AnySession, *, workspace: Workspace) -> list[tuple[datetime, str, str | None]]:
    """When what happened, and the state after it; oldest first."""
    found = session.execute(
        select(Event.at, Event.event, Event.to_state)
        .where(Event.workspace_id == workspace.id)
        .order_by(Event.id)
    )
    return [(at, event, state) for at, event, state in found]


def _own(seeker_id: int) -> Select[Workspace]:
    return (
        select(Workspace)
        .join(Workspace.application)
        .options(
            joinedload(Workspace.application)
            .joinedload(Application.job_posting)
            .joinedload(JobPosting.company),
            joinedload(Workspace.credential),
        )
        .where(Application.seeker_id == seeker_id, IS_LISTED)
    )


def find_replacement(session: AnySession, workspace: Workspace) -> Workspace | None:
    """The company's desktop because of which this failed order cannot be tried again."""
    if workspace.phase is not Phase.CREATE_FAILED:
        return None
    other = find_live_for_application(session, workspace.application_id)
    other = other or find_live_in_slot(session, workspace.slot)
    is_other = other is not None and other.id != workspace.id and other.company_id == workspace.company_id
    return other if is_other else None


def matching(query: Select[T], *, cloud_provider: str | None, application_id: int | None) -> Select[T]:
    """The filters that every list of workspaces has."""
    if cloud_provider:
        query = query.where(Workspace.cloud_provider == cloud_provider)
    if application_id is not None:
        query = query.where(Workspace.application_id == application_id)
    return query
