"""When the newest snapshots of desktops were made, written under the lease."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select

from webapp.domain.snapshots import EVERY, Snapshots
from webapp.engine.desktops import in_use, said_of
from webapp.engine.rows import hold_lease
from webapp.engine.run import Run
from webapp.models import Workspace

FIRST = timedelta(minutes=40)
"""After a desktop became available: by then its first snapshot is usually there."""
YOUNG = timedelta(hours=3)
SOON, LATER = timedelta(hours=1), timedelta(hours=6)
"""When one that had none is asked about again, while it is young and then; and one that gave no answer."""
MADE = EVERY + timedelta(minutes=30)
"""So long after the newest the next is there, if the cloud makes it in time."""
AGAIN = EVERY - timedelta(hours=1)
"""Not more often, also if the cloud makes none any more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A desktop to be asked about."""

    workspace_id: int
    cloud_workspace_id: str


def list_desktops(run: Run, *, now: datetime, most: int) -> list[Asked]:
    """Those whose turn it is, the longest ago first. A call a desktop is dear: two a day are enough."""
    read_at, made_at = Workspace.snapshots_read_at, Workspace.files_snapshot_at
    available_at = func.coalesce(Workspace.available_at, Workspace.created_at)
    is_young = available_at > now - YOUNG
    # Who gives no answer has no time of reading, and must not have every round.
    is_turn_of_unread = now.hour % (LATER // timedelta(hours=1)) == 0
    unread = and_(read_at.is_(None), available_at <= now - FIRST)
    query = (
        select(Workspace.id, Workspace.cloud_workspace_id)
        .where(
            *in_use(run),
            or_(
                unread if is_turn_of_unread else and_(unread, is_young),
                and_(made_at.is_(None), read_at <= now - LATER),
                and_(made_at.is_(None), read_at <= now - SOON, is_young),
                and_(made_at <= now - MADE, read_at <= now - AGAIN),
            ),
        )
        .order_by(func.coalesce(read_at, available_at), Workspace.id)
        .limit(most)
    )
    with run.engine.sessions.begin() as session:
        return [Asked(id_, cloud_id or "") for id_, cloud_id in session.execute(query)]


def write_snapshots(run: Run, desktop: Asked, found: Snapshots | None, *, read_at: datetime) -> None:
    """None: not known of this one, and what was known stays. No new version of the row. Raises LeaseLost."""
    if found is None:
        # Only of a desktop that was read before: without an answer nobody may think that it has none.
        values = {"snapshots_read_at": case((Workspace.snapshots_read_at.is_not(None), read_at))}
    else:
        known = found.not_after(read_at)
        values = {
            "snapshots_read_at": read_at,
            "files_snapshot_at": known.files_at,
            "system_snapshot_at": known.system_at,
        }
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(said_of(desktop.workspace_id, desktop.cloud_workspace_id, values))
