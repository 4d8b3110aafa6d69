"""How busy desktops were, written under the lease: one row for each that was asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from webapp.domain.loads import Load
from webapp.engine.desktops import in_use
from webapp.engine.rows import hold_lease
from webapp.engine.run import Run
from webapp.models import CloudCredential, DesktopLoad, Workspace


@dataclass(frozen=True, slots=True)
class Measured:
    """A desktop to be asked about."""

    workspace_id: int
    cloud_workspace_id: str


def list_desktops(run: Run, *, read_before: datetime, most: int) -> list[Measured]:
    """Those that are ready and were not read since then; who was never read first, then the longest ago."""
    query = (
        select(Workspace.id, Workspace.cloud_workspace_id)
        .outerjoin(DesktopLoad, DesktopLoad.workspace_id == Workspace.id)
        .where(
            *in_use(run),
            or_(DesktopLoad.workspace_id.is_(None), DesktopLoad.read_at <= read_before),
        )
        .order_by(DesktopLoad.read_at.is_not(None), DesktopLoad.read_at, Workspace.id)
        .limit(most)
    )
    with run.engine.sessions.begin() as session:
        return [Measured(id_, cloud_id or "") for id_, cloud_id in session.execute(query)]


def write_loads(
    run: Run, desktops: Sequence[Measured], loads: Mapping[str, Load], *, read_at: datetime
) -> None:
    """Raises LeaseLost. What the cloud does not know now is known no more."""
    rows = [_columns(one, loads.get(one.cloud_workspace_id), read_at) for one in desktops]
    ids = [one.workspace_id for one in desktops]
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(delete(DesktopLoad).where(DesktopLoad.workspace_id.in_(ids)))
        session.execute(insert(DesktopLoad), rows)


def _columns(desktop: Measured, load: Load | None, read_at: datetime) -> dict[str, Any]:
    return {
        "workspace_id": desktop.workspace_id,
        "days": load.days if load else 0,
        "cpu_percent": load.cpu_percent if load else None,
        "memory_percent": load.memory_percent if load else None,
        "read_at": read_at,
    }


def write_visible(run: Run, *, hidden_at: datetime | None) -> None:
    """Since when the key may not see it; None: it may. Raises LeaseLost."""
    before = run.credential.loads_hidden_at
    if (before is None) is (hidden_at is None):
        return
    change = update(CloudCredential).where(CloudCredential.id == run.credential.id)
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(change.values(loads_hidden_at=hidden_at))
    run.credential.loads_hidden_at = hidden_at
