"""The company's table of workspaces: filtered, sorted and cut into pages by the database.

A page reads the ids of its rows from an index and then only these rows, with only what they show.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, SelectBase, func, select, true
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.connections import ConnectionState
from webapp.domain.costs.money import Money
from webapp.domain.lifecycle import Action, State
from webapp.models import (
    Application,
    CloudCredential,
    DesktopConnection,
    DesktopMonth,
    JobPosting,
    User,
    Workspace,
)
from webapp.models.workspace import IS_CURRENT
from webapp.queries.branches import MOST_COUNTED, first_of_each
from webapp.queries.connections import ConnectedAt
from webapp.queries.posting_limit import is_limited
from webapp.queries.searching import Search, search
from webapp.queries.start import TROUBLED
from webapp.queries.table_beside import parts_beside
from webapp.queries.table_costs import CostsAt, is_of_month
from webapp.queries.table_order import NEWEST_FIRST, Key, Place, columns_of, is_beside, is_beyond, order_of
from webapp.queries.tallies import sum_of
from webapp.queries.workspaces import matching

AnySession = Session | scoped_session[Session]

PAGE_SIZE = 50
MOST_JOBS = 50
"""A form lists so many; the page of an older job leads to its desktops and its group order."""
TROUBLE, MOVING = "trouble", "moving"
_GROUPS = {TROUBLE: TROUBLED, MOVING: tuple(state for state in State if state.is_moving)}
_FEW = frozenset(state.value for states in _GROUPS.values() for state in states)
"""States in which few are at a time."""


@dataclass(frozen=True, slots=True)
class TableFilter:
    """The filter; an unknown value finds nothing."""

    q: str = ""
    state: str = ""
    """A public state, `trouble` or `moving`."""
    job_id: int | None = None
    cloud: str = ""
    credential_id: int | None = None
    costs: CostsAt | None = None
    connected: ConnectedAt | None = None
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
    currency: str | None
    amount_minor: int | None
    is_billed: bool | None
    """Of this month's cost; else it is estimated. None: nothing has been added up."""
    is_unpriced: bool | None
    """A part of it has no known price."""
    connected: ConnectionState | None
    last_connected_at: datetime | None
    is_past_known: bool | None
    key: Key
    """Its place in the order of the page."""

    @property
    def is_settled(self) -> bool:
        return not self.state.is_moving and self.requested_action is None

    @property
    def cost(self) -> Money | None:
        """This month's; None: not known."""
        if self.currency is None or self.amount_minor is None:
            return None
        return Money(self.currency, self.amount_minor)


@dataclass(frozen=True, slots=True)
class TablePage:
    rows: list[TableRow]
    found: int
    """How many match the filter, at most MOST_COUNTED + 1."""
    has_before: bool
    has_more: bool
    """There is another page after this one."""


@dataclass(frozen=True, slots=True)
class _Branch:
    query: Select[int]
    state: str | None = None
    """All its rows have this one, if it is known."""
    is_short: bool = False
    """They are read whole and then put in order."""

    def beyond(self, sort: str, place: Place | None) -> Select[int]:
        condition = is_beyond(sort, place, state=self.state)
        # Said so, SQLite looks for no index that has the place, which would be a long one.
        return self.query.where(condition.is_(true()) if self.is_short and place else condition)


def read_table(
    session: AnySession,
    wanted: TableFilter,
    *,
    company_id: int,
    month: date,
    sort: str = NEWEST_FIRST,
    place: Place | None = None,
    limit: int | None = None,
) -> TablePage:
    """`limit` or PAGE_SIZE rows with their cost of the month; `sort` of SORTS, with `-` for descending."""
    limit, searched = limit or PAGE_SIZE, _search(session, wanted, company_id)
    is_back = place is not None and place.is_end
    branches = _branches(wanted, searched, company_id)
    found: list[Any] = []
    for ids in _page_ids(wanted, branches, sort, place, company_id=company_id, month=month, limit=limit + 1):
        if len(found) <= limit:
            shown = _with_names(month).add_columns(*columns_of(sort)).where(Workspace.id.in_(ids))
            ordered = shown.order_by(*order_of(sort, is_reversed=is_back))
            found += session.execute(ordered.limit(limit + 1 - len(found))).all()
    if is_back and len(found) <= limit:
        # The beginning, and not a full page: some rows moved or are gone.
        return read_table(session, wanted, company_id=company_id, month=month, sort=sort, limit=limit)
    kept = found[:limit][::-1] if is_back else found[:limit]
    width = len(columns_of(sort))
    rows = [TableRow(one[0], State(one[1]), *one[2:-width], key=tuple(one[-width:])) for one in kept]
    has_more = is_back or len(found) > limit
    number = len(rows)
    if has_more or place is not None:
        number = _count(session, wanted, searched, company_id)
    return TablePage(rows, number, has_before=place is not None, has_more=has_more)


