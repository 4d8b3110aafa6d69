"""Contracts that need somebody: not ready, never connected, soon at their end. Few, by indexes."""

from datetime import datetime

from sqlalchemy import or_, select
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


def list_never_connected(
    session: AnySession, *, company_id: int, now: datetime, limit: int
) -> Some[Workspace]:
    """Ready, and its contract begun, for two days or longer; who waits longest comes first."""
    since = now - NEVER_CONNECTED_AFTER
    waiting = session.execute(
        select(DesktopConnection.workspace_id)
        .join(Workspace, Workspace.id == DesktopConnection.workspace_id)
        .where(
            DesktopConnection.company_id == company_id,
            IS_NEVER,
            DesktopConnection.quiet_since <= since,
            Workspace.desired == Desired.PRESENT,
            Workspace.suspended_at.is_(None),
            or_(Workspace.starts_at.is_(None), Workspace.starts_at <= since),
            or_(Workspace.ends_at.is_(None), Workspace.ends_at > now),
        )
        .order_by(DesktopConnection.quiet_since, DesktopConnection.workspace_id)
        .limit(MOST + 1)
    )
    ids = [workspace_id for (workspace_id,) in waiting]
    return Some(_rows(session, ids[:limit]), len(ids)) if ids else Some([], 0)


def list_late(session: AnySession, *, company_id: int, now: datetime, limit: int) -> Some[Workspace]:
    """Still being created, although the contract begins within a day or has begun; the next start first.

    What has failed is trouble, and listed as such.
    """
    found = session.execute(
        select(Workspace.id)
        .where(
            Workspace.company_id == company_id,
            IS_PENDING,
            Workspace.starts_at <= now + NOT_READY_BEFORE,
            or_(Workspace.ends_at.is_(None), Workspace.ends_at > now),
        )
        .order_by(Workspace.starts_at, Workspace.id)
        .limit(MOST + 1)
    )
    ids = [workspace_id for (workspace_id,) in found]
    return Some(_rows(session, ids[:limit]), len(ids)) if ids else Some([], 0)


def list_ending(session: AnySession, *, company_id: int, now: datetime, limit: int) -> Some[Workspace]:
    """Whose contract ends within a week and was not extended; the next end first.

    A desktop that somebody ends anyway is not among them.
    """
    found = session.execute(
        select(Workspace.id)
        .where(
            Workspace.company_id == company_id,
            Workspace.ends_at > now,
            Workspace.ends_at <= now + ENDS_SOON,
            Workspace.desired == Desired.PRESENT,
            Workspace.phase != Phase.GONE,
            Workspace.suspended_at.is_(None),
        )
        .order_by(Workspace.ends_at, Workspace.id)
        .limit(MOST + 1)
    )
    ids = [workspace_id for (workspace_id,) in found]
    return Some(_rows(session, ids[:limit]), len(ids)) if ids else Some([], 0)


def _rows(session: AnySession, ids: list[int]) -> list[Workspace]:
    found = session.scalars(select(Workspace).options(*_WITH_NAMES).where(Workspace.id.in_(ids)))
    return sorted(found, key=lambda one: ids.index(one.id))
