"""Applications, inside their company or the seeker's own."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.roles import ApplicationStatus
from webapp.domain.sentences import say
from webapp.models import Application, JobPosting, User
from webapp.models.application import FAILED_DESKTOP, LIVE_DESKTOP, NO_DESKTOP
from webapp.queries.branches import count_some, first_of_each, is_older, some_counted

AnySession = Session | scoped_session[Session]

UNSERVED = (NO_DESKTOP, FAILED_DESKTOP)
IS_UNSERVED = and_(Application.status == ApplicationStatus.APPROVED, Application.desktop.in_(UNSERVED))
_WITH_NAMES = (joinedload(Application.job_posting), joinedload(Application.seeker))


def get_application(session: AnySession, application_id: int, *, company_id: int) -> Application:
    application = find_application(session, application_id, company_id=company_id)
    if application is None:
        raise NotFound(say("Application not found."))
    return application


def find_application(session: AnySession, application_id: int, *, company_id: int) -> Application | None:
    return session.scalar(
        select(Application)
        .options(*_WITH_NAMES)
        .where(Application.id == application_id, Application.company_id == company_id)
    )


def list_applications(
    session: AnySession, *, company_id: int, posting_id: int, limit: int, offset: int = 0
) -> list[Application]:
    """Of a job: undecided ones first, then the newest."""
    newest = (Application.created_at.desc(), Application.id.desc())
    own = select(Application.id).where(
        Application.company_id == company_id, Application.job_posting_id == posting_id
    )
    branches = [
        own.where(Application.status == status).order_by(*newest).limit(offset + limit)
        for status in ApplicationStatus
    ]
    return list(
        session.scalars(
            select(Application)
            .options(*_WITH_NAMES)
            .where(Application.id.in_(first_of_each(branches)))
            .order_by(Application.status != ApplicationStatus.SUBMITTED, *newest)
            .limit(limit)
            .offset(offset)
        )
    )


def list_page(
    session: AnySession,
    *,
    company_id: int,
    posting_id: int | None,
    statuses: Sequence[ApplicationStatus],
    limit: int,
    before: tuple[datetime, int] | None,
) -> list[Application]:
    """Of the company, newest first; `before` continues after that one."""
    newest = (Application.created_at.desc(), Application.id.desc())
    branches = [
        one.order_by(*newest).limit(limit)
        for one in _of_company(select(Application.id), company_id, posting_id, statuses)
    ]
    if before is not None:
        branches = [one.where(is_older(Application, before)) for one in branches]
    return list(
        session.scalars(
            select(Application)
            .options(*_WITH_NAMES)
            .where(Application.id.in_(first_of_each(branches)))
            .order_by(*newest)
            .limit(limit)
        )
    )


def count_page(
    session: AnySession, *, company_id: int, posting_id: int | None, statuses: Sequence[ApplicationStatus]
) -> int:
    """Counted until there are more than MOST_COUNTED."""
    return count_some(session, *_of_company(select(Application.id), company_id, posting_id, statuses))


def _of_company(
    query: Select[int], company_id: int, posting_id: int | None, statuses: Sequence[ApplicationStatus]
) -> list[Select[int]]:
    """One query a status, because the indexes begin with it."""
    own = query.where(Application.company_id == company_id)
    if posting_id is not None:
        own = own.where(Application.job_posting_id == posting_id)
    return [own.where(Application.status == status) for status in statuses]


def find_applicant(session: AnySession, email: str, *, company_id: int) -> User | None:
    """Somebody with this address (lower case) who has applied to the company, or was hired by it."""
    applied = select(Application.seeker_id).where(
        Application.company_id == company_id, Application.seeker_id == User.id
    )
    found = select(User).where(User.email == email, User.is_active, User.removed_at.is_(None))
    return session.scalar(found.where(applied.exists()))


def list_ids_by_hire(
    session: AnySession, hires: Collection[tuple[int, int]], *, company_id: int
) -> dict[tuple[int, int], int]:
    """Of these people's applications (posting and person), the ids."""
    if not hires:
        return {}
    pair = (Application.job_posting_id, Application.seeker_id)
    found = session.execute(
        select(*pair, Application.id).where(Application.company_id == company_id, tuple_(*pair).in_(hires))
    )
    return {(posting_id, seeker_id): row_id for posting_id, seeker_id, row_id in found}


