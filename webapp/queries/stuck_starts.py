"""Contracts that need somebody: not ready, never connected, soon at their end. Few, by indexes."""

from datetime import datetime

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import joinedload

from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.starts_and_ends import ENDS_SOON, NEVER_CONNECTED_AFTER, NOT_READY_BEFORE
from webapp.models import Application, DesktopConnection, Workspace
from webapp.models.desktop_connection import IS_NEVER
from webapp.models.workspace import IS_PENDING
from webapp.queries.start import Some
from webapp.queries.workspaces import AnySession

MOST = 100
"""So many are counted; more are “more than 100”."""
_WITH_NAMES = (
    joinedload(Workspace.application).joinedload(Application.seeker),
    joinedload(Workspace.application).joinedload(Application.job_posting),
)
# Composed once, as those of `start`.
_NAMED = select(Workspace).options(*_WITH_NAMES).where(Workspace.id.in_(bindparam("ids", expanding=True)))
_COMPANY, _NOW, _UNTIL = bindparam("company"), bindparam("now"), bindparam("until")
_NEVER_CONNECTED = (
    select(DesktopConnection.workspace_id)
    .join(Workspace, Workspace.id == DesktopConnection.workspace_id)
    .where(
        DesktopConnection.company_id == _COMPANY,
        IS_NEVER,
        DesktopConnection.quiet_since <= bindparam("since"),
        Workspace.desired == Desired.PRESENT,
        Workspace.suspended_at.is_(None),
        or_(Workspace.starts_at.is_(None), Workspace.starts_at <= bindparam("since")),
        Workspace.is_not_over(_NOW),
    )
    .order_by(DesktopConnection.quiet_since, DesktopConnection.workspace_id)
    .limit(MOST + 1)
)
_LATE = (
    select(Workspace.id)
    .where(
        Workspace.company_id == _COMPANY,
        IS_PENDING,
        Workspace.starts_at <= _UNTIL,
        Workspace.is_not_over(_NOW),
    )
    .order_by(Workspace.starts_at, Workspace.id)
    .limit(MOST + 1)
)
_ENDING = (
    select(Workspace.id)
    .where(
        Workspace.company_id == _COMPANY,
        Workspace.ends_at > _NOW,
        Workspace.ends_at <= _UNTIL,
        Workspace.desired == Desired.PRESENT,
        Workspace.phase != Phase.GONE,
        Workspace.suspended_at.is_(None),
    )
    .order_by(Workspace.ends_at, Workspace.id)
    .limit(MOST + 1)
)


def list_never_connected(
    session: AnySession, *, company_id: int, now: datetime, limit: int
) -> Some[Workspace]:
    """Ready, and its contract begun, for two days or longer; who waits longest comes first."""
    asked = {"company": company_id, "since": now - NEVER_CONNECTED_AFTER, "now": now}
    return _first(session, _NEVER_CONNECTED, asked, limit=limit)


def list_late(session: AnySession, *, company_id: int, now: datetime, limit: int) -> Some[Workspace]:
    """Still being created, although the contract begins within a day or has begun; the next start first.

    What has failed is trouble, and listed as such.
    """
    asked = {"company": company_id, "until": now + NOT_READY_BEFORE, "now": now}
    return _first(session, _LATE, asked, limit=limit)


def list_ending(session: AnySession, *, company_id: int, now: datetime, limit: int) -> Some[Workspace]:
    """Whose contract ends within a week and was not extended; the next end first.

    A desktop that somebody ends anyway is not among them.
    """
    asked = {"company": company_id, "until": now + ENDS_SOON, "now": now}
    return _first(session, _ENDING, asked, limit=limit)


def _first(
    session: AnySession, query: Select[int], asked: dict[str, object], *, limit: int
) -> Some[Workspace]:
    ids = list(session.scalars(query, asked))
    if not ids:
        return Some([], 0)
    found = session.scalars(_NAMED, {"ids": ids[:limit]})
    return Some(sorted(found, key=lambda one: ids.index(one.id)), len(ids))
