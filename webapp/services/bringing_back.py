"""Bringing the files of a desktop that is gone back: a new desktop for the same person, and the way there.

The last snapshot of its disk outlives a desktop for some days. While it is kept, one press orders the same
desktop again and writes down, in the transaction of the order, that workers copy the files to it.
"""

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.actor import Actor
from webapp.domain.disk_snapshots import kept_until
from webapp.domain.duties import KEEP_DISK_SNAPSHOTS
from webapp.domain.errors import Conflict
from webapp.domain.file_returns import FOLDER, NEEDS_SNAPSHOT, ReturnState
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.roles import ApplicationStatus
from webapp.domain.snapshots import snapshot_said
from webapp.models import DiskSnapshot, Event, FileReturn, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import disk_snapshots, workspaces
from webapp.queries import file_returns as queries
from webapp.services.all_or_nothing import all_or_nothing
from webapp.services.conflicts import not_approved, workspace_exists
from webapp.services.context import ServiceContext
from webapp.services.duties import do_soon
from webapp.services.orders import OrderRequest, order_workspace
from webapp.services.windows import CONTRACT_ENDED

FILES_ASKED_FOR = "files_asked_for"


@dataclass(frozen=True, slots=True)
class Offer:
    """The files of a desktop that is gone can still come back."""

    taken_at: datetime
    """Of when they are."""
    until: datetime
    """Then the snapshot that has them is deleted."""
    refusal: Conflict | None
    """Why not just now; whoever presses meets the same."""
    former_id: int
    way_to: int | None
    """The desktop to which they are on their way."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What has become of the files that were to come to a desktop."""

    row: FileReturn
    until: datetime | None
    """How long the snapshot is kept; None: it is not any more."""
    may_try_again: bool

    @property
    def has_failed(self) -> bool:
        """They do not come by themselves."""
        return self.row.copied_at is None and self.row.state not in NEEDS_SNAPSHOT


def offer_of(context: ServiceContext, workspace: Workspace) -> Offer | None:
    """`workspace` was loaded in the caller's tenant. None: it is not gone, or nothing of it is kept."""
    kept = _kept(context, workspace)
    if kept is None:
        return None
    snapshot, until = kept
    underway = queries.find_open_of(context.session, workspace)
    return Offer(
        taken_at=_moment_of(snapshot),
        until=until,
        refusal=_refusal(context, workspace),
        former_id=workspace.id,
        way_to=None if underway is None else underway.workspace_id,
    )


def former_of(context: ServiceContext, workspace_id: int, *, company_id: int) -> Workspace:
    """A desktop of the company, also one that is gone and in no list any more. Raises NotFound."""
    found = queries.find_former(context.session, workspace_id, company_id=company_id)
    return found or workspaces.get_workspace(context.session, workspace_id, company_id=company_id)


def bring_back(context: ServiceContext, workspace_id: int, *, company_id: int, actor: Actor) -> Workspace:
    """Order a desktop like this one, which is gone, for its person; workers copy its files there.

    Everything that can refuse an order refuses this one too, and then nothing is written. Raises NotFound,
    Conflict (`no_snapshot_kept`, or those of an order), Invalid, Unavailable.
    """
    with all_or_nothing(context):
        former = former_of(context, workspace_id, company_id=company_id)
        if _kept(context, former) is None:
            raise _nothing_kept()

    def note(new_id: int) -> None:
        # The order may have waited for the cloud: what is kept is asked once more, and held.
        snapshot = _held(context, former)
        made = context.session.get_one(Workspace, new_id)
        made.profile_id, made.profile_version = former.profile_id, former.profile_version
        _add(context, made, former.id, snapshot, actor)

    return order_workspace(context, OrderRequest.of(former), company_id=company_id, actor=actor, note=note)


def return_to(context: ServiceContext, workspace: Workspace) -> FileReturn | None:
    """The newest one; `workspace` was loaded in the caller's tenant. None: no files were to come to it."""
    if not get_provider(workspace.cloud_provider).desktops.keeps_disk_snapshots:
        return None
    return queries.find_for(context.session, workspace)


def returned_to(context: ServiceContext, workspace: Workspace) -> Returned | None:
    """The same with what can still be done."""
    row = return_to(context, workspace)
    if row is None:
        return None
    until = _until(context, row)
    is_over = row.state is ReturnState.DONE and row.copied_at is None
    may_try_again = is_over and until is not None and _is_usable(workspace)
    return Returned(row, until, may_try_again)


