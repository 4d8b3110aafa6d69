"""Applications, inside their company or the seeker's own."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, JobPosting, Workspace
from webapp.models.workspace import IS_LIVE

AnySession = Session | scoped_session[Session]

_WITH_NAMES = (joinedload(Application.job_posting), joinedload(Application.seeker))


def get_application(session: AnySession, application_id: int, *, company_id: int) -> Application:
    application = find_application(session, application_id, company_id=company_id)
    if application is None:
        raise NotFound("Application not found.")
    return application


def find_application(session: AnySession, application_id: int, *, company_id: int) -> Application | None:
    return session.scalar(
        select(Application)
        .options(*_WITH_NAMES)
        .where(Application.id == application_id, Application.company_id == company_id)
    )


def list_applications(
    session: AnySession,
    *,
    company_id: int,
    posting_id: int | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Application]:
    """Undecided ones first, then the newest."""
    query = (
        select(Application)
        .options(*_WITH_NAMES)
        .where(Application.company_id == company_id)
        .order_by(
            Application.status != ApplicationStatus.SUBMITTED,
            Application.created_at.desc(),
            Application.id.desc(),
        )
        .limit(limit)
        .offset(offset)
    )
    if posting_id is not None:
        query = query.where(Application.job_posting_id == posting_id)
    return list(session.scalars(query))


def count_of_posting(session: AnySession, *, company_id: int, posting_id: int) -> tuple[int, int]:
    """How many applied for a job, and how many of them are approved and have no live workspace."""
    is_served = select(Workspace.id).where(Workspace.application_id == Application.id, IS_LIVE).exists()
    is_unserved = (Application.status == ApplicationStatus.APPROVED) & ~is_served
    total, unserved = session.execute(
        select(func.count(), func.count().filter(is_unserved))
        .select_from(Application)
        .where(Application.company_id == company_id, Application.job_posting_id == posting_id)
    ).one()
    return total, unserved


def list_approved_without_workspace(session: AnySession, *, company_id: int) -> list[Application]:
    """People you can order for: approved, without a live workspace; by name."""
    is_served = select(Workspace.id).where(Workspace.application_id == Application.id, IS_LIVE).exists()
    found = session.scalars(
        select(Application)
        .options(*_WITH_NAMES)
        .where(
            Application.company_id == company_id,
            Application.status == ApplicationStatus.APPROVED,
            ~is_served,
        )
        .order_by(Application.id)
    )
    return sorted(found, key=lambda application: (application.seeker.name.lower(), application.id))


def list_own_applications(session: AnySession, *, seeker_id: int) -> list[Application]:
    """A seeker's own, newest first, with posting and company."""
    return list(
        session.scalars(
            select(Application)
            .options(joinedload(Application.job_posting).joinedload(JobPosting.company))
            .where(Application.seeker_id == seeker_id)
            .order_by(Application.created_at.desc(), Application.id.desc())
        )
    )


def find_own_application(session: AnySession, *, seeker_id: int, posting_id: int) -> Application | None:
    """A seeker's own application for one posting."""
    return session.scalar(
        select(Application).where(
            Application.seeker_id == seeker_id, Application.job_posting_id == posting_id
        )
    )
