"""Snapshots of disks: what a company wants for a cloud account, and what a desktop has."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.costs.money import Money
from webapp.domain.disk_snapshots import (
    SnapshotPolicy,
    SnapshotState,
    goes_at,
    kept_until,
)
from webapp.domain.duties import KEEP_DISK_SNAPSHOTS
from webapp.domain.errors import AppError, Conflict, Invalid, PreconditionFailed
from webapp.domain.lifecycle import Phase
from webapp.domain.snapshots import is_same
from webapp.models import DiskSnapshot, SnapshotSetting, Workspace
from webapp.models.disk_snapshot import policy_in
from webapp.providers.registry import get_provider
from webapp.queries import credentials
from webapp.queries import disk_snapshots as queries
from webapp.services.context import ServiceContext
from webapp.services.duties import do_soon
from webapp.services.prices import snapshot_month


@dataclass(frozen=True, slots=True)
class Shown:
    """A snapshot of a desktop, and when it goes."""

    snapshot: DiskSnapshot
    goes_at: datetime | None
    """About; None: it is not complete, or is being deleted."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What is kept of a desktop's disk."""

    snapshots: list[Shown]
    """The newest first."""
    is_on: bool
    refused_code: str | None
    """Why none are taken (a catalogue code)."""
    month_at_most: Money | None = None
    """What a month of the first costs by list prices, if it took the whole disk; None: not known."""
    is_by_profile: bool = False
    """The profile with which it was ordered says how many, and not the account."""

    @property
    def newest(self) -> Shown | None:
        """The newest complete one."""
        return next((one for one in self.snapshots if one.goes_at is not None), None)


def backup_of(context: ServiceContext, workspace: Workspace) -> Backup | None:
    """`workspace` was loaded in the caller's tenant. None: nobody can have this cloud copy a disk."""
    if not get_provider(workspace.cloud_provider).desktops.keeps_disk_snapshots:
        return None
    found = queries.list_of_workspace(context.session, workspace)
    setting = queries.find_setting(
        context.session, credential_id=workspace.credential_id, company_id=workspace.company_id
    )
    own = queries.find_own_policy(context.session, workspace)
    policy = policy_in(setting) if own is None else own
    shown = [Shown(one, _goes_at(one, workspace, policy)) for one in found]
    refused_code = None if setting is None else setting.refused_code
    size_gib = next((one.size_gib for one in found if one.size_gib), None)
    month = None if size_gib is None else snapshot_month(context, workspace, size_gib=size_gib)
    return Backup(shown, policy.is_on, refused_code, month, is_by_profile=own is not None)


@dataclass(frozen=True, slots=True)
class LastSnapshot:
    """What outlives a desktop."""

    taken_at: datetime
    days: int
    """After the desktop's end."""

    def until(self, ended_at: datetime) -> datetime:
        """At least, if the desktop is deleted then."""
        return ended_at + timedelta(days=self.days)


def last_snapshot_of(context: ServiceContext, workspace: Workspace) -> LastSnapshot | None:
    """What would be left if the desktop were deleted now, or after a grace; None: nothing that is sure.

    Where none are taken any more, those that there are go by age, perhaps before the grace is over.
    """
    if not get_provider(workspace.cloud_provider).desktops.keeps_disk_snapshots:
        return None
    newest = queries.find_newest(context.session, workspace)
    policy = queries.policy_for(context.session, workspace)
    if newest is None or not policy.is_on or not policy.days_after_end:
        return None
    return LastSnapshot(newest.taken_at or newest.issued_at, policy.days_after_end)


def restorable_of(context: ServiceContext, workspace: Workspace) -> list[datetime]:
    """Of when the snapshots are that can be restored, the newest first; `workspace` is of the caller's
    tenant.

    Of a cloud that takes them by itself at most one: nobody can choose.
    """
    if not get_provider(workspace.cloud_provider).desktops.keeps_disk_snapshots:
        newest = workspace.system_snapshot_at
        return [] if newest is None else [newest]
    kept = queries.list_restorable(context.session, workspace)
    return [one.taken_at for one in kept if one.taken_at is not None]


def restorable_at(
    context: ServiceContext, workspace: Workspace, chosen_at: datetime | None
) -> datetime | None:
    """The one that somebody has chosen, or the newest; None: it is not there (any more)."""
    found = restorable_of(context, workspace)
    if chosen_at is None:
        return next(iter(found), None)
    near = min(found, key=lambda at: abs(at - chosen_at), default=None)
    return near if near is not None and is_same(near, chosen_at) else None


def _goes_at(one: DiskSnapshot, workspace: Workspace, policy: SnapshotPolicy) -> datetime | None:
    if one.state is not SnapshotState.READY:
        return None
    if workspace.phase is Phase.GONE and workspace.terminated_at is not None:
        return kept_until(workspace.terminated_at, policy)
    return goes_at(one.held, policy)


def set_policy(
    context: ServiceContext,
    credential_id: int,
    policy: SnapshotPolicy,
    *,
    company_id: int,
    version: int | None = None,
) -> SnapshotSetting:
    """A worker does it with its next round, which is due now; a right that was missing is tried again.

    Raises NotFound, Conflict (`no_disk_snapshots`), Invalid, PreconditionFailed.
    """
    try:
        setting = _written(context, credential_id, policy, company_id, version)
    except AppError:
        context.session.rollback()
        raise
    do_soon(context, credential_id, KEEP_DISK_SNAPSHOTS)
    return setting


def delete_unknown(context: ServiceContext, snapshot_id: int, *, credential_id: int, company_id: int) -> None:
    """One that no desktop explains: a person has decided. Raises NotFound."""
    found = queries.lock_unknown(
        context.session, snapshot_id, credential_id=credential_id, company_id=company_id
    )
    found.state, found.version = SnapshotState.ENDING, found.version + 1
    do_soon(context, credential_id, KEEP_DISK_SNAPSHOTS)


def _written(
    context: ServiceContext, credential_id: int, policy: SnapshotPolicy, company_id: int, version: int | None
) -> SnapshotSetting:
    credential = credentials.lock_credential(context.session, credential_id, company_id=company_id)
    if not get_provider(credential.cloud_provider).desktops.keeps_disk_snapshots:
        raise Conflict("This cloud lets nobody copy a desktop's disk.", code="no_disk_snapshots")
    if (problem := policy.problem()) is not None:
        raise Invalid(problem[1], field=problem[0])
    # The account is locked, so nobody else makes it now; its duty writes other columns.
    setting = queries.find_setting(context.session, credential_id=credential_id, company_id=company_id)
    if setting is None:
        setting = SnapshotSetting(credential_id=credential_id, company_id=company_id, version=0)
        context.session.add(setting)
    elif version not in (None, setting.version):
        raise PreconditionFailed()
    setting.is_on, setting.daily, setting.weekly = policy.is_on, policy.daily, policy.weekly
    setting.days_after_end = policy.days_after_end
    setting.refused_code = setting.refused_at = None
    setting.updated_at, setting.version = context.clock.now(), setting.version + 1
    return setting
