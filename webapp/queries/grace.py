"""How long a company keeps what is terminated, and which desktops are kept."""

from collections.abc import Sequence

from sqlalchemy import select

from webapp.domain.access import Because
from webapp.domain.lifecycle import Desired
from webapp.models import Company, Workspace
from webapp.models.schedule import MOST_AT_ONCE
from webapp.queries.workspaces import AnySession


def grace_days_of(session: AnySession, *, company_id: int) -> int:
    return session.scalar(select(Company.grace_days).where(Company.id == company_id)) or 0


def list_undoable(session: AnySession, ids: Sequence[int], *, company_id: int) -> list[int]:
    """Those of them whose termination can be undone."""
    found = select(Workspace.id).where(
        Workspace.id.in_(ids[:MOST_AT_ONCE]),
        Workspace.company_id == company_id,
        Workspace.suspended_because == Because.TERMINATE_REQUESTED,
        Workspace.desired == Desired.PRESENT,
    )
    return list(session.scalars(found.order_by(Workspace.id)))