def count_of_posting(
    session: AnySession, *, company_id: int, posting_id: int, now: datetime
) -> tuple[int, int]:
    """How many applied for a job, and how many of them are approved and have no live workspace, without those
    whose contract is over; each counted until there are more than MOST_COUNTED."""
    own = select(Application.id).where(
        Application.company_id == company_id, Application.job_posting_id == posting_id
    )
    unserved = own.where(IS_UNSERVED, Application.is_not_over(now))
    both = select(some_counted(own).scalar_subquery(), some_counted(unserved).scalar_subquery())
    of_all, of_unserved = session.execute(both).one()
    return of_all, of_unserved


def find_unserved(session: AnySession, application_id: int, *, company_id: int) -> Application | None:
    """Somebody you can order for: approved, without a live workspace."""
    return session.scalar(
        select(Application)
        .options(*_WITH_NAMES)
        .where(Application.id == application_id, Application.company_id == company_id, IS_UNSERVED)
    )


def list_unserved(session: AnySession, *, company_id: int, q: str = "", limit: int) -> list[Application]:
    """People you can order for, those approved last, by name; with `q` those whose name or address has it."""
    newest = (
        select(Application.id)
        .where(Application.company_id == company_id, Application.status == ApplicationStatus.APPROVED)
        .order_by(Application.decided_at.desc(), Application.id.desc())
        .limit(limit)
    )
    if q:
        newest = newest.join(User, User.id == Application.seeker_id).where(_matches(q))
    branches = [newest.where(Application.desktop == one) for one in UNSERVED]
    found = session.scalars(
        select(Application).options(*_WITH_NAMES).where(Application.id.in_(first_of_each(branches)))
    ).all()
    latest = sorted(found, key=lambda one: (one.decided_at, one.id), reverse=True)[:limit]
    return sorted(latest, key=lambda one: (one.seeker.name.lower(), one.id))


def list_next(
    session: AnySession, *, company_id: int, posting_id: int, q: str, limit: int
) -> list[Application]:
    """Who may take over a desktop of this job: approved or undecided, without a live one; approved first."""
    own = select(Application).where(
        Application.company_id == company_id, Application.job_posting_id == posting_id
    )
    statuses = (ApplicationStatus.APPROVED, ApplicationStatus.SUBMITTED)
    query = own.where(Application.status.in_(statuses), Application.desktop.in_(UNSERVED))
    newest = (
        Application.status != ApplicationStatus.APPROVED,
        Application.created_at.desc(),
        Application.id.desc(),
    )
    if q:
        query = query.join(User, User.id == Application.seeker_id).where(_matches(q))
    return list(session.scalars(query.options(*_WITH_NAMES).order_by(*newest).limit(limit)))


def list_outcomes(
    session: AnySession, application_ids: Collection[int], *, company_id: int
) -> Sequence[tuple[str, bool, str | None]]:
    """What became of orders with an approval: the person, is there a live desktop, and why not."""
    found = session.execute(
        select(User.name, Application.desktop == LIVE_DESKTOP, Application.order_refusal)
        .join(User, User.id == Application.seeker_id)
        .where(Application.id.in_(application_ids), Application.company_id == company_id)
        .order_by(Application.id)
    )
    return [(name, is_live, refusal) for name, is_live, refusal in found]


def list_seekers(
    session: AnySession, posting_id: int, seeker_ids: Collection[int], *, company_id: int
) -> set[int]:
    """Those of them who have applied for the job, or were hired for it."""
    found = select(Application.seeker_id).where(
        Application.company_id == company_id,
        Application.job_posting_id == posting_id,
        Application.seeker_id.in_(seeker_ids),
    )
    return set(session.scalars(found))


def _matches(q: str) -> ColumnElement[bool]:
    return or_(User.name.icontains(q, autoescape=True), User.email.icontains(q, autoescape=True))


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
