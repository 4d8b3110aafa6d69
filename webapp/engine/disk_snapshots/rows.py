"""The rows of an account's snapshots of disks: read detached, written under the lease."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, and_, func, select

from webapp.database import changed_rows
from webapp.domain import catalogue
from webapp.domain.actor import BERTH
from webapp.domain.decisions.change import error_values
from webapp.domain.decisions.note import Level
from webapp.domain.disk_snapshots import (
    OCCUPYING,
    Desktop,
    SnapshotKind,
    SnapshotPolicy,
    SnapshotState,
)
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import CloudState, Phase
from webapp.domain.webhooks import BACKUP_FAILED
from webapp.engine.desktops import in_use, said_of
from webapp.engine.rows import hold_lease, write_versioned
from webapp.engine.run import Run
from webapp.models import DiskSnapshot, Event, Profile, SnapshotSetting, Workspace
from webapp.models.disk_snapshot import policy_in


@dataclass(frozen=True, slots=True)
class Candidate:
    """A desktop that may be due for one, and what is known of its snapshots."""

    workspace_id: int
    cloud_workspace_id: str
    claim: str
    desktop: Desktop
    newest: datetime | None
    tried_at: datetime | None
    weekly_at: datetime | None
    """When its newest weekly one was begun."""
    kept_elsewhere_at: datetime | None
    """When the cloud last said that the company's own backup keeps it; None: it is not known to."""
    wants: bool | None
    """Does its profile want any? None: that is the account's to say."""


def policy_of(run: Run) -> SnapshotPolicy:
    """Of the account."""
    with run.engine.sessions.begin() as session:
        return policy_in(session.get(SnapshotSetting, run.credential.id))


def refused_at(run: Run) -> datetime | None:
    """When the key last lacked the right; None: it has it, as far as is known."""
    with run.engine.sessions.begin() as session:
        found = session.get(SnapshotSetting, run.credential.id)
        return None if found is None else found.refused_at


def note_listing(run: Run, refused: Failure | None) -> None:
    """What the account answered now. Raises LeaseLost."""
    now = run.engine.clock.now()
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        setting = session.get(SnapshotSetting, run.credential.id)
        if setting is None:
            setting = SnapshotSetting(
                credential_id=run.credential.id, company_id=run.credential.company_id, updated_at=now
            )
            session.add(setting)
        setting.refused_code = None if refused is None else refused.code
        setting.refused_at = None if refused is None else now
        if refused is None:
            setting.read_at = now


def list_standing(run: Run, states: Collection[SnapshotState] = OCCUPYING) -> list[DiskSnapshot]:
    """Of this account, the oldest first."""
    query = (
        select(DiskSnapshot)
        .where(DiskSnapshot.credential_id == run.credential.id, DiskSnapshot.state.in_(sorted(states)))
        .order_by(DiskSnapshot.issued_at, DiskSnapshot.id)
    )
    with run.engine.sessions.begin() as session:
        found = session.scalars(query).all()
        session.expunge_all()
    return list(found)


def is_any(run: Run) -> bool:
    """Is one standing, or may one have to be taken?"""
    own = DiskSnapshot.credential_id == run.credential.id
    with run.engine.sessions.begin() as session:
        standing = select(DiskSnapshot.id).where(own, DiskSnapshot.state != SnapshotState.GONE).limit(1)
        if session.scalar(standing) is not None:
            return True
        return session.scalar(select(Workspace.id).where(*in_use(run)).limit(1)) is not None


def list_candidates(run: Run) -> list[Candidate]:
    """Desktops that are there and wanted, also those of which nobody may use them now; by id."""
    of_machine = and_(
        DiskSnapshot.workspace_id == Workspace.id,
        DiskSnapshot.cloud_workspace_id == Workspace.cloud_workspace_id,
    )
    of_profile = and_(Profile.id == Workspace.profile_id, Profile.company_id == Workspace.company_id)
    newest = func.max(DiskSnapshot.issued_at).filter(DiskSnapshot.state == SnapshotState.READY)
    weekly = func.max(DiskSnapshot.issued_at).filter(
        DiskSnapshot.kind == SnapshotKind.WEEKLY, DiskSnapshot.error_code.is_(None)
    )
    query = (
        select(
            Workspace.id,
            Workspace.uid,
            Workspace.generation,
            Workspace.cloud_workspace_id,
            func.coalesce(Workspace.available_at, Workspace.created_at).label("since"),
            Workspace.cloud_state,
            Workspace.cloud_state_at,
            Workspace.access_cut_at,
            Workspace.other_backup,
            Workspace.other_backup_at,
            Profile.snapshots_are_on,
            newest.label("newest"),
            func.max(DiskSnapshot.issued_at).label("tried_at"),
            weekly.label("weekly_at"),
        )
        .select_from(Workspace)
        .outerjoin(DiskSnapshot, of_machine)
        .outerjoin(Profile, of_profile)
        .where(*in_use(run))
        .group_by(Workspace.id, Profile.id)
        .order_by(Workspace.id)
    )
    with run.engine.sessions.begin() as session:
        return [_candidate(run, row) for row in session.execute(query)]


