"""The company's table of workspaces: filtered, sorted and cut into pages by the database, in one query.

Only the columns that a row shows are read, so that an open page which asks every two seconds stays cheap.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, or_, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.lifecycle import Action, Phase, State
from webapp.models import Application, CloudCredential, JobPosting, User, Workspace
from webapp.models.public_state import state_of
from webapp.queries.start import TROUBLED
from webapp.queries.workspaces import IS_LISTED, matching

AnySession = Session | scoped_session[Session]

PAGE_SIZE = 50
MOST_JOBS = 50
"""A form lists so many; the page of an older job leads to its desktops and its group order."""
TROUBLE, MOVING = "trouble", "moving"
_GROUPS = {TROUBLE: TROUBLED, MOVING: tuple(state for state in State if state.is_moving)}
STATE = state_of(Workspace).label("state")
SORTS: dict[str, SQLColumnExpression[Any]] = {
    "person": func.lower(User.name),
    "state": STATE,
    "job": func.lower(JobPosting.title),
    "username": func.lower(Workspace.username),
    "bundle": func.lower(Workspace.bundle_name),
    "cloud": func.lower(CloudCredential.name),
    "ordered": Workspace.created_at,
}
NEWEST_FIRST = "-ordered"


@dataclass(frozen=True, slots=True)
class TableFilter:
    """The filter; an unknown value finds nothing."""

    q: str = ""
    state: str = ""
    """A public state, `trouble` or `moving`."""
    job_id: int | None = None
    cloud: str = ""
    credential_id: int | None = None
    ended_since: datetime | None = None
    """Hide what ended before this; None shows everything."""


@dataclass(frozen=True, slots=True)
class TableRow:
    id: int
    state: State
    person: str
    job: str
    username: str
    bundle_name: str
    cloud_provider: str
    credential_name: str
    created_at: datetime
    updated_at: datetime
    requested_action: Action | None

    @property
    def is_settled(self) -> bool:
        return not self.state.is_moving and self.requested_action is None


@dataclass(frozen=True, slots=True)
class TablePage:
    rows: list[TableRow]
    found: int
    """How many match the filter; 0 also behind the last page."""


def read_table(
    session: AnySession,
    wanted: TableFilter,
    *,
    company_id: int,
    sort: str = NEWEST_FIRST,
    page: int = 1,
    limit: int | None = None,
) -> TablePage:
    """One page of `limit` or PAGE_SIZE rows; `sort` is a key of SORTS, with `-` for descending."""
    limit = limit or PAGE_SIZE
    column = SORTS[sort.removeprefix("-")]
    is_down = sort.startswith("-")
    query = (
        _joined(wanted, company_id)
        .order_by(column.desc() if is_down else column, Workspace.id.desc() if is_down else Workspace.id)
        .limit(limit)
        .offset((page - 1) * limit)
    )
    found = session.execute(query).all()
    rows = [TableRow(one[0], State(one[1]), *one[2:-1]) for one in found]
    return TablePage(rows, found[0][-1] if found else 0)


def list_matching_ids(session: AnySession, wanted: TableFilter, *, company_id: int, limit: int) -> list[int]:
    """The ids of all that match, on whatever page; the newest first."""
    query = _joined(wanted, company_id).with_only_columns(Workspace.id)
    newest = query.order_by(Workspace.created_at.desc(), Workspace.id.desc()).limit(limit)
    return list(session.scalars(newest))


def list_job_titles(
    session: AnySession, *, company_id: int, chosen_id: int | None = None
) -> list[tuple[int, str]]:
    """What can be chosen in a form: id and title of the newest jobs, and of the one chosen now; by title."""
    own = select(JobPosting.id, JobPosting.title).where(JobPosting.company_id == company_id)
    newest = own.order_by(JobPosting.created_at.desc(), JobPosting.id.desc()).limit(MOST_JOBS)
    found = {number: title for number, title in session.execute(newest)}
    if chosen_id and chosen_id not in found:
        found |= {number: title for number, title in session.execute(own.where(JobPosting.id == chosen_id))}
    return sorted(found.items(), key=lambda one: (one[1].lower(), one[0]))


def _joined(wanted: TableFilter, company_id: int) -> Select:
    query = (
        select(Workspace)
        .join(Application, Application.id == Workspace.application_id)
        .join(User, User.id == Application.seeker_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .join(CloudCredential, CloudCredential.id == Workspace.credential_id)
        .where(Workspace.company_id == company_id, IS_LISTED)
    )
    query = matching(query, q=wanted.q, cloud_provider=wanted.cloud or None, application_id=None)
    if wanted.ended_since is not None:
        is_recent = Workspace.terminated_at > wanted.ended_since
        query = query.where(or_(Workspace.terminated_at.is_(None), is_recent))
    if wanted.job_id is not None:
        query = query.where(Application.job_posting_id == wanted.job_id)
    if wanted.credential_id is not None:
        query = query.where(Workspace.credential_id == wanted.credential_id)
    if wanted.state:
        query = query.where(_is_in(wanted.state))
    return query.with_only_columns(
        Workspace.id,
        STATE,
        User.name,
        JobPosting.title,
        Workspace.username,
        Workspace.bundle_name,
        Workspace.cloud_provider,
        CloudCredential.name,
        Workspace.created_at,
        Workspace.updated_at,
        Workspace.requested_action,
        func.count().over(),
    )


def _is_in(state: str) -> ColumnElement[bool]:
    if group := _GROUPS.get(state):
        # By phase first: most rows have ended, and they need no CASE.
        return (Workspace.phase != Phase.GONE) & STATE.element.in_([one.value for one in group])
    return STATE.element == state
