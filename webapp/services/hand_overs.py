"""A hand-over: the desktop of one person ends, and the next person of the same job gets a new one, in one
transaction. Why it is never the same machine: docs/decisions/hand_over.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from webapp.domain.access import Because
from webapp.domain.actor import Actor
from webapp.domain.errors import AppError, Conflict, Invalid
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.roles import ApplicationStatus
from webapp.domain.webhooks import HANDED_OVER, SUSPENDS
from webapp.domain.windows import Window
from webapp.languages import exact
from webapp.models import Application, Company, Event, User, Workspace
from webapp.models.workspace import is_live
from webapp.queries import applications, job_postings
from webapp.queries import workspaces as queries
from webapp.queueing import JobName
from webapp.services.applications import tell_approved
from webapp.services.approvals import take_default_hours
from webapp.services.conflicts import not_approved, workspace_exists
from webapp.services.context import ServiceContext
from webapp.services.hiring import approve_known
from webapp.services.mails import notify_sender
from webapp.services.order_limits import BudgetReached, tell_refusal
from webapp.services.orders import OrderRequest, checked_columns
from webapp.services.placing import make_in_time, place
from webapp.services.suspensions import kept_for, suspending, tell_access_ended
from webapp.services.windows import NO_ACTION, TRIES, change_row, lock_window, write_window

TOOK_OVER = "took_over"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Who takes over, and what becomes of the former desktop."""

    application_id: int
    """Of the next person: approved, or undecided for the same job; or approved for another one."""
    username: str
    create_user: bool = False
    is_kept: bool = False
    """The former desktop is kept, closed, for the company's grace after a contract."""
    window: Window | None = None
    """Of the next person's contract; None: what is left of the former one."""


class _Changed(Exception):
    """A worker has changed the former desktop meanwhile."""


def hand_over(
    context: ServiceContext, workspace_id: int, wanted: HandOver, *, company_id: int, actor: Actor
) -> Workspace:
    """The new desktop, ordered with the former one's account and size.

    Raises NotFound, Invalid, Conflict (`handed_over`), Unavailable; nothing has changed then.
    """
    for _ in range(TRIES):
        try:
            made = _hand_over(context, workspace_id, wanted, company_id, actor)
        except _Changed:
            context.session.rollback()
            continue
        except AppError as error:
            context.session.rollback()  # the page that shows the reason must not hold the write lock
            if isinstance(error, BudgetReached):
                tell_refusal(context, error)
            raise
        context.notifier.notify(JobName.RECONCILE, made.credential_id)
        notify_sender(context)
        return made
    raise Conflict("The desktop is changing right now. Try again.", code="conflict")


def kept_until(context: ServiceContext, former: Workspace) -> datetime | None:
    """Until when it can be kept, if it is handed over now; None: it cannot."""
    query = select(Company.contract_grace_days).where(Company.id == former.company_id)
    grace = timedelta(days=context.session.scalar(query) or 0)
    return None if former.desired is Desired.ABSENT else kept_for(context, former, grace)


def refusal(context: ServiceContext, former: Workspace) -> Conflict | None:
    """Why it cannot be handed over; None when it can."""
    if former.phase is Phase.GONE:
        return Conflict(
            "This desktop has ended. Order a new one for the next person.", code="action_not_allowed"
        )
    if former.is_handed_over:
        return Conflict(
            "Another desktop has taken over from this one already.",
            code="handed_over",
            extra={"workspace_id": former.replaced_by_id},
        )
    other = None if is_live(former) else find_other(context, former)
    if other is not None:
        return Conflict(
            "This order failed, and its person has another desktop by now. Hand that one over.",
            code="action_not_allowed",
            extra={"workspace_id": other.id},
        )
    return None


def find_other(context: ServiceContext, former: Workspace) -> Workspace | None:
    """The live desktop of the same contract, if it is another one."""
    other = queries.find_live_for_application(context.session, former.application_id)
    return other if other is not None and other.id != former.id else None


def inherited(former: Window, own: Window, now: datetime) -> Window:
    """The contract of whoever takes over, unless it is given: what is left, or the own one where none is."""
    return own if former.is_open else former.remaining(now)


def _hand_over(
    context: ServiceContext, workspace_id: int, wanted: HandOver, company_id: int, actor: Actor
) -> Workspace:
    former = _free(context, workspace_id, company_id)
    _check_candidate(context, former, _candidate(context, wanted, company_id))
    order_request = OrderRequest(
        application_id=wanted.application_id,
        cloud_credential_id=former.credential_id,
        workspace_type=former.workspace_type,
        bundle_id=former.bundle_id,
        username=wanted.username,
        create_user=wanted.create_user,
    )
    columns = checked_columns(context, order_request, company_id)
    # Listing bundles may have ended the transaction: from here on everything is in one.
    former = _free(context, workspace_id, company_id)
    until = _until(context, former, is_kept=wanted.is_kept)
    application = _take_on(context, former, _candidate(context, wanted, company_id), wanted, actor)
    replaces = former if is_live(former) else None
    made = place(context, columns, application, actor, replaces=replaces, is_kept=wanted.is_kept)
    made.replaces_id, made.profile_id = former.id, former.profile_id
    made.profile_version = former.profile_version
    if former.make_at is not None:
        make_in_time(context, made)
    message = f"Takes over from desktop {former.id} ({former.username})."
    context.session.add(
        Event.about(
            made,
            at=made.created_at,
            event=TOOK_OVER,
            message=message,
            actor=actor,
            details={"replaces": former.id},
        )
    )
    _end(context, former, made, until=until, actor=actor)
    context.session.commit()
    return made


def _free(context: ServiceContext, workspace_id: int, company_id: int) -> Workspace:
    former = queries.get_workspace(context.session, workspace_id, company_id=company_id)
    if refused := refusal(context, former):
        raise refused
    return former


