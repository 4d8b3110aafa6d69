"""How busy a workspace was, and on how many days somebody used it."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import DesktopLoad, UseDay, Workspace

AnySession = Session | scoped_session[Session]


def find_load(session: AnySession, workspace: Workspace) -> DesktopLoad | None:
    """Of a workspace that was loaded inside its tenant."""
    return session.get(DesktopLoad, workspace.id)


def count_use_days(session: AnySession, workspace: Workspace, *, first: date, last: date) -> int:
    """Days (UTC) with somebody connected; 0 also where nobody may see that."""
    days = select(func.count()).where(
        UseDay.workspace_id == workspace.id, UseDay.day >= first, UseDay.day <= last
    )
    return session.scalar(days) or 0
