"""The rows of files that come back: read detached, written under the lease."""

from typing import Any

from sqlalchemy import select

from webapp.domain.decisions.change import NO_CHANGE
from webapp.domain.decisions.note import Note
from webapp.domain.file_returns import NEEDS_SNAPSHOT, OPEN, ReturnState, name_of
from webapp.engine.rows import change_in, write_detached, write_versioned
from webapp.engine.run import Run
from webapp.models import DiskSnapshot, FileReturn, Workspace


def list_open(run: Run) -> list[tuple[FileReturn, Workspace]]:
    """Each with its new desktop; the oldest first."""
    query = (
        select(FileReturn, Workspace)
        .join(Workspace, Workspace.id == FileReturn.workspace_id)
        .where(
            FileReturn.company_id == run.credential.company_id,
            FileReturn.credential_id == run.credential.id,
            FileReturn.state.in_(sorted(OPEN)),
        )
        .order_by(FileReturn.id)
    )
    with run.engine.sessions.begin() as session:
        found = [(one, row) for one, row in session.execute(query)]
        session.expunge_all()
    return found


def snapshots_in_use(run: Run) -> set[int]:
    """Of which a disk is still to be made: they are not deleted meanwhile."""
    query = select(FileReturn.snapshot_id).where(
        FileReturn.credential_id == run.credential.id, FileReturn.state.in_(sorted(NEEDS_SNAPSHOT))
    )
    with run.engine.sessions.begin() as session:
        return set(session.scalars(query))


def claim_of_snapshot(run: Run, one: FileReturn) -> str | None:
    """That of the former desktop, with which the snapshot was taken; None: its row is gone."""
    query = select(DiskSnapshot.claim).where(
        DiskSnapshot.id == one.snapshot_id, DiskSnapshot.credential_id == run.credential.id
    )
    with run.engine.sessions.begin() as session:
        return session.scalar(query)


def begin(run: Run, one: FileReturn, row: Workspace) -> bool:
    """The name of the disk, before anything is sent. False if another worker was faster. Raises LeaseLost."""
    machine = row.cloud_workspace_id or ""
    return write_detached(
        run,
        one,
        {
            "state": ReturnState.UNDERWAY,
            "cloud_workspace_id": machine,
            "claim": run.claim_of(row),
            "disk": name_of(machine, one.id),
            "begun_at": run.engine.clock.now(),
        },
    )


def write_logged(run: Run, one: FileReturn, row: Workspace, columns: dict[str, Any], note: Note) -> None:
    """With a line in the log of the new desktop, in one transaction. Raises Stale, LeaseLost."""
    with run.engine.sessions.begin() as session:
        if write_versioned(session, one, columns):
            change_in(session, run.engine, run.lease, row, NO_CHANGE, note)
