"""Files of desktops that are gone, on their way to new ones, inside their company."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.disk_snapshots import SnapshotState
from webapp.domain.file_returns import OPEN, ReturnState
from webapp.domain.lifecycle import Phase
from webapp.models import Application, DiskSnapshot, FileReturn, Workspace

AnySession = Session | scoped_session[Session]


def find_for(session: AnySession, workspace: Workspace) -> FileReturn | None:
    """The newest one to this desktop, read afresh: a worker changes it at any time.

    `workspace` was loaded in the caller's tenant.
    """
    return session.scalar(
        select(FileReturn)
        .where(FileReturn.workspace_id == workspace.id, FileReturn.company_id == workspace.company_id)
        .order_by(FileReturn.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def is_disk_there(session: AnySession, workspace: Workspace) -> bool:
    """May the disk of a return be on its machine? `workspace` was loaded in the caller's tenant."""
    latest = find_for(session, workspace)
    return latest is not None and latest.state in (ReturnState.UNDERWAY, ReturnState.ENDING)


def find_former(session: AnySession, workspace_id: int, *, company_id: int) -> Workspace | None:
    """A desktop that is gone, with its person and account; also one that no list shows any more."""
    return session.scalar(
        select(Workspace)
        .options(
            joinedload(Workspace.application).joinedload(Application.seeker),
            joinedload(Workspace.application).joinedload(Application.job_posting),
            joinedload(Workspace.credential),
        )
        .where(
            Workspace.id == workspace_id, Workspace.company_id == company_id, Workspace.phase == Phase.GONE
        )
        .execution_options(populate_existing=True)
    )


def find_open_of(session: AnySession, former: Workspace) -> FileReturn | None:
    """The one of this desktop's files that goes on, to a desktop that is not gone; loaded in the tenant."""
    return session.scalar(
        select(FileReturn)
        .join(Workspace, Workspace.id == FileReturn.workspace_id)
        .where(
            FileReturn.former_id == former.id,
            FileReturn.company_id == former.company_id,
            FileReturn.state.in_(sorted(OPEN)),
            Workspace.company_id == former.company_id,
            Workspace.phase != Phase.GONE,
        )
        .order_by(FileReturn.id.desc())
        .limit(1)
    )


def lock_snapshot(session: AnySession, snapshot_id: int, *, company_id: int) -> DiskSnapshot | None:
    """Until the commit nobody begins to delete it. None: it is not complete, or being deleted, or gone."""
    return session.scalar(
        select(DiskSnapshot)
        .where(
            DiskSnapshot.id == snapshot_id,
            DiskSnapshot.company_id == company_id,
            DiskSnapshot.state == SnapshotState.READY,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
