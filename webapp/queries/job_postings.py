"""Job postings, inside their company or on the public board."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.roles import ApplicationStatus, JobPostingStatus
from webapp.domain.sentences import say
from webapp.models import Application, JobPosting

AnySession = Session | scoped_session[Session]


def get_posting(session: AnySession, posting_id: int, *, company_id: int) -> JobPosting:
    posting = session.scalar(
        select(JobPosting).where(JobPosting.id == posting_id, JobPosting.company_id == company_id)
    )
    if posting is None:
        raise NotFound(say("Job posting not found."))
    return posting


def get_public_posting(session: AnySession, posting_id: int) -> JobPosting:
    """Any company's posting, open or closed, with its company."""
    posting = session.scalar(
        select(JobPosting).options(joinedload(JobPosting.company)).where(JobPosting.id == posting_id)
    )
    if posting is None:
        raise NotFound(say("Job posting not found."))
    return posting


def list_postings(
    session: AnySession, *, company_id: int, limit: int, offset: int = 0
) -> list[tuple[JobPosting, int, int]]:
    """The company's postings with the number of applications in all and of those that wait; newest first."""
    own = Application.job_posting_id == JobPosting.id
    every = select(func.count()).select_from(Application).where(own).correlate(JobPosting)
    waiting = every.where(Application.status == ApplicationStatus.SUBMITTED)
    rows = session.execute(
        select(JobPosting, every.scalar_subquery(), waiting.scalar_subquery())
        .where(JobPosting.company_id == company_id)
        .order_by(JobPosting.created_at.desc(), JobPosting.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(posting, total, open_count) for posting, total, open_count in rows]


def list_open_postings(session: AnySession, *, limit: int = 100) -> list[JobPosting]:
    """The public board: open postings of every company, newest first."""
    return list(
        session.scalars(
            select(JobPosting)
            .options(joinedload(JobPosting.company))
            .where(JobPosting.status == JobPostingStatus.OPEN)
            .order_by(JobPosting.created_at.desc(), JobPosting.id.desc())
            .limit(limit)
        )
    )
