"""The window and hours of a contract: written to the application and its desktops in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select, update

from webapp.database import changed_rows
from webapp.domain.access import Access, Because, access_of
from webapp.domain.actor import Actor
from webapp.domain.decisions.change import UNCHANGED, Unchanged, after
from webapp.domain.errors import AppError, Conflict, PreconditionFailed
from webapp.domain.hours.week import Hours
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.sentences import say
from webapp.domain.windows import Window
from webapp.languages import exact
from webapp.models import Application, Event, Workspace
from webapp.models.schedule import reschedule
from webapp.queries import applications as queries
from webapp.queueing import JobName
from webapp.services.all_or_nothing import all_or_nothing
from webapp.services.context import ServiceContext
from webapp.services.end_mails import tell_longer
from webapp.services.in_time import plan_again
from webapp.services.order_limits import check_return
from webapp.services.window_refusals import check_window
from webapp.services.working_hours import NO_ACTION, NO_DUTY, hours_columns, hours_said

TRIES = 5
"""How often it is repeated if a worker changes a desktop at the same moment."""
OPENED_AGAIN: dict[str, Any] = dict.fromkeys(("suspended_at", "suspended_because", "destroy_at")) | NO_DUTY
"""The end has stopped it: its hours count as new, so inside a shift it runs again at once."""
CONTRACT_ENDED = "The contract of this person has ended. Change its end before you order."
EXTENDED, CHANGED, HOURS_CHANGED = "window_extended", "window_changed", "hours_changed"


def set_window(
    context: ServiceContext,
    application_id: int,
    window: Window,
    *,
    company_id: int,
    actor: Actor,
    may_end: bool,
    version: int | None = None,
    hours: Hours | None | Unchanged = UNCHANGED,
    is_default: bool = False,
    before_commit: Callable[[Application, Sequence[Workspace]], None] = lambda _application, _desktops: None,
) -> Application:
    """Set or change it; its desktop follows at once, and a later end gives access back. Safe to repeat.

    Whoever writes first wins against the end of the grace. With `version` only if the window still has it.
    `hours`: in which the desktop runs; None: no hours. `is_default`: it comes from the defaults.
    `may_end`: has the actor the permission END? `before_commit` may refuse, before anything is changed.
    Raises NotFound, Conflict, Invalid, Forbidden, PreconditionFailed.
    """
    for _ in range(TRIES):
        application = queries.get_application(context.session, application_id, company_id=company_id)
        lock_window(context, application, version)
        before, wanted = application.window, after(application.hours, hours)
        if (before, application.hours) == (window, wanted):
            context.session.commit()
            return application
        rows = _desktops(context, application)
        if before != window:
            with all_or_nothing(context):
                _check_change(context, rows, before, window, may_end=may_end)
                before_commit(application, rows)
        tell_longer(context, application, window, desktops=rows)
        said = _take(context, application, window, wanted, is_default)
        accounts = _tell_desktops(context, rows, application, said, actor)
        if accounts is not None:
            commit_and_notify(context, accounts)
            return application
        context.session.rollback()
    raise Conflict("The desktop is changing right now. Try again.", code="conflict")


def _take(
    context: ServiceContext, application: Application, window: Window, hours: Hours | None, is_default: bool
) -> list[tuple[str, str]]:
    """Into the application; the event of each that is new, and its sentence."""
    said, now = list[tuple[str, str]](), context.clock.now()
    if application.window != window:
        said.append(_said(application.window, window))
        application.take_window(window, at=now, is_default=is_default)
    if application.hours != hours:
        said.append((HOURS_CHANGED, hours_said(hours)))
        application.take_hours(hours, at=now, is_default=is_default)
    context.session.flush()
    return said


def _check_change(
    context: ServiceContext, rows: Sequence[Workspace], before: Window, window: Window, *, may_end: bool
) -> None:
    """And the return of those that nobody may use now, also by the clock alone (after an undo)."""
    now = context.clock.now()
    check_window(rows, before, window, may_end=may_end, now=now)
    if window.ends_at is None or window.ends_at > now:
        for row in rows:
            if row.access(now) is Access.SUSPENDED:
                check_return(context, row)


def commit_and_notify(context: ServiceContext, accounts: Iterable[int]) -> None:
    """With what has to be looked at afterwards."""
    context.session.commit()
    for credential_id in accounts:
        context.notifier.notify(JobName.RECONCILE, credential_id)


def give_window(
    context: ServiceContext, application: Application, window: Window, *, actor: Actor
) -> set[int]:
    """To an application that never had one, in the caller's transaction; its desktop follows.

    Not what would take a desktop away from its person. The accounts to notify after the commit.
    Raises Conflict.
    """
    lock_window(context, application)
    if application.window_zone is not None:
        return set()
    before, now = application.window, context.clock.now()
    try:
        check_window(_desktops(context, application), before, window, may_end=False, now=now)
    except AppError:
        return set()
    return write_window(context, application, window, actor=actor)


def write_window(
    context: ServiceContext,
    application: Application,
    window: Window,
    *,
    actor: Actor,
    besides: int | None = None,
) -> set[int]:
    """To a locked application and its desktops, failed orders too, in the caller's transaction; no checks.

    `besides`: a desktop that the caller writes. The accounts to notify after the commit. Raises Conflict.
    """
    before, accounts = application.window, set[int]()
    application.take_window(window, at=context.clock.now())
    context.session.flush()
    for _ in range(TRIES):
        found = [one for one in _desktops(context, application) if one.id != besides]
        rows = [one for one in found if not _follows(one, window)]
        accounts |= {one.credential_id for one in rows}
        if _tell_desktops(context, rows, application, [_said(before, window)], actor) is not None:
            return accounts
    context.session.rollback()
    raise Conflict(say("The desktop is changing right now. Try again."), code="conflict")


def _follows(row: Workspace, window: Window) -> bool:
    return (row.starts_at, row.ends_at) == (window.starts_at, window.ends_at)


def take_window(
    context: ServiceContext, workspace: Workspace, actor: Actor, given: Window | None = None
) -> None:
    """Of a new row, in its transaction: no change of the window passes it by. Raises Conflict, Invalid.

    `given`: another window for the contract, which the order brings along.
    """
    if given is not None:
        _give(context, workspace, given, actor)
    found = context.session.execute(
        select(Application.starts_at, Application.ends_at, Application.hours_json)
        .where(Application.id == workspace.application_id)
        .with_for_update(key_share=True)
    ).one()
    workspace.starts_at, workspace.ends_at, workspace.hours_json = found
    if workspace.access(context.clock.now()) is Access.SUSPENDED:
        raise _over()


def window_to_retry(context: ServiceContext, row: Workspace) -> dict[str, Any]:
    """The columns of a failed order that is tried again, under the contract as it is now. Raises Conflict."""
    lock_window(context, row.application)
    window = row.application.window
    if window.is_over(context.clock.now()):
        raise _over()
    columns: dict[str, Any] = {"starts_at": window.starts_at, "ends_at": window.ends_at}
    columns |= plan_again(row, window.starts_at, now=context.clock.now())
    return columns | hours_columns(row, row.application.hours_json)


def _over() -> Conflict:
    return Conflict(CONTRACT_ENDED, code="contract_ended", field="application_id")


def _give(context: ServiceContext, workspace: Workspace, window: Window, actor: Actor) -> None:
    """Of somebody whose only live desktop is being ordered. Raises Conflict, Invalid."""
    application = context.session.get_one(Application, workspace.application_id)
    lock_window(context, application)
    if application.window != window:
        check_window((), application.window, window, may_end=True, now=context.clock.now())
        write_window(context, application, window, actor=actor, besides=workspace.id)


def lock_window(context: ServiceContext, application: Application, version: int | None = None) -> None:
    """Until the commit: whoever orders for it waits (`take_window`). Then as it is now.

    Raises PreconditionFailed.
    """
    locked = select(Application.id).where(Application.id == application.id)
    context.session.execute(locked.with_for_update(key_share=True))
    context.session.refresh(application, _OF_WINDOW)
    if version is not None and version != application.window_version:
        context.session.rollback()
        raise PreconditionFailed()


_OF_WINDOW = ["hours_json", "has_own_hours", "starts_at", "ends_at", "window_zone", "window_version"]
_OF_WINDOW += ["window_set_at", "extension_asked_at"]


def _desktops(context: ServiceContext, application: Application) -> Sequence[Workspace]:
    """Those that follow, as they are now; `change_row` finds out whether one was changed since."""
    return context.session.scalars(
        select(Workspace)
        .where(
            Workspace.application_id == application.id,
            Workspace.phase != Phase.GONE,
            Workspace.desired == Desired.PRESENT,
        )
        .order_by(Workspace.id)
        .execution_options(populate_existing=True)
    ).all()


def _tell_desktops(
    context: ServiceContext,
    rows: Sequence[Workspace],
    application: Application,
    said: Sequence[tuple[str, str]],
    actor: Actor,
) -> set[int] | None:
    """The accounts of the desktops that follow; None if one of them was changed meanwhile."""
    for row in rows:
        state, changes = row.state, _changes(context, row, application.window)
        if not change_row(context, row, changes | hours_columns(row, application.hours_json)):
            return None
        context.session.refresh(row)
        for event, message in said:
            about = Event.about(
                row, at=row.updated_at, event=event, message=message, actor=actor, from_state=state
            )
            context.session.add(about)
    return {row.credential_id for row in rows}


def _changes(context: ServiceContext, row: Workspace, window: Window) -> dict[str, Any]:
    now = context.clock.now()
    changes: dict[str, Any] = {"starts_at": window.starts_at, "ends_at": window.ends_at}
    if window.ends_at != row.ends_at:
        changes |= {"noticed_days": None}
    if row.phase is Phase.REQUESTED:
        changes |= plan_again(row, window.starts_at, now=now)
    access = access_of(now, starts_at=window.starts_at, ends_at=window.ends_at, suspended_at=None)
    if row.suspended_because is Because.CONTRACT_ENDED and access is not Access.SUSPENDED:
        changes |= OPENED_AGAIN
    if access is not Access.OPEN:
        changes |= NO_ACTION | row.without_resize
        if row.suspended_at is None:
            changes |= {"access_ended_at": None}  # ended once more: it may be given back at this moment
    if row.phase is Phase.READY:
        changes |= {"look_requested_at": now}
    return changes


def change_row(context: ServiceContext, row: Workspace, changes: dict[str, Any]) -> bool:
    """False if somebody changed it since it was read; else it is looked at now."""
    now = context.clock.now()
    done = context.session.execute(
        update(Workspace)
        .where(Workspace.id == row.id, Workspace.version == row.version)
        .values(**changes, version=row.version + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(done) != 1:
        return False
    reschedule(context.session, [row.id], due_at=now)
    return True


def _said(before: Window, window: Window) -> tuple[str, str]:
    """The event, and its sentence."""
    instants = (window.starts_at, window.ends_at)
    first, last = (exact(at, time_zone=window.zone) if at is not None else "open" for at in instants)
    return EXTENDED if window.ends_after(
        before
    ) else CHANGED, f"The contract now runs from {first} to {last}."
