"""Snapshots of disks that Berth takes, inside their company."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.disk_snapshots import OCCUPYING, SnapshotPolicy, SnapshotState
from webapp.domain.errors import NotFound
from webapp.models import DiskSnapshot, Profile, SnapshotSetting, Workspace
from webapp.models.disk_snapshot import policy_in

AnySession = Session | scoped_session[Session]


def find_setting(session: AnySession, *, credential_id: int, company_id: int) -> SnapshotSetting | None:
    return session.scalar(
        select(SnapshotSetting).where(
            SnapshotSetting.credential_id == credential_id, SnapshotSetting.company_id == company_id
        )
    )


def policy_of(session: AnySession, *, credential_id: int, company_id: int) -> SnapshotPolicy:
    """Of a cloud account."""
    return policy_in(find_setting(session, credential_id=credential_id, company_id=company_id))


def find_own_policy(session: AnySession, workspace: Workspace) -> SnapshotPolicy | None:
    """Of the profile with which it was ordered, as it is now; None: it says nothing, or there is none."""
    if workspace.profile_id is None:
        return None
    own = select(Profile).where(
        Profile.id == workspace.profile_id, Profile.company_id == workspace.company_id
    )
    profile = session.scalar(own)
    return None if profile is None else profile.snapshots


def policy_for(session: AnySession, workspace: Workspace) -> SnapshotPolicy:
    """What holds for a desktop; `workspace` was loaded in the caller's tenant."""
    own = find_own_policy(session, workspace)
    if own is not None:
        return own
    return policy_of(session, credential_id=workspace.credential_id, company_id=workspace.company_id)


def list_of_workspace(session: AnySession, workspace: Workspace) -> list[DiskSnapshot]:
    """Those that exist or are about to, the newest first; `workspace` was loaded in the caller's tenant."""
    return list(
        session.scalars(
            select(DiskSnapshot)
            .where(
                DiskSnapshot.workspace_id == workspace.id,
                DiskSnapshot.company_id == workspace.company_id,
                DiskSnapshot.state.in_(sorted(OCCUPYING)),
            )
            .order_by(DiskSnapshot.issued_at.desc(), DiskSnapshot.id.desc())
        )
    )


def find_newest(session: AnySession, workspace: Workspace) -> DiskSnapshot | None:
    """The newest complete one, which outlives its desktop."""
    return session.scalar(
        select(DiskSnapshot)
        .where(
            DiskSnapshot.workspace_id == workspace.id,
            DiskSnapshot.company_id == workspace.company_id,
            DiskSnapshot.state == SnapshotState.READY,
        )
        .order_by(DiskSnapshot.issued_at.desc(), DiskSnapshot.id.desc())
        .limit(1)
    )


def list_restorable(session: AnySession, workspace: Workspace) -> list[DiskSnapshot]:
    """The complete ones of the machine that it has, the newest first; loaded in the caller's tenant."""
    return list(
        session.scalars(
            select(DiskSnapshot)
            .where(
                DiskSnapshot.workspace_id == workspace.id,
                DiskSnapshot.company_id == workspace.company_id,
                DiskSnapshot.cloud_workspace_id == workspace.cloud_workspace_id,
                DiskSnapshot.state == SnapshotState.READY,
            )
            .order_by(DiskSnapshot.taken_at.desc(), DiskSnapshot.id.desc())
        )
    )


def list_unknown(session: AnySession, *, credential_id: int, company_id: int) -> list[DiskSnapshot]:
    """Those with our mark that no desktop explains, the oldest first."""
    return list(
        session.scalars(
            select(DiskSnapshot)
            .where(
                DiskSnapshot.company_id == company_id,
                DiskSnapshot.credential_id == credential_id,
                DiskSnapshot.state == SnapshotState.UNKNOWN,
            )
            .order_by(DiskSnapshot.taken_at, DiskSnapshot.id)
        )
    )


def get_unknown(
    session: AnySession, snapshot_id: int, *, credential_id: int, company_id: int
) -> DiskSnapshot:
    """Raises NotFound."""
    found = session.scalar(_unknown(snapshot_id, credential_id=credential_id, company_id=company_id))
    if found is None:
        raise NotFound("Snapshot not found.")
    return found


def _unknown(snapshot_id: int, *, credential_id: int, company_id: int) -> Select[DiskSnapshot]:
    return select(DiskSnapshot).where(
        DiskSnapshot.id == snapshot_id,
        DiskSnapshot.company_id == company_id,
        DiskSnapshot.credential_id == credential_id,
        DiskSnapshot.state == SnapshotState.UNKNOWN,
    )


def lock_unknown(
    session: AnySession, snapshot_id: int, *, credential_id: int, company_id: int
) -> DiskSnapshot:
    """Raises NotFound, also if somebody was faster."""
    one = _unknown(snapshot_id, credential_id=credential_id, company_id=company_id)
    found = session.scalar(one.with_for_update())
    if found is None:
        raise NotFound("Snapshot not found.")
    return found


def count_standing(session: AnySession, *, credential_id: int) -> int:
    """How many of this account still need its key: they are in the cloud, or may be."""
    query = (
        select(func.count())
        .select_from(DiskSnapshot)
        .where(DiskSnapshot.credential_id == credential_id, DiskSnapshot.state.in_(sorted(OCCUPYING)))
    )
    return session.scalar(query) or 0
