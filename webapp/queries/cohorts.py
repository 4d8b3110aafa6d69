"""Cohorts and the people they can be ordered for, within their company."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.lifecycle import Action, State
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, Cohort, CohortRow, User, Workspace
from webapp.models.public_state import state_of
from webapp.models.workspace import IS_LIVE
from webapp.queries.applications import UNSERVED
from webapp.queries.branches import count_some, first_of_each

AnySession = Session | scoped_session[Session]


@dataclass(frozen=True, slots=True)
class RowView:
    """One person of a cohort as the page shows it."""

    id: int
    place: int
    person: str
    username: str
    code: str | None
    message: str | None
    workspace_id: int | None
    state: State | None
    """Of the workspace; None while there is none."""
    requested_action: Action | None

    @property
    def is_open(self) -> bool:
        """Nobody has tried to order it yet."""
        return self.workspace_id is None and self.code is None


def get_cohort(session: AnySession, cohort_id: int, *, company_id: int) -> Cohort:
    cohort = session.scalar(
        select(Cohort)
        .options(joinedload(Cohort.credential))
        .where(Cohort.id == cohort_id, Cohort.company_id == company_id)
    )
    if cohort is None:
        raise NotFound("Group order not found.")
    return cohort


def find_by_key(session: AnySession, key: str, *, company_id: int) -> Cohort | None:
    return session.scalar(select(Cohort).where(Cohort.key == key, Cohort.company_id == company_id))


def find_cohort_id(session: AnySession, workspace: Workspace) -> int | None:
    """Of a workspace that the caller has loaded inside its tenant; None if it was ordered alone."""
    return session.scalar(select(CohortRow.cohort_id).where(CohortRow.workspace_id == workspace.id))


def list_cohorts(
    session: AnySession, *, company_id: int, limit: int, before_id: int | None = None
) -> list[tuple[Cohort, int, int]]:
    """Newest first, each with its people and those with a workspace; `before_id` continues after it."""
    own = select(Cohort.id).where(Cohort.company_id == company_id)
    if before_id is not None:
        own = own.where(Cohort.id < before_id)
    page = own.order_by(Cohort.id.desc()).limit(limit)
    found = session.execute(
        select(Cohort, func.count(CohortRow.id), func.count(CohortRow.workspace_id))
        .join(CohortRow, CohortRow.cohort_id == Cohort.id)
        .where(Cohort.id.in_(page))
        .group_by(Cohort.id)
        .order_by(Cohort.id.desc())
    )
    return [(cohort, people, ordered) for cohort, people, ordered in found]


def list_newest(session: AnySession, *, company_id: int, limit: int) -> list[Cohort]:
    """To choose from."""
    newest = select(Cohort).where(Cohort.company_id == company_id).order_by(Cohort.id.desc())
    return list(session.scalars(newest.limit(limit)))


def count_cohorts(session: AnySession, *, company_id: int) -> int:
    """Until there are more than MOST_COUNTED."""
    return count_some(session, select(Cohort.id).where(Cohort.company_id == company_id))


def list_rows(session: AnySession, *, cohort: Cohort) -> list[CohortRow]:
    """The rows of a cohort that the caller has loaded within its tenant, in list order."""
    return list(
        session.scalars(
            select(CohortRow)
            .where(CohortRow.cohort_id == cohort.id)
            .order_by(CohortRow.place)
            .execution_options(populate_existing=True)
        )
    )


def list_row_views(session: AnySession, *, cohort: Cohort) -> list[RowView]:
    """The same with each person's result, in one query."""
    found = session.execute(
        select(
            CohortRow.id,
            CohortRow.place,
            CohortRow.person,
            CohortRow.username,
            CohortRow.code,
            CohortRow.message,
            CohortRow.workspace_id,
            state_of(Workspace),
            Workspace.requested_action,
        )
        .outerjoin(Workspace, Workspace.id == CohortRow.workspace_id)
        .where(CohortRow.cohort_id == cohort.id)
        .order_by(CohortRow.place)
    )
    return [
        RowView(*one[:7], state=State(one[7]) if one[6] is not None else None, requested_action=one[8])
        for one in found
    ]


def list_candidates(
    session: AnySession,
    *,
    company_id: int,
    ids: Collection[int],
    emails: Collection[str],
    name_keys: Collection[str],
) -> list[Application]:
    """The company's applications with these ids, or of people with these addresses (lower case) or names.

    Names in the form of `name_key`: no database knows that “ŞAHIN YILDIZ” is Şahin Yıldız.
    """
    of_people = select(Application.id).join(User, User.id == Application.seeker_id)
    # Apart, and the company outside: each has an index of its own, so nobody else's application is read.
    found = union(
        select(Application.id).where(Application.id.in_(ids)),
        of_people.where(User.email.in_(emails)),
        of_people.where(User.name_key.in_(name_keys)),
    )
    return list(
        session.scalars(
            select(Application)
            .options(joinedload(Application.seeker), joinedload(Application.job_posting))
            .where(Application.company_id == company_id, Application.id.in_(found))
            .order_by(Application.id)
        )
    )


def list_served(session: AnySession, application_ids: Collection[int]) -> set[int]:
    """Which of these applications have a live workspace."""
    found = session.scalars(
        select(Workspace.application_id).where(Workspace.application_id.in_(application_ids), IS_LIVE)
    )
    return set(found)


def list_taken_slots(session: AnySession, slots: Collection[str]) -> set[str]:
    return set(session.scalars(select(Workspace.slot).where(Workspace.slot.in_(slots), IS_LIVE)))


def list_unserved_of_job(
    session: AnySession, *, company_id: int, posting_id: int, now: datetime, limit: int
) -> list[Application]:
    """Approved applicants of a job without a desktop, the first who applied; by name.

    Not those whose contract is over: whoever has left must not take the place of whoever comes.
    """
    own = (
        select(Application.id)
        .where(Application.company_id == company_id, Application.job_posting_id == posting_id)
        .where(Application.status == ApplicationStatus.APPROVED)
        .where(Application.is_not_over(now))
        .order_by(Application.id)
        .limit(limit)
    )
    found = session.scalars(
        select(Application)
        .options(joinedload(Application.seeker), joinedload(Application.job_posting))
        .where(Application.id.in_(first_of_each([own.where(Application.desktop == one) for one in UNSERVED])))
        .order_by(Application.id)
        .limit(limit)
    )
    return sorted(found, key=lambda one: (one.seeker.name.lower(), one.id))


def find_last_order(session: AnySession, *, company_id: int, posting_id: int) -> Workspace | None:
    """The last order, for this job if there is one: the probable choice for the next."""
    newest = (
        select(Workspace)
        .where(Workspace.company_id == company_id)
        .order_by(Workspace.created_at.desc(), Workspace.id.desc())
        .limit(1)
    )
    of_job = session.scalar(newest.where(Workspace.job_posting_id == posting_id)) if posting_id else None
    return of_job or session.scalar(newest)
