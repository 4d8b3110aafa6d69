"""When the newest snapshots of desktops were made, written under the lease."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.snapshots import Snapshots
from webapp.engine.rows import hold_lease
from webapp.engine.run import Run
from webapp.models import Workspace
from webapp.models.workspace import IS_LIVE

SOON, LATER = timedelta(minutes=30), timedelta(hours=6)
"""When a desktop is asked about again that had none, and one that had."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A desktop to be asked about."""

    workspace_id: int
    cloud_workspace_id: str


def list_desktops(run: Run, *, now: datetime, most: int) -> list[Asked]:
    """Those whose turn it is; who was never read first, then the longest ago."""
    read_at = Workspace.snapshots_read_at
    query = (
        select(Workspace.id, Workspace.cloud_workspace_id)
        .where(
            Workspace.company_id == run.credential.company_id,
            Workspace.credential_id == run.credential.id,
            IS_LIVE,
            Workspace.phase == Phase.READY,
            Workspace.desired == Desired.PRESENT,
            Workspace.cloud_workspace_id.is_not(None),
            or_(
                read_at.is_(None),
                read_at <= now - LATER,
                and_(Workspace.files_snapshot_at.is_(None), read_at <= now - SOON),
            ),
        )
        .order_by(read_at.is_not(None), read_at, Workspace.id)
        .limit(most)
    )
    with run.engine.sessions.begin() as session:
        return [Asked(id_, cloud_id or "") for id_, cloud_id in session.execute(query)]


def write_snapshots(run: Run, desktop: Asked, found: Snapshots | None, *, read_at: datetime) -> None:
    """None: not known of this one, and what was known stays. No new version of the row. Raises LeaseLost."""
    values = {"snapshots_read_at": read_at}
    if found is not None:
        known = found.not_after(read_at)
        values |= {"files_snapshot_at": known.files_at, "system_snapshot_at": known.system_at}
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(
            update(Workspace)
            # Another machine since: what was read is not about it.
            .where(
                Workspace.id == desktop.workspace_id,
                Workspace.cloud_workspace_id == desktop.cloud_workspace_id,
            )
            .values(values)
            .execution_options(synchronize_session=False)
        )
