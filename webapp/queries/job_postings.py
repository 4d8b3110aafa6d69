"""Job postings, inside their company or on the public board."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.errors import NotFound
from webapp.domain.roles import ApplicationStatus, JobPostingStatus
from webapp.domain.sentences import say
from webapp.models import Application, Company, JobPosting
from webapp.queries.branches import count_some, is_older, some_counted

AnySession = Session | scoped_session[Session]
_IS_PUBLIC = JobPosting.company.has(Company.disabled_at.is_(None))


def get_posting(session: AnySession, posting_id: int, *, company_id: int) -> JobPosting:
    posting = session.scalar(
        select(JobPosting).where(JobPosting.id == posting_id, JobPosting.company_id == company_id)
    )
    if posting is None:
        raise NotFound(say("Job posting not found."))
    return posting


def lock_posting(session: AnySession, posting_id: int, *, company_id: int) -> JobPosting:
    """As it is now, and nobody else changes it before this transaction ends."""
    posting = session.scalar(
        select(JobPosting)
        .where(JobPosting.id == posting_id, JobPosting.company_id == company_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if posting is None:
        raise NotFound(say("Job posting not found."))
    return posting


def get_public_posting(session: AnySession, posting_id: int) -> JobPosting:
    """Any company's posting, open or closed, with its company; none of a company that is disabled."""
    posting = session.scalar(
        select(JobPosting)
        .options(joinedload(JobPosting.company))
        .where(JobPosting.id == posting_id, _IS_PUBLIC)
    )
    if posting is None:
        raise NotFound(say("Job posting not found."))
    return posting


def list_postings(
    session: AnySession, *, company_id: int, limit: int, offset: int = 0
) -> list[tuple[JobPosting, int, int]]:
    """The company's postings with the number of applications in all and of those that wait; newest first.

    Each is counted until there are more than MOST_COUNTED.
    """
    every = select(Application.id).where(Application.job_posting_id == JobPosting.id).correlate(JobPosting)
    waiting = every.where(Application.status == ApplicationStatus.SUBMITTED)
    rows = session.execute(
        select(JobPosting, some_counted(every).scalar_subquery(), some_counted(waiting).scalar_subquery())
        .where(JobPosting.company_id == company_id)
        .order_by(JobPosting.created_at.desc(), JobPosting.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(posting, total, open_count) for posting, total, open_count in rows]


def list_with_profile(session: AnySession, profile_id: int, *, company_id: int) -> list[JobPosting]:
    """Those that give this profile, the newest first."""
    own = select(JobPosting).where(JobPosting.company_id == company_id, JobPosting.profile_id == profile_id)
    return list(session.scalars(own.order_by(JobPosting.created_at.desc(), JobPosting.id.desc())))


def list_contract_defaults(
    session: AnySession, posting_ids: Collection[int], *, company_id: int
) -> dict[int, ContractDefaults]:
    """Of those of them that have any."""
    own = select(
        JobPosting.id,
        JobPosting.default_zone,
        JobPosting.default_starts_at,
        JobPosting.default_ends_at,
        JobPosting.default_days,
    ).where(JobPosting.company_id == company_id, JobPosting.id.in_(posting_ids))
    found = {
        posting_id: ContractDefaults(zone, starts_at, ends_at, days)
        for posting_id, zone, starts_at, ends_at, days in session.execute(own)
    }
    return {posting_id: one for posting_id, one in found.items() if not one.is_empty}


def list_page(
    session: AnySession,
    *,
    company_id: int,
    status: JobPostingStatus | None,
    limit: int,
    before: tuple[datetime, int] | None,
) -> list[JobPosting]:
    """The company's postings, newest first; `before` continues after that one."""
    query = select(JobPosting).where(*_of_company(company_id, status))
    if before is not None:
        query = query.where(is_older(JobPosting, before))
    newest = (JobPosting.created_at.desc(), JobPosting.id.desc())
    return list(session.scalars(query.order_by(*newest).limit(limit)))


def count_postings(session: AnySession, *, company_id: int, status: JobPostingStatus | None) -> int:
    """Until there are more than MOST_COUNTED."""
    return count_some(session, select(JobPosting.id).where(*_of_company(company_id, status)))


def _of_company(company_id: int, status: JobPostingStatus | None) -> list[ColumnElement[bool]]:
    own = [JobPosting.company_id == company_id]
    return own if status is None else [*own, JobPosting.status == status]


def list_open_postings(session: AnySession, *, limit: int = 100) -> list[JobPosting]:
    """The public board: open postings of every company, newest first."""
    return list(
        session.scalars(
            select(JobPosting)
            .options(joinedload(JobPosting.company))
            .where(JobPosting.status == JobPostingStatus.OPEN, _IS_PUBLIC)
            .order_by(JobPosting.created_at.desc(), JobPosting.id.desc())
            .limit(limit)
        )
    )