def try_again(context: ServiceContext, workspace_id: int, *, company_id: int, actor: Actor) -> FileReturn:
    """Once more to the same desktop, after it has failed, while the snapshot is kept; safe to repeat.

    Raises NotFound, Conflict (`no_snapshot_kept`, `action_not_allowed`).
    """
    with all_or_nothing(context):
        workspace = workspaces.get_workspace(context.session, workspace_id, company_id=company_id)
        before = queries.find_for(context.session, workspace)
        if before is None:
            raise Conflict("No files were to come to this desktop.", code="action_not_allowed")
        former = queries.find_former(context.session, before.former_id, company_id=company_id)
        if former is None:
            raise _nothing_kept()
        if before.state in NEEDS_SNAPSHOT:
            context.session.commit()
            return before
        snapshot = _held(context, former)  # who presses at the same moment waits here
        before = queries.find_for(context.session, workspace) or before
        if before.state in NEEDS_SNAPSHOT:
            context.session.commit()
            return before
        _check_again(before, workspace)
        made = _add(context, workspace, former.id, snapshot, actor)
        do_soon(context, workspace.credential_id, KEEP_DISK_SNAPSHOTS)
    return made


def _nothing_kept() -> Conflict:
    return Conflict(
        "Nothing is kept of this desktop’s files, so they cannot be brought back.", code="no_snapshot_kept"
    )


def _kept(context: ServiceContext, workspace: Workspace) -> tuple[DiskSnapshot, datetime] | None:
    """What is left of a desktop, and until when."""
    if workspace.phase is not Phase.GONE or workspace.terminated_at is None:
        return None
    if not get_provider(workspace.cloud_provider).desktops.keeps_disk_snapshots:
        return None
    newest = disk_snapshots.find_newest(context.session, workspace)
    if newest is None or workspace.credential.is_deleted:
        return None
    until = kept_until(workspace.terminated_at, disk_snapshots.policy_for(context.session, workspace))
    return (newest, until) if until > context.clock.now() else None


def _held(context: ServiceContext, former: Workspace) -> DiskSnapshot:
    """The snapshot, locked until the commit. Raises Conflict."""
    kept = _kept(context, former)
    found = kept and queries.lock_snapshot(context.session, kept[0].id, company_id=former.company_id)
    if found is None:
        raise _nothing_kept()
    return found


def _until(context: ServiceContext, row: FileReturn) -> datetime | None:
    """How long the snapshot of this return is kept; None: it is not complete any more, or gone."""
    former = queries.find_former(context.session, row.former_id, company_id=row.company_id)
    kept = None if former is None else _kept(context, former)
    return kept[1] if kept is not None and kept[0].id == row.snapshot_id else None


def _refusal(context: ServiceContext, workspace: Workspace) -> Conflict | None:
    """The usual reasons; the order itself checks all of them."""
    application = workspace.application
    if application.status is not ApplicationStatus.APPROVED:
        return not_approved(application.status)
    existing = workspaces.find_live_for_application(context.session, application.id)
    if existing is not None:
        return workspace_exists(existing)
    if application.window.is_over(context.clock.now()):
        return Conflict(CONTRACT_ENDED, code="contract_ended", field="application_id")
    return None


def _is_usable(workspace: Workspace) -> bool:
    return workspace.phase is Phase.READY and workspace.desired is Desired.PRESENT


def _check_again(before: FileReturn, workspace: Workspace) -> None:
    """Raises Conflict."""
    if before.copied_at is not None:
        raise Conflict("The files are on the desktop already.", code="action_not_allowed")
    if before.state is not ReturnState.DONE:
        raise Conflict(
            "What the last attempt has left in the cloud is still being deleted. Try again in a few minutes.",
            code="action_not_allowed",
        )
    if not _is_usable(workspace):
        raise Conflict("Only a desktop that is ready can get its files back.", code="action_not_allowed")


def _moment_of(snapshot: DiskSnapshot) -> datetime:
    return snapshot.taken_at or snapshot.issued_at


def _add(
    context: ServiceContext, workspace: Workspace, former_id: int, snapshot: DiskSnapshot, actor: Actor
) -> FileReturn:
    """The row and the line of the log, in the caller's transaction.

    With a new version of the snapshot, so that a worker that has read it before does not delete it now.
    """
    snapshot.version += 1
    now, taken_at = context.clock.now(), _moment_of(snapshot)
    made = FileReturn(
        company_id=workspace.company_id,
        credential_id=workspace.credential_id,
        workspace_id=workspace.id,
        former_id=former_id,
        snapshot_id=snapshot.id,
        snapshot=snapshot.name,
        taken_at=taken_at,
        asked_at=now,
    )
    message = (
        f"The files of desktop {former_id} as of {snapshot_said(taken_at)} are brought back into {FOLDER}"
        " once it is available."
    )
    context.session.add_all(
        [made, Event.about(workspace, at=now, event=FILES_ASKED_FOR, message=message, actor=actor)]
    )
    context.session.flush()
    return made
