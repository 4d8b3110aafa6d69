"""What is recorded about the use of one's own desktop, for the person who uses it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp.models import DesktopConnection, UseDay, Workspace
from webapp.queries.workspaces import AnySession


@dataclass(frozen=True, slots=True)
class OwnUse:
    days: int
    """On so many days somebody was connected; those that are kept."""
    first_at: datetime | None
    last_at: datetime | None


def read_own_use(session: AnySession, workspace: Workspace) -> OwnUse:
    """Of a workspace that was loaded as the person's own; one question."""
    days = (
        select(func.count()).select_from(UseDay).where(UseDay.workspace_id == workspace.id).scalar_subquery()
    )
    found = session.execute(
        select(days, DesktopConnection.first_connected_at, DesktopConnection.last_connected_at)
        .select_from(Workspace)
        .outerjoin(DesktopConnection, DesktopConnection.workspace_id == Workspace.id)
        .where(Workspace.id == workspace.id)
    ).one()
    return OwnUse(*found)
