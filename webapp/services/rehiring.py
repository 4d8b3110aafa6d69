"""A person who is hired again gets the former desktop back, under the new contract, while it is kept."""

from typing import Any

from sqlalchemy.exc import IntegrityError

from webapp.domain.actor import Actor
from webapp.domain.errors import AppError, Conflict, Invalid
from webapp.domain.lifecycle import Desired
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, Event, Workspace
from webapp.queries import applications
from webapp.queries import workspaces as queries
from webapp.queueing import JobName
from webapp.services.conflicts import not_approved, workspace_exists
from webapp.services.context import ServiceContext
from webapp.services.order_limits import (
    BudgetReached,
    check_move,
    check_return,
    take_turn,
    tell_refusal,
)
from webapp.services.suspensions import may_come_back
from webapp.services.windows import OPENED_AGAIN, TRIES, change_row, lock_window
from webapp.services.working_hours import hours_columns

HIRED_AGAIN = "hired_again"


def give_back(
    context: ServiceContext, workspace_id: int, application_id: int, *, company_id: int, actor: Actor
) -> Workspace:
    """The suspension ends, and the desktop goes on under this application of its person; safe to repeat.

    Whoever writes first wins against the end of the grace. Raises NotFound, Invalid, Conflict.
    """
    for _ in range(TRIES):
        try:
            row = _given_back(context, workspace_id, application_id, company_id, actor)
        except AppError as error:
            context.session.rollback()
            if isinstance(error, BudgetReached):
                tell_refusal(context, error)
            raise
        if row is not None:
            context.notifier.notify(JobName.RECONCILE, row.credential_id)
            return row
        context.session.rollback()
    raise Conflict("The desktop is changing right now. Try again.", code="conflict")


def _given_back(
    context: ServiceContext, workspace_id: int, application_id: int, company_id: int, actor: Actor
) -> Workspace | None:
    """None: somebody changed it meanwhile."""
    row = queries.get_workspace(context.session, workspace_id, company_id=company_id)
    application = applications.find_application(context.session, application_id, company_id=company_id)
    if application is None:
        raise Invalid("Application not found.", code="application_not_found", field="application_id")
    if row.application_id == application.id and row.suspended_at is None:
        context.session.commit()
        return row
    take_turn(context, row)
    lock_window(context, application)
    context.session.refresh(application, ["status"])
    _check(context, row, application)
    check_return(context, row)
    check_move(context, row, job_posting_id=application.job_posting_id)
    before = row.state
    try:
        is_done = change_row(context, row, _changes(context, row, application))
    except IntegrityError:  # an order for the same application was faster
        raise Conflict("This person has a desktop for this application.", code="workspace_exists") from None
    if not is_done:
        return None
    context.session.refresh(row)
    message = "The person was hired again: the desktop is given back under the new contract."
    about = Event.about(
        row, at=row.updated_at, event=HIRED_AGAIN, message=message, actor=actor, from_state=before
    )
    context.session.add(about)
    context.session.commit()
    return row


def _check(context: ServiceContext, row: Workspace, application: Application) -> None:
    if application.seeker_id != row.application.seeker_id:
        raise Conflict("This is another person’s desktop. Hand it over instead.", code="action_not_allowed")
    if application.status is not ApplicationStatus.APPROVED:
        raise not_approved(application.status)
    if row.desired is Desired.ABSENT or not may_come_back(row):
        raise Conflict("It is too late: this desktop is being deleted or is gone.", code="action_not_allowed")
    if row.suspended_at is None or row.application_id == application.id:
        raise Conflict(
            "Only a desktop that is kept after another contract can be given back.", code="action_not_allowed"
        )
    existing = queries.find_live_for_application(context.session, application.id)
    if existing is not None:
        raise workspace_exists(existing)


def _changes(context: ServiceContext, row: Workspace, application: Application) -> dict[str, Any]:
    window, now = application.window, context.clock.now()
    if window.is_over(now):
        raise Conflict(
            "The contract of this person has ended. Change its end first.",
            code="contract_ended",
            field="application_id",
        )
    return {
        "application_id": application.id,
        "starts_at": window.starts_at,
        "ends_at": window.ends_at,
        "noticed_days": None,
        "invited_at": None,  # of the former contract: its person hears that the desktop is back
        "is_deleted": False,
        "look_requested_at": now,
        **OPENED_AGAIN,
        **hours_columns(row, application.hours_json),
    }
