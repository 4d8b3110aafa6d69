"""Applications: a seeker applies, a provider approves or rejects."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed_rows
from webapp.domain.actor import Actor
from webapp.domain.errors import Conflict
from webapp.domain.mails import APPLICATION_APPROVED
from webapp.domain.roles import ApplicationStatus, JobPostingStatus
from webapp.domain.sentences import say
from webapp.models import Application, Company, JobPosting, User
from webapp.models.schedule import MOST_AT_ONCE
from webapp.queries import applications as queries
from webapp.queries import job_postings
from webapp.services import mails
from webapp.services.all_or_nothing import all_or_nothing
from webapp.services.approvals import note_orders, take_default_terms
from webapp.services.context import ServiceContext
from webapp.services.profile_orders import order_due


def apply(context: ServiceContext, posting_id: int, *, seeker_id: int, message: str) -> Application:
    """Raises NotFound, Conflict (closed, or applied before)."""
    posting = job_postings.get_public_posting(context.session, posting_id)
    if posting.status is not JobPostingStatus.OPEN:
        raise Conflict(say("This job is closed to new applications."), code="job_closed")
    application = Application(
        company_id=posting.company_id,
        job_posting_id=posting.id,
        seeker_id=seeker_id,
        message=message.strip(),
        status=ApplicationStatus.SUBMITTED,
        created_at=context.clock.now(),
    )
    context.session.add(application)
    try:
        context.session.commit()
    except IntegrityError:
        context.session.rollback()
        raise Conflict(say("You have already applied for this job."), code="already_applied") from None
    return application


def approve_many(
    context: ServiceContext,
    application_ids: list[int],
    *,
    company_id: int,
    posting_id: int,
    decided_by_id: int,
    order_as: Actor | None = None,
) -> list[int]:
    """Approve those of them that nobody has decided about; which these were. Safe to repeat.

    Whoever has no window, or no hours, gets those of the defaults. `order_as`: who orders, where the job's
    profile orders with the approval; None: the approver may not. Raises Conflict, if their end has passed.
    """
    decided = context.session.execute(
        update(Application)
        .where(
            Application.id.in_(application_ids),
            Application.company_id == company_id,
            Application.job_posting_id == posting_id,
            Application.status == ApplicationStatus.SUBMITTED,
        )
        .values(
            status=ApplicationStatus.APPROVED, decided_at=context.clock.now(), decided_by_id=decided_by_id
        )
        .returning(Application.id, Application.seeker_id)
        .execution_options(synchronize_session=False)
    ).all()
    approved = [one for one, _ in decided]
    about = {"company_id": company_id, "posting_id": posting_id}
    with all_or_nothing(context):
        take_default_terms(context, approved, **about)
    note_orders(context, approved, may_order=order_as is not None, **about)
    tell_approved(context, [seeker_id for _, seeker_id in decided], **about)
    context.session.commit()
    mails.notify_sender(context)
    order_due(context, application_ids, company_id=company_id, order_as=order_as)
    return approved


def decide(
    context: ServiceContext,
    application_id: int,
    *,
    company_id: int,
    decided_by_id: int,
    status: ApplicationStatus,
    order_as: Actor | None = None,
) -> Application:
    """Approve or reject; safe to repeat. Who is approved gets the window and hours of the defaults.

    `order_as`: who orders, where the profile of the job orders with the approval; None: the approver may not.
    Raises NotFound, Conflict (already decided otherwise, or the end of the defaults has passed).
    """
    application = queries.get_application(context.session, application_id, company_id=company_id)
    changed = context.session.execute(
        update(Application)
        .where(Application.id == application.id, Application.status == ApplicationStatus.SUBMITTED)
        .values(status=status, decided_at=context.clock.now(), decided_by_id=decided_by_id)
    )
    context.session.refresh(application, ["status", "decided_at", "decided_by_id", "order_due_at"])
    is_due = application.order_due_at is not None
    if changed_rows(changed) == 1 and status is ApplicationStatus.APPROVED:
        about = {"company_id": company_id, "posting_id": application.job_posting_id}
        with all_or_nothing(context):
            take_default_terms(context, [application_id], **about)
        is_due = note_orders(context, [application_id], may_order=order_as is not None, **about)
        tell_approved(context, [application.seeker_id], **about)
    context.session.commit()
    mails.notify_sender(context)
    if changed_rows(changed) == 0 and application.status is not status:
        raise Conflict(f"This application has already been {application.status}.", code="already_decided")
    if is_due:
        order_due(context, [application_id], company_id=company_id, order_as=order_as)
        context.session.expire(application)
        application = queries.get_application(context.session, application_id, company_id=company_id)
        context.session.commit()
    return application


def tell_approved(
    context: ServiceContext, seeker_ids: Sequence[int], *, company_id: int, posting_id: int
) -> None:
    """A mail to each of them, in the transaction of the approval."""
    if not seeker_ids or not context.settings.mail.is_set_up:
        return
    company, job = context.session.execute(
        select(Company.name, JobPosting.title)
        .join(JobPosting, JobPosting.company_id == Company.id)
        .where(JobPosting.id == posting_id, JobPosting.company_id == company_id)
    ).one()
    for start in range(0, len(seeker_ids), MOST_AT_ONCE):
        some = select(User).where(User.id.in_(seeker_ids[start : start + MOST_AT_ONCE]), User.is_active)
        for seeker in context.session.scalars(some):
            mails.queue_mail(
                context,
                APPLICATION_APPROVED,
                to=seeker,
                company_id=company_id,
                parameters={"company": company, "job": job},
            )