def _with_names(month: date) -> Select[*tuple[Any, ...]]:
    """What a row shows."""
    return (
        select(
            Workspace.id,
            Workspace.listed_state,
            User.name,
            JobPosting.title,
            Workspace.username,
            Workspace.bundle_name,
            Workspace.cloud_provider,
            CloudCredential.name,
            Workspace.created_at,
            Workspace.updated_at,
            Workspace.requested_action,
            DesktopMonth.currency,
            DesktopMonth.amount_minor,
            DesktopMonth.is_billed,
            DesktopMonth.is_unpriced,
            DesktopConnection.state,
            DesktopConnection.last_connected_at,
            DesktopConnection.is_past_known,
        )
        .join(Application, Application.id == Workspace.application_id)
        .join(User, User.id == Application.seeker_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .join(CloudCredential, CloudCredential.id == Workspace.credential_id)
        .outerjoin(DesktopMonth, is_of_month(month))
        .outerjoin(DesktopConnection, DesktopConnection.workspace_id == Workspace.id)
    )


def _count(session: AnySession, wanted: TableFilter, searched: Search, company_id: int) -> int:
    """How many match, from the tallies where only the state is chosen; else at most MOST_COUNTED + 1."""
    branches = _limited(_branches(wanted, searched, company_id))
    is_of_state = wanted == TableFilter(state=wanted.state, ended_since=wanted.ended_since)
    if is_of_state and not is_limited(session):
        states = _GROUPS.get(wanted.state, (wanted.state,) if wanted.state else tuple(State))
        is_cut = wanted.ended_since is not None and not wanted.state
        known = [str(one) for one in states if not (is_cut and one is State.TERMINATED)]
        tallied = func.coalesce(sum_of(known, company_id=company_id), 0)
        if not is_cut:
            return min(session.scalar(select(tallied)) or 0, MOST_COUNTED + 1)
        ended = select(func.count()).select_from(branches[-1].subquery()).scalar_subquery()
        return min(session.scalar(select(tallied + ended)) or 0, MOST_COUNTED + 1)
    number = 0
    for condition in searched.conditions:
        branches = _limited(
            _branches(wanted, replace(searched, inside=condition, some=condition), company_id)
        )
        counted = select(first_of_each(branches).subquery().c.id).limit(MOST_COUNTED + 1)
        number = session.scalar(select(func.count()).select_from(counted.subquery())) or 0
        if number > MOST_COUNTED:
            break
    return number


def _search(session: AnySession, wanted: TableFilter, company_id: int) -> Search:
    few = wanted.costs or wanted.connected
    among = few.few_ids(session, company_id) if few else None
    return search(session, wanted.q, company_id=company_id, among=among)


def _limited(branches: list[_Branch]) -> list[Select[int]]:
    return [one.query.limit(MOST_COUNTED + 1) for one in branches]


def _page_ids(
    wanted: TableFilter,
    branches: list[_Branch],
    sort: str,
    place: Place | None,
    *,
    company_id: int,
    month: date,
    limit: int,
) -> list[SelectBase]:
    """In parts, one after the other; nearly always one."""
    if is_beside(sort):
        own = [(one.query, one.is_short or one.state in _FEW) for one in branches]
        return parts_beside(own, sort, place, company_id=company_id, month=month, limit=limit)
    if sort.removeprefix("-") == "state" and wanted.ended_since is not None and not wanted.state:
        # One for each state: in their order, those that ended would stand before or between the others.
        current = [state.value for state in State if state is not State.TERMINATED]
        whole = branches[0].query
        branches = [
            *(_Branch(whole.where(Workspace.listed_state == one), one) for one in current),
            *branches[1:],
        ]
    order = order_of(sort, is_reversed=place is not None and place.is_end)
    return [first_of_each([one.beyond(sort, place).order_by(*order).limit(limit) for one in branches])]


def list_matching_ids(session: AnySession, wanted: TableFilter, *, company_id: int, limit: int) -> list[int]:
    """The ids of all that match, on whatever page; the newest first."""
    searched = _search(session, wanted, company_id)
    order = order_of(NEWEST_FIRST)
    branches = _branches(wanted, searched, company_id)
    ids = first_of_each([one.query.order_by(*order).limit(limit) for one in branches])
    newest = select(Workspace.id).where(Workspace.id.in_(ids)).order_by(*order)
    return list(session.scalars(newest.limit(limit)))


def list_job_titles(
    session: AnySession, *, company_id: int, chosen_ids: Collection[int] = ()
) -> list[tuple[int, str]]:
    """What can be chosen in a form: id and title of the newest jobs, and of those chosen now; by title."""
    own = select(JobPosting.id, JobPosting.title).where(JobPosting.company_id == company_id)
    newest = own.order_by(JobPosting.created_at.desc(), JobPosting.id.desc()).limit(MOST_JOBS)
    found = {number: title for number, title in session.execute(newest)}
    if missing := set(chosen_ids) - set(found):
        found |= {number: title for number, title in session.execute(own.where(JobPosting.id.in_(missing)))}
    return sorted(found.items(), key=lambda one: (one[1].lower(), one[0]))


def _branches(wanted: TableFilter, searched: Search, company_id: int) -> list[_Branch]:
    """The company's ids that match, in parts each of which one index has in the order of a list."""
    query, is_short = select(Workspace.id).where(searched.condition), searched.is_rare
    query = matching(query, cloud_provider=wanted.cloud or None, application_id=None)
    if wanted.job_id is not None:
        query = query.where(Workspace.job_posting_id == wanted.job_id)
    if wanted.credential_id is not None:
        query = query.where(Workspace.credential_id == wanted.credential_id)
    if wanted.costs is not None:
        query = query.where(wanted.costs.condition(company_id, are_known=searched.is_among))
    if wanted.connected is not None:
        are_known = searched.is_among and wanted.costs is None
        query = query.where(wanted.connected.condition(company_id, are_known=are_known))
    if wanted.state:
        states = [state.value for state in _GROUPS.get(wanted.state, ())] or [wanted.state]
        return [_Branch(query.where(Workspace.listed_state == one), one, is_short) for one in states]
    if wanted.ended_since is None:
        return [_Branch(query.where(Workspace.listed_state.is_not(None)), is_short=is_short)]
    ended = query.where(
        Workspace.listed_state == State.TERMINATED.value, Workspace.terminated_at > wanted.ended_since
    )
    # By age from the index of what ended, not from that of its state.
    return [
        _Branch(query.where(IS_CURRENT), is_short=is_short),
        _Branch(ended, State.TERMINATED.value, is_short=True),
    ]
