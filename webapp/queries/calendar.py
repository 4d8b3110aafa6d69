"""Who starts and who ends around now: the moments of a company's contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session

from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, JobPosting, User

AnySession = Session | scoped_session[Session]

AROUND = timedelta(days=90)
MOST_MOMENTS = 1000
"""What is still to come before what was."""


@dataclass(frozen=True, slots=True)
class Moment:
    application_id: int
    at: datetime
    is_end: bool
    person: str
    job: str
    version: int
    set_at: datetime


def list_moments(
    session: Session | scoped_session[Session], *, company_id: int, now: datetime
) -> list[Moment]:
    """The next first, then the past, newest first."""
    following: list[Moment] = []
    past: list[Moment] = []
    for column in (Application.starts_at, Application.ends_at):
        around = _of_company(company_id, column)
        to_come = around.where(column >= now, column <= now + AROUND).order_by(column, Application.id)
        over = around.where(column < now, column >= now - AROUND).order_by(
            column.desc(), Application.id.desc()
        )
        following += _moments(session, to_come, column)
        past += _moments(session, over.order_by(column.desc(), Application.id.desc()), column)
    following.sort(key=lambda one: one.at)
    past.sort(key=lambda one: one.at, reverse=True)
    return [*following, *past][:MOST_MOMENTS]


def _of_company(company_id: int, column: InstrumentedAttribute[datetime | None]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application.id,
            column,
            User.name,
            JobPosting.title,
            Application.window_version,
            Application.window_set_at,
            Application.decided_at,
        )
        .join(User, User.id == Application.seeker_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .where(Application.company_id == company_id, Application.status == ApplicationStatus.APPROVED)
        .limit(MOST_MOMENTS)
    )


def _moments(
    session: AnySession,
    query: Select[*tuple[Any, ...]],
    column: InstrumentedAttribute[datetime | None],
) -> Iterator[Moment]:
    is_end = column is Application.ends_at
    for application_id, at, person, job, version, set_at, decided_at in session.execute(query):
        yield Moment(application_id, at, is_end, person, job, version, set_at or decided_at)
