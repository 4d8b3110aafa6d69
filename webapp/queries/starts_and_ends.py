"""Contracts that start or end in a span of time, with their desktops: three questions, however many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.domain.roles import ApplicationStatus
from webapp.domain.starts_and_ends import Contract, Turn
from webapp.models import Application, Workspace
from webapp.models.workspace import is_live
from webapp.queries.connections import last_connection
from webapp.queries.start import TROUBLED
from webapp.queries.workspaces import IS_LISTED, AnySession

MOST = 200
"""Of each kind; whoever has more looks at the list of desktops."""


@dataclass(frozen=True, slots=True)
class Entry:
    turn: Turn
    at: datetime
    application: Application
    workspace: Workspace | None
    """The live one, else the newest."""
    contract: Contract


@dataclass(frozen=True, slots=True)
class Found:
    entries: list[Entry]
    """By time."""
    has_more: bool


def list_turns(session: AnySession, *, company_id: int, since: datetime, until: datetime) -> Found:
    """An end at the instant of `since` was the day before; one at `until` is the end of the last day."""
    starts = _between(session, Turn.STARTS, since, until, company_id=company_id)
    ends = _between(session, Turn.ENDS, since, until, company_id=company_id)
    ids = {one.id for one in (*starts[:MOST], *ends[:MOST])}
    desktops = _desktops(session, sorted(ids), company_id=company_id)
    entries = [
        _entry(turn, one, desktops.get(one.id))
        for turn, found in ((Turn.STARTS, starts), (Turn.ENDS, ends))
        for one in found[:MOST]
    ]
    entries.sort(key=lambda one: (one.at, one.application.seeker.name.lower(), one.application.id))
    return Found(entries, has_more=max(len(starts), len(ends)) > MOST)


def _between(
    session: AnySession, turn: Turn, since: datetime, until: datetime, *, company_id: int
) -> Sequence[Application]:
    column = Application.starts_at if turn is Turn.STARTS else Application.ends_at
    span = (column >= since, column < until) if turn is Turn.STARTS else (column > since, column <= until)
    return session.scalars(
        select(Application)
        .options(joinedload(Application.seeker), joinedload(Application.job_posting))
        .where(Application.company_id == company_id, Application.status == ApplicationStatus.APPROVED, *span)
        .order_by(column, Application.id)
        .limit(MOST + 1)
    ).all()


def _desktops(session: AnySession, ids: Sequence[int], *, company_id: int) -> dict[int, Workspace]:
    found = session.scalars(
        select(Workspace)
        .options(joinedload(Workspace.desktop_connection))
        # As a sum the company is no key for SQLite, which would read all of it rather than these few.
        .where(Workspace.application_id.in_(ids), Workspace.company_id + 0 == company_id, IS_LISTED)
        .order_by(Workspace.id)
    ).all()
    newest = {one.application_id: one for one in found}
    return newest | {one.application_id: one for one in found if is_live(one)}


def _entry(turn: Turn, application: Application, workspace: Workspace | None) -> Entry:
    at = application.starts_at if turn is Turn.STARTS else application.ends_at
    assert at is not None  # the query asked for it
    return Entry(turn, at, application, workspace, _contract(application, workspace))


def _contract(application: Application, workspace: Workspace | None) -> Contract:
    known = last_connection(workspace.desktop_connection, looked_at=None) if workspace else None
    return Contract(
        starts_at=application.starts_at,
        ends_at=application.ends_at,
        has_desktop=workspace is not None and is_live(workspace),
        is_ready=workspace is not None and workspace.available_at is not None,
        has_failed=workspace is not None and workspace.state in TROUBLED,
        is_never_connected=known is not None and known.is_never,
        is_suspended=workspace is not None and workspace.suspended_at is not None,
        is_time_asked=application.extension_asked_at is not None
        and (workspace is None or workspace.may_be_extended),
    )