def _until(context: ServiceContext, former: Workspace, *, is_kept: bool) -> datetime | None:
    until = kept_until(context, former) if is_kept else None
    if is_kept and until is None:
        raise Conflict(
            "This desktop cannot be kept: nobody has used it, it is being deleted, or your company keeps none"
            " after a contract.",
            code="action_not_allowed",
            field="keep",
        )
    return until


def _candidate(context: ServiceContext, wanted: HandOver, company_id: int) -> Application:
    found = applications.find_application(context.session, wanted.application_id, company_id=company_id)
    if found is None:
        raise Invalid("Application not found.", code="application_not_found", field="application_id")
    return found


def _check_candidate(context: ServiceContext, former: Workspace, candidate: Application) -> None:
    if candidate.seeker_id == former.application.seeker_id:
        raise Invalid(
            "This person has the desktop already. Choose who comes next.",
            code="application_not_found",
            field="application_id",
        )
    is_same_job = candidate.job_posting_id == former.application.job_posting_id
    is_undecided = candidate.status is ApplicationStatus.SUBMITTED and is_same_job
    if candidate.status is not ApplicationStatus.APPROVED and not is_undecided:
        raise not_approved(candidate.status)
    existing = queries.find_live_for_application(context.session, candidate.id)
    if existing is not None:
        raise workspace_exists(existing)


def _take_on(
    context: ServiceContext, former: Workspace, candidate: Application, wanted: HandOver, actor: Actor
) -> Application:
    """Approved for the former one's job, with the contract."""
    now, posting_id = context.clock.now(), former.application.job_posting_id
    window = wanted.window or inherited(former.application.window, candidate.window, now)
    if window.is_over(now):
        message = "This contract would be over already. Enter another end, or none."
        raise Invalid(message, code="window_invalid", field="last_day")
    if candidate.job_posting_id != posting_id:
        posting = job_postings.get_posting(context.session, posting_id, company_id=former.company_id)
        user = context.session.get_one(User, actor.user_id)
        known = approve_known(context, posting, candidate.seeker, user, window)
        _pass_hours_on(former.application, known, now)
        return known
    approved = context.session.scalars(
        update(Application)
        .where(Application.id == candidate.id, Application.status == ApplicationStatus.SUBMITTED)
        .values(status=ApplicationStatus.APPROVED, decided_at=now, decided_by_id=actor.user_id)
        .returning(Application.seeker_id)
        .execution_options(synchronize_session=False)
    ).all()
    about = {"company_id": former.company_id, "posting_id": posting_id}
    tell_approved(context, approved, **about)
    lock_window(context, candidate)
    if approved:
        take_default_hours(context, [candidate.id], **about)
    _pass_hours_on(former.application, candidate, now)
    write_window(context, candidate, window, actor=actor)
    return candidate


def _pass_hours_on(former: Application, candidate: Application, now: datetime) -> None:
    """What somebody has set for the former contract goes on with it, unless the next person's has its own."""
    if former.has_own_hours and former.hours is not None and not candidate.has_own_hours:
        candidate.take_hours(former.hours, at=now)


def _end(
    context: ServiceContext, former: Workspace, made: Workspace, *, until: datetime | None, actor: Actor
) -> None:
    """The former person's contract is over now; the desktop at once, or after its grace."""
    application, now, before = former.application, context.clock.now(), former.state
    lock_window(context, application)
    if not is_live(former) and find_other(context, former) is not None:
        raise _Changed  # ordered meanwhile: it would go on under a contract that is over
    write_window(context, application, application.window.closed(now), actor=actor, besides=former.id)
    was_suspended, kept_before = former.suspended_at is not None, former.destroy_at
    if not change_row(context, former, _ended(former, made, until, now)):
        raise _Changed
    context.session.refresh(former)
    tell_access_ended(context, former, before=kept_before)
    fate = f"It is kept until {exact(until)}." if until else "It is deleted now, with all its files."
    newly = {SUSPENDS: True} if former.suspended_at is not None and not was_suspended else {}
    context.session.add(
        Event.about(
            former,
            at=now,
            event=HANDED_OVER,
            message=f"Handed over: desktop {made.id} ({made.username}) takes over. {fate}",
            actor=actor,
            from_state=before,
            details={"replaced_by": made.id, **newly},
        )
    )


def _ended(former: Workspace, made: Workspace, until: datetime | None, now: datetime) -> dict[str, Any]:
    window = former.application.window
    changes: dict[str, Any] = {
        "replaced_by_id": made.id,
        "starts_at": window.starts_at,
        "ends_at": window.ends_at,
        **NO_ACTION,
        **former.without_resize,
        **former.without_unsent_move,
    }
    if until is None:
        return changes | {"desired": Desired.ABSENT}
    return changes | suspending(former, Because.CONTRACT_ENDED, until=until, now=now)


def candidates(
    context: ServiceContext, former: Workspace, *, q: str, limit: int
) -> tuple[Sequence[Application], Sequence[Application]]:
    """Of the same job, approved or undecided; and of other jobs, approved: nobody who has a desktop."""
    posting_id, seeker_id = former.application.job_posting_id, former.application.seeker_id
    same = applications.list_next(
        context.session, company_id=former.company_id, posting_id=posting_id, q=q, limit=limit
    )
    known = applications.list_unserved(context.session, company_id=former.company_id, q=q, limit=limit)
    applied = applications.list_seekers(
        context.session, posting_id, [one.seeker_id for one in known], company_id=former.company_id
    )
    others = [one for one in known if one.job_posting_id != posting_id and one.seeker_id not in applied]
    return [one for one in same if one.seeker_id != seeker_id], others
