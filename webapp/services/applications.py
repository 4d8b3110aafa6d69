"""Applications: a seeker applies, a provider approves or rejects."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed_rows
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
from webapp.services.approvals import take_default_windows
from webapp.services.context import ServiceContext


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
) -> int:
    """Approve those of them that nobody has decided about; how many these were. Safe to repeat.

    Whoever has no window gets that of the posting's defaults. Raises Conflict, if their end has passed.
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
    seeker_ids = [seeker_id for _, seeker_id in decided]
    with all_or_nothing(context):
        take_default_windows(
            context, [one for one, _ in decided], company_id=company_id, posting_id=posting_id
        )
    tell_approved(context, seeker_ids, company_id=company_id, posting_id=posting_id)
    context.session.commit()
    mails.notify_sender(context)
    return len(seeker_ids)


def decide(
    context: ServiceContext,
    application_id: int,
    *,
    company_id: int,
    decided_by_id: int,
    status: ApplicationStatus,
) -> Application:
    """Approve or reject; safe to repeat. Whoever is approved without a window gets that of the defaults.

    Raises NotFound, Conflict (already decided otherwise, or the end of the defaults has passed).
    """
    application = queries.get_application(context.session, application_id, company_id=company_id)
    changed = context.session.execute(
        update(Application)
        .where(Application.id == application.id, Application.status == ApplicationStatus.SUBMITTED)
        .values(status=status, decided_at=context.clock.now(), decided_by_id=decided_by_id)
    )
    context.session.refresh(application, ["status", "decided_at", "decided_by_id"])
    if changed_rows(changed) == 1 and status is ApplicationStatus.APPROVED:
        posting_id = application.job_posting_id
        with all_or_nothing(context):
            take_default_windows(context, [application_id], company_id=company_id, posting_id=posting_id)
        tell_approved(context, [application.seeker_id], company_id=company_id, posting_id=posting_id)
    context.session.commit()
    mails.notify_sender(context)
    if changed_rows(changed) == 0 and application.status is not status:
        raise Conflict(f"This application has already been {application.status}.", code="already_decided")
    return application


def check_still_approved(context: ServiceContext, application_id: int) -> None:
    """After a desktop of it is inserted, which waits while the account is being removed. Raises Conflict."""
    now = select(Application.status).where(Application.id == application_id)
    if context.session.scalar(now) is not ApplicationStatus.APPROVED:
        raise not_approved()


def not_approved() -> Conflict:
    return Conflict(
        "Approve the application before you order a desktop for it.",
        code="application_not_approved",
        field="application_id",
    )


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
