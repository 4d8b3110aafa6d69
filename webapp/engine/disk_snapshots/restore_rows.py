"""The rows of restores by disks: read detached, written under the lease."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.domain.decisions.decision import Decision
from webapp.domain.disk_restores import OPEN, RestoreState, name_of
from webapp.domain.disk_snapshots import SnapshotState
from webapp.engine.desktops import in_use, said_of
from webapp.engine.rows import change_in, hold_lease, write_versioned
from webapp.engine.run import Run
from webapp.models import DiskRestore, DiskSnapshot, Workspace


def find_underway(run: Run, row: Workspace) -> DiskRestore | None:
    """The one that the row's request has begun."""
    query = select(DiskRestore).where(
        DiskRestore.workspace_id == row.id,
        DiskRestore.credential_id == run.credential.id,
        DiskRestore.cloud_workspace_id == row.cloud_workspace_id,
        DiskRestore.taken_at == row.promised_snapshot_at,
        DiskRestore.state == RestoreState.UNDERWAY,
    )
    with run.engine.sessions.begin() as session:
        found = session.scalars(query.order_by(DiskRestore.id.desc()).limit(1)).one_or_none()
        session.expunge_all()
    return found


def find_promised(run: Run, row: Workspace) -> DiskSnapshot | None:
    """The snapshot that the row's request has promised, if it is still kept."""
    query = select(DiskSnapshot).where(
        DiskSnapshot.workspace_id == row.id,
        DiskSnapshot.credential_id == run.credential.id,
        DiskSnapshot.state == SnapshotState.READY,
        DiskSnapshot.taken_at == row.promised_snapshot_at,
    )
    with run.engine.sessions.begin() as session:
        found = session.scalars(query.order_by(DiskSnapshot.id.desc()).limit(1)).one_or_none()
        session.expunge_all()
    return found


def begin(run: Run, row: Workspace, snapshot: DiskSnapshot) -> DiskRestore:
    """The intent, with the name of the disk. Raises LeaseLost."""
    machine = row.cloud_workspace_id or ""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        of_machine = select(func.count()).where(
            DiskRestore.credential_id == run.credential.id, DiskRestore.cloud_workspace_id == machine
        )
        number = (session.scalar(of_machine) or 0) + 1
        made = DiskRestore(
            company_id=run.credential.company_id,
            credential_id=run.credential.id,
            workspace_id=row.id,
            cloud_workspace_id=machine,
            claim=run.claim_of(row),
            snapshot_id=snapshot.id,
            snapshot=snapshot.name,
            taken_at=snapshot.taken_at,
            disk=name_of(machine, number),
            issued_at=run.engine.clock.now(),
            version=1,
        )
        session.add(made)
        session.flush()
        session.expunge_all()
    return made


def write_both(
    run: Run, row: Workspace, decision: Decision, restore: DiskRestore | None, columns: dict[str, Any]
) -> None:
    """Restore and desktop in one transaction. Raises Stale, LeaseLost."""
    with run.engine.sessions.begin() as session:
        if restore is not None and columns:
            write_versioned(session, restore, columns)
        change_in(session, run.engine, run.lease, row, *decision)


def list_open(run: Run) -> list[tuple[DiskRestore, Workspace]]:
    """Each restore of which a disk may have to go, with its desktop; the oldest first."""
    query = (
        select(DiskRestore, Workspace)
        .join(Workspace, Workspace.id == DiskRestore.workspace_id)
        .where(DiskRestore.credential_id == run.credential.id, DiskRestore.state.in_(sorted(OPEN)))
        .order_by(DiskRestore.id)
    )
    with run.engine.sessions.begin() as session:
        found = [(restore, row) for restore, row in session.execute(query)]
        session.expunge_all()
    return found


def has_successor(run: Run, restore: DiskRestore) -> bool:
    """Has a later restore found its disk on the machine?"""
    query = select(DiskRestore.id).where(
        DiskRestore.credential_id == run.credential.id,
        DiskRestore.cloud_workspace_id == restore.cloud_workspace_id,
        DiskRestore.old_disk == restore.disk,
    )
    with run.engine.sessions.begin() as session:
        return session.scalar(select(query.exists())) or False


def list_recent(run: Run, *, since: datetime) -> list[DiskRestore]:
    """Those of which a disk goes soon; a desktop that does not come back may keep one for weeks."""
    return [one for one, _ in list_open(run) if one.issued_at >= since]


def ids_in_use(run: Run) -> set[int]:
    """Of snapshots that a restore is about to make a disk of: they are not deleted meanwhile."""
    query = select(DiskRestore.snapshot_id).where(
        DiskRestore.credential_id == run.credential.id, DiskRestore.state == RestoreState.UNDERWAY
    )
    with run.engine.sessions.begin() as session:
        return set(session.scalars(query))


def note_newest(run: Run) -> None:
    """Of when the newest complete snapshot of each desktop is, for pages and promises. No new version.

    Raises LeaseLost.
    """
    newest = (
        select(func.max(DiskSnapshot.taken_at))
        .where(
            DiskSnapshot.workspace_id == Workspace.id,
            DiskSnapshot.cloud_workspace_id == Workspace.cloud_workspace_id,
            DiskSnapshot.state == SnapshotState.READY,
        )
        .correlate(Workspace)
        .scalar_subquery()
    )
    changed = select(Workspace.id, Workspace.cloud_workspace_id, newest).where(
        *in_use(run), Workspace.system_snapshot_at.is_distinct_from(newest)
    )
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        for workspace_id, machine, at in session.execute(changed).all():
            session.execute(said_of(workspace_id, machine or "", {"system_snapshot_at": at}))
