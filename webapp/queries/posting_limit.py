"""People who are limited to some job postings: no query finds them anything else of the company.

The limit is put on the session, not into each query, so that no query can forget it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import and_, event, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption

from webapp.models import (
    Application,
    Cohort,
    CohortRow,
    EndRecord,
    Event,
    HelpRequest,
    Invitation,
    JobPosting,
    UserPosting,
    Workspace,
)

_LIMITED_USER = "limited_user_id"


def limit(session: Session | scoped_session[Session], *, user_id: int) -> None:
    """From now on, as long as the session lives."""
    session.info[_LIMITED_USER] = user_id


def is_limited(session: Session | scoped_session[Session]) -> bool:
    """Then what is kept counted for the whole company must be counted instead."""
    return _LIMITED_USER in session.info


@contextmanager
def without_limit(session: Session | scoped_session[Session]) -> Iterator[None]:
    """Inside, for what a person may do with the own account whatever the limit is."""
    user_id = session.info.pop(_LIMITED_USER, None)
    try:
        yield
    finally:
        if user_id is not None:
            limit(session, user_id=user_id)


@event.listens_for(Session, "do_orm_execute")
def _add_limit(state: ORMExecuteState) -> None:
    user_id: int | None = state.session.info.get(_LIMITED_USER)
    if user_id is not None and not state.is_column_load:
        state.statement = state.statement.options(*_criteria(user_id))


def _criteria(user_id: int) -> tuple[LoaderCriteriaOption, ...]:
    """A group order is seen by whoever has made it, without people of postings that were taken away since."""
    postings = select(UserPosting.job_posting_id).where(UserPosting.user_id == user_id)
    workspaces = select(Workspace.id).where(Workspace.job_posting_id.in_(postings))
    cohorts = select(Cohort.id).where(Cohort.ordered_by_id == user_id)
    applications = select(Application.id).where(Application.job_posting_id.in_(postings))
    names_nobody_else = or_(CohortRow.application_id.is_(None), CohortRow.application_id.in_(applications))
    allowed = (
        (JobPosting, JobPosting.id.in_(postings)),
        (Application, Application.job_posting_id.in_(postings)),
        (Invitation, Invitation.job_posting_id.in_(postings)),
        (Workspace, Workspace.job_posting_id.in_(postings)),
        (HelpRequest, HelpRequest.workspace_id.in_(workspaces)),
        (Event, Event.workspace_id.in_(workspaces)),
        (EndRecord, EndRecord.workspace_id.in_(workspaces)),
        (Cohort, Cohort.ordered_by_id == user_id),
        (CohortRow, and_(CohortRow.cohort_id.in_(cohorts), names_nobody_else)),
    )
    return tuple(
        with_loader_criteria(entity, is_allowed, include_aliases=True) for entity, is_allowed in allowed
    )
