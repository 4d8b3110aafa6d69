"""Actions on a workspace. A service writes the request and notifies; the engine does the rest."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed_rows
from webapp.domain import catalogue
from webapp.domain.actor import Actor
from webapp.domain.errors import Conflict, PreconditionFailed, Unavailable
from webapp.domain.lifecycle import BRINGS_BACK, POWER_ACTIONS, SETTLED_WITHOUT_MACHINE, Action, Phase
from webapp.domain.snapshots import is_same, snapshot_said
from webapp.domain.webhooks import SUSPENDS
from webapp.models import Event, Workspace
from webapp.models.schedule import reschedule
from webapp.models.workspace import is_live
from webapp.queries import workspaces as queries
from webapp.queries.file_returns import is_disk_there
from webapp.queueing import JobName
from webapp.services.context import ServiceContext
from webapp.services.disk_snapshots import restorable_at
from webapp.services.end_mails import tell_access_goes_on
from webapp.services.mails import notify_sender
from webapp.services.order_limits import BudgetReached, tell_refusal
from webapp.services.placing import check_again
from webapp.services.suspensions import ending, tell_access_ended, undoing
from webapp.services.waiting import PATIENCE_S, wait_until
from webapp.services.windows import window_to_retry
from webapp.services.working_hours import is_stop_by_hours, pressed_columns

TRIES = 5
"""How often a request is repeated if a worker changes the row at the same moment."""

_MESSAGES = {
    Action.START: "Start requested.",
    Action.STOP: "Stop requested.",
    Action.RESTART: "Restart requested.",
    Action.REBUILD: "Rebuild requested.",
    Action.RESTORE: "Restore requested.",
    Action.RETRY: "Retry requested.",
    Action.TERMINATE: "Termination requested.",
}
_FILES_FIRST = "Files of a former desktop are being copied to this one. Try again when they are there."
_PROMISING = {f"{action}_requested" for action in BRINGS_BACK}


def press(
    context: ServiceContext,
    workspace_id: int,
    action: Action,
    *,
    company_id: int,
    actor: Actor,
    at_once: bool = False,
    shown_at: datetime | None = None,
) -> Workspace:
    """Start, stop, restart, rebuild, restore, retry or terminate; safe to repeat.

    `at_once`: terminate without the grace in which it can be undone. `shown_at`: of when the snapshot is that
    was shown before a rebuild or restore; None: the one that is known now.
    Raises NotFound, Conflict (`action_not_allowed`, with the reason; `snapshot_changed`; a retry those of an
    order).
    """
    return _change(
        context,
        workspace_id,
        company_id=company_id,
        decide=lambda row: _order_request(context, row, action, at_once=at_once, shown_at=shown_at),
        event=f"{action}_requested",
        message=_MESSAGES[action],
        actor=actor,
    )


def why_not_back(context: ServiceContext, row: Workspace) -> str | None:
    """Why a desktop cannot be rebuilt or restored, beside what its row says; loaded in the tenant."""
    return _FILES_FIRST if is_disk_there(context.session, row) else None


def undo(context: ServiceContext, workspace_id: int, *, company_id: int, actor: Actor) -> Workspace:
    """Give a desktop back that somebody had terminated; safe to repeat. Raises NotFound, Conflict."""
    return _change(
        context,
        workspace_id,
        company_id=company_id,
        decide=lambda row: undoing(context, row),
        event="termination_undone",
        message="The termination was undone.",
        actor=actor,
    )


def delete_workspace(
    context: ServiceContext,
    workspace_id: int,
    *,
    company_id: int,
    actor: Actor,
    version: int | None = None,
    at_once: bool = False,
) -> Workspace:
    """Terminate if a machine may exist, and hide the row from the lists when it is gone.

    `version`: only if it is still that one. Raises NotFound, PreconditionFailed.
    """

    def decide(row: Workspace) -> dict[str, Any]:
        if version not in (None, row.version):
            raise PreconditionFailed()
        # A retry that no worker has started yet would create a machine for a hidden row.
        is_over = row.phase in SETTLED_WITHOUT_MACHINE and row.requested_action is None
        ends = {} if is_over else _order_request(context, row, Action.TERMINATE, at_once=at_once)
        return {} if row.is_deleted and not ends else {"is_deleted": True, **ends}

    return _change(
        context,
        workspace_id,
        company_id=company_id,
        decide=decide,
        event="delete_requested",
        message="Deletion requested.",
        actor=actor,
    )


def refresh(
    context: ServiceContext, workspace_id: int, *, company_id: int, patience_s: float = PATIENCE_S
) -> Workspace:
    """Have a worker read the cloud now, and wait for the result. Raises NotFound, Unavailable."""
    workspace = queries.get_workspace(context.session, workspace_id, company_id=company_id)
    if workspace.phase in (*SETTLED_WITHOUT_MACHINE, Phase.CONFLICT):
        context.session.commit()  # what follows only shows it, and must not hold the write lock
        return workspace  # nothing of ours is in the cloud, so there is nothing to read
    asked_at = context.clock.now()
    context.session.execute(
        update(Workspace)
        .where(Workspace.id == workspace.id)
        .values(look_requested_at=asked_at, version=Workspace.version + 1)
    )
    reschedule(context.session, [workspace.id], due_at=asked_at)
    context.session.commit()
    context.notifier.notify(JobName.RECONCILE, workspace.credential_id)

    def look() -> Workspace:
        return queries.get_workspace(context.session, workspace_id, company_id=company_id)

    def is_over(row: Workspace) -> bool:
        return row.look_requested_at is None or _is_blocked(context, row)

    workspace = wait_until(context, look, is_over, patience_s=patience_s)
    if workspace.look_requested_at is None:
        return workspace
    code = workspace.credential.blocked_code if _is_blocked(context, workspace) else None
    entry = catalogue.entry(code or "not_answered_yet")
    raise Unavailable(f"{entry.message} {entry.remedy}", code=code or "not_answered_yet", retry_after_s=5)


def _is_blocked(context: ServiceContext, workspace: Workspace) -> bool:
    """Is the whole account on hold? Without a time only orders are held, and checks continue."""
    until = workspace.credential.blocked_until
    return until is not None and until > context.clock.now()


def _order_request(
    context: ServiceContext,
    row: Workspace,
    action: Action,
    *,
    at_once: bool,
    shown_at: datetime | None = None,
) -> dict[str, Any]:
    """The columns that the request changes; empty if it is already in progress. Raises Conflict."""
    now = context.clock.now()
    if action is Action.TERMINATE:
        return ending(context, row, at_once=at_once)
    if row.requested_action is action:
        # What the hours have asked for becomes this person's own: nobody looks who is connected then.
        return pressed_columns(row, action) if is_stop_by_hours(row) else {}
    if reason := row.refusal(action, now):
        raise Conflict(reason, code="action_not_allowed")
    if row.credential.is_deleted:
        raise Conflict("The cloud account of this desktop was deleted from Berth.", code="action_not_allowed")
    changes: dict[str, Any] = {
        "requested_action": action,
        "action_requested_at": now,
        "action_sent_at": None,
        "due_at": now,
    }
    if action in POWER_ACTIONS:
        changes |= {"error_code": None, "error_detail": None, "error_at": None}
        changes |= pressed_columns(row, action)
    if action in BRINGS_BACK:
        changes |= _promise(context, row, action, shown_at)
    if action is Action.RETRY:
        if not is_live(row):
            check_again(context, row)
        # A person starts again, with all retries.
        changes |= {"attempt": 1, **window_to_retry(context, row)}
    return changes


def _promise(
    context: ServiceContext, row: Workspace, action: Action, shown_at: datetime | None
) -> dict[str, Any]:
    """What was said to come back is what is noted with the request. Raises Conflict."""
    if reason := why_not_back(context, row):
        raise Conflict(reason, code="action_not_allowed")
    known_at = restorable_at(context, row, shown_at) if action is Action.RESTORE else row.snapshot_for(action)
    is_gone = action is Action.RESTORE and known_at is None
    if is_gone or (shown_at is not None and (known_at is None or not is_same(shown_at, known_at))):
        entry = catalogue.entry("snapshot_changed")
        raise Conflict(f"{entry.message} {entry.remedy}", code="snapshot_changed")
    return {"promised_snapshot_at": known_at, "returned_snapshot_at": None, "disk_used_at": None}


def _said(row: Workspace, event: str, message: str) -> str:
    """With the moment to which a person wants a desktop back."""
    promised_at = row.promised_snapshot_at
    if event not in _PROMISING or promised_at is None:
        return message
    return f"{message} Promised: the snapshot of {snapshot_said(promised_at)}."


def _change(
    context: ServiceContext,
    workspace_id: int,
    *,
    company_id: int,
    decide: Callable[[Workspace], dict[str, Any]],
    event: str,
    message: str,
    actor: Actor,
) -> Workspace:
    """Read, decide, and write only if nobody wrote in between; otherwise read again."""
    for _ in range(TRIES):
        row = queries.get_workspace(context.session, workspace_id, company_id=company_id)
        before, was_suspended, kept_before = row.state, row.suspended_at is not None, row.destroy_at
        if not (changes := _decided(context, row, decide)):
            context.session.commit()
            return row
        if _write(context, row, changes):
            context.session.refresh(row)
            about = Event.about(
                row,
                at=row.updated_at,
                event=event,
                message=_said(row, event, message),
                actor=actor,
                from_state=before,
                details={SUSPENDS: True} if row.suspended_at is not None and not was_suspended else None,
            )
            context.session.add(about)
            tell_access_ended(context, row, before=kept_before)
            tell_access_goes_on(context, row, was_suspended=was_suspended)
            _commit(context, row, is_mailed=row.destroy_at != kept_before)
            return row
        context.session.rollback()
    raise Conflict("The desktop is changing right now. Try again.", code="conflict")


def _decided(
    context: ServiceContext, row: Workspace, decide: Callable[[Workspace], dict[str, Any]]
) -> dict[str, Any]:
    try:
        return decide(row)
    except (Conflict, PreconditionFailed) as error:
        context.session.rollback()
        if isinstance(error, BudgetReached):
            tell_refusal(context, error)
        raise


def _commit(context: ServiceContext, row: Workspace, *, is_mailed: bool) -> None:
    context.session.commit()
    context.notifier.notify(JobName.RECONCILE, row.credential_id)
    if is_mailed:
        notify_sender(context)


def _write(context: ServiceContext, row: Workspace, changes: dict[str, Any]) -> bool:
    scheduled = {"due_at": changes.pop("due_at")} if "due_at" in changes else {}
    try:
        done = context.session.execute(
            update(Workspace)
            .where(Workspace.id == row.id, Workspace.version == row.version)
            .values(**changes, version=row.version + 1, updated_at=context.clock.now())
        )
    except IntegrityError:  # a retry makes the row live again, and its slot may be taken
        context.session.rollback()
        says = "A newer desktop has replaced this one, so you cannot retry it."
        raise Conflict(says, code="workspace_exists") from None
    if changed_rows(done) != 1:
        return False
    reschedule(context.session, [row.id], **scheduled)
    return True