def _candidate(run: Run, row: Any) -> Candidate:  # one of the query above
    stopped_since = row.cloud_state_at if row.cloud_state is CloudState.STOPPED else None
    return Candidate(
        workspace_id=row.id,
        cloud_workspace_id=row.cloud_workspace_id or "",
        claim=f"{run.installation_uid}/{row.uid}/{row.generation}",
        desktop=Desktop(row.since, stopped_since, row.access_cut_at),
        newest=row.newest,
        tried_at=row.tried_at,
        weekly_at=row.weekly_at,
        kept_elsewhere_at=row.other_backup_at if row.other_backup else None,
        wants=row.snapshots_are_on,
    )


def ends_of(run: Run, workspace_ids: Collection[int]) -> dict[int, datetime | None]:
    """When each of these desktops was proven gone; None: it is not over."""
    query = select(Workspace.id, Workspace.phase, Workspace.terminated_at).where(
        Workspace.company_id == run.credential.company_id, Workspace.id.in_(sorted(workspace_ids))
    )
    with run.engine.sessions.begin() as session:
        return {id_: at if phase is Phase.GONE else None for id_, phase, at in session.execute(query)}


def own_policies(run: Run, workspace_ids: Collection[int]) -> dict[int, SnapshotPolicy]:
    """Of those desktops whose profile says so itself, as it is now; for all others the account's holds."""
    query = (
        select(Workspace.id, Profile)
        .join(Profile, and_(Profile.id == Workspace.profile_id, Profile.company_id == Workspace.company_id))
        .where(
            Workspace.company_id == run.credential.company_id,
            Workspace.id.in_(sorted(workspace_ids)),
            Profile.snapshots_are_on.is_not(None),
        )
    )
    with run.engine.sessions.begin() as session:
        found = {id_: profile.snapshots for id_, profile in session.execute(query)}
    return {id_: policy for id_, policy in found.items() if policy is not None}


def workspaces_by_uid(run: Run, uids: Collection[str]) -> dict[str, int]:
    """Of the company: a claim of another one's desktop is none of ours."""
    query = select(Workspace.uid, Workspace.id).where(
        Workspace.company_id == run.credential.company_id, Workspace.uid.in_(sorted(uids))
    )
    with run.engine.sessions.begin() as session:
        return {uid: id_ for uid, id_ in session.execute(query)}


def known_names(run: Run, names: Collection[str]) -> set[str]:
    """Those that a row of this account has, also of another credential of it, or one that is gone."""
    query = select(DiskSnapshot.name).where(
        DiskSnapshot.account_id == (run.credential.account_id or ""), DiskSnapshot.name.in_(sorted(names))
    )
    with run.engine.sessions.begin() as session:
        return set(session.scalars(query))


def note_other_backup(run: Run, candidate: Candidate, name: str) -> None:
    """Who else keeps this desktop, as the cloud says now; empty: nobody. Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        values = {"other_backup": name[:120] or None, "other_backup_at": run.engine.clock.now()}
        session.execute(said_of(candidate.workspace_id, candidate.cloud_workspace_id, values))


def add(run: Run, snapshots: Sequence[DiskSnapshot]) -> None:
    """Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.add_all(snapshots)
        session.flush()
        session.expunge_all()


def write_ready(run: Run, snapshot: DiskSnapshot, *, taken_at: datetime, size_gib: int | None) -> None:
    """It is complete; what failed before is over. Raises LeaseLost."""
    columns = {"state": SnapshotState.READY, "taken_at": taken_at, "size_gib": size_gib}
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        if write_versioned(session, snapshot, columns):
            fixed = _said_of(snapshot, {"backup_error_code": None, "backup_error_at": None})
            session.execute(fixed.where(Workspace.backup_error_code.is_not(None)))


def write_failure(run: Run, snapshot: DiskSnapshot, failure: Failure) -> None:
    """It was not taken, and what is left of it goes; people hear of the first in a row. Raises LeaseLost."""
    now = run.engine.clock.now()
    columns = {"state": SnapshotState.ENDING} | error_values(failure, now)
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        if not write_versioned(session, snapshot, columns):
            return
        values = {"backup_error_code": failure.code, "backup_error_at": now}
        first = session.execute(_said_of(snapshot, values).where(Workspace.backup_error_code.is_(None)))
        if changed_rows(first) == 1:
            workspace = session.scalars(select(Workspace).where(Workspace.id == snapshot.workspace_id)).one()
            session.add(_event(workspace, failure, now))


def _event(workspace: Workspace, failure: Failure, now: datetime) -> Event:
    words = catalogue.entry(failure.code)
    return Event.about(
        workspace,
        at=now,
        event=BACKUP_FAILED,
        message=f"No snapshot of its disk could be taken. {words.message}",
        actor=BERTH,
        level=Level.WARNING,
        from_state=workspace.state,
        details={"reason": failure.code, "cloud_code": failure.cloud_code, "detail": failure.detail},
    )


def _said_of(snapshot: DiskSnapshot, values: dict[str, Any]) -> Update:
    return said_of(snapshot.workspace_id, snapshot.cloud_workspace_id, values)
