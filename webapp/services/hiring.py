"""Hiring by an e-mail address: somebody the company knows is approved at once, everybody else is invited."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.domain.actor import Actor
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.permissions import Permission
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.models import Application, JobPosting, User
from webapp.queries import applications as queries
from webapp.queries import job_postings
from webapp.services.applications import tell_approved
from webapp.services.approvals import note_orders
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import defaults_of, window_by
from webapp.services.invitation_limits import TOO_SOON, too_soon
from webapp.services.invitations import Invited, Wanted, invite
from webapp.services.mails import notify_sender
from webapp.services.people import normal_email
from webapp.services.profile_orders import order_due
from webapp.services.window_refusals import check_new_window


def hire(
    context: ServiceContext,
    wanted: Wanted,
    *,
    company_id: int,
    posting_id: int,
    by: User,
    order_as: Actor | None = None,
) -> Application | Invited:
    """For a job posting; commits. Who has never applied to the company decides by the invitation.

    `order_as`: who orders, where the profile of the job orders with the approval; None: the caller may not.
    What comes back for them is the same whether the address has an account in Berth or not. Raises NotFound,
    Invalid, and Conflict (`application_exists`, `default_end_passed`).
    """
    if wanted.window is not None:
        check_new_window(wanted.window, now=context.clock.now())
    posting = job_postings.get_posting(context.session, posting_id, company_id=company_id)
    known = queries.find_applicant(context.session, normal_email(wanted.email), company_id=company_id)
    if known is None:
        return invite_one(context, wanted, company_id=company_id, posting_id=posting_id, by=by)
    application = approve_known(context, posting, known, by, wanted.window)
    about = {"company_id": company_id, "posting_id": posting_id}
    is_due = note_orders(context, [application.id], may_order=order_as is not None, **about)
    context.session.commit()
    notify_sender(context)
    if is_due:
        order_due(context, [application.id], company_id=company_id, order_as=order_as)
    return application


def invite_one(
    context: ServiceContext,
    wanted: Wanted,
    *,
    company_id: int,
    by: User,
    posting_id: int | None = None,
    held: frozenset[Permission] | None = None,
) -> Invited:
    """A colleague, or with `posting_id` a person to be hired; commits. Says nothing about foreign accounts.

    `held`: what the caller may do, if that is less than `by` may.
    Raises NotFound, Invalid, Forbidden, and Conflict (`already_colleague`, `application_exists`).
    """
    [invited] = invite(
        context,
        [wanted],
        company_id=company_id,
        invited_by=by,
        posting_id=posting_id,
        tells_of_others=False,
        held=held,
    )
    if invited.code == "invalid":
        raise Invalid(invited.problem, field="email")
    if invited.code == TOO_SOON:
        raise too_soon(invited.wait_s)
    if invited.code:
        raise Conflict(invited.problem, code=invited.code, field="email")
    return invited


def approve_known(
    context: ServiceContext, posting: JobPosting, person: User, by: User, window: Window | None
) -> Application:
    """A new application of somebody who never applied for this job; not committed yet. Raises Conflict."""
    _check_there(context, person)
    before = queries.find_own_application(context.session, seeker_id=person.id, posting_id=posting.id)
    if before is not None:
        raise _exists(before.id)
    now = context.clock.now()
    application = Application(
        company_id=posting.company_id,
        job_posting_id=posting.id,
        seeker_id=person.id,
        message="",
        status=ApplicationStatus.APPROVED,
        decided_at=now,
        decided_by_id=by.id,
        created_at=now,
    )
    defaults = defaults_of(context, posting)
    given = window or window_by(defaults, now=now)
    if given is not None:
        application.take_window(given, at=now, is_default=window is None)
    if defaults.hours is not None:
        application.take_hours(defaults.hours_of(person.time_zone), at=now, is_default=True)
    context.session.add(application)
    try:
        context.session.flush()
    except IntegrityError:  # another request was faster by a moment
        context.session.rollback()
        raise _exists() from None
    tell_approved(context, [person.id], company_id=posting.company_id, posting_id=posting.id)
    return application


def _check_there(context: ServiceContext, person: User) -> None:
    """A removal of the account waits from here on, or has been waited for. Raises Conflict."""
    still = select(User.id).where(User.id == person.id, User.removed_at.is_(None))
    if context.session.scalar(still.with_for_update(read=True, key_share=True)) is None:
        raise Conflict("The account of this person was removed a moment ago.", code="conflict")


def _exists(application_id: int | None = None) -> Conflict:
    return Conflict(
        "This person has an application for this job already.",
        code="application_exists",
        field="email",
        extra={} if application_id is None else {"application_id": application_id},
    )
