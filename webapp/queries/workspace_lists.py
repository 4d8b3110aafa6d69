"""Lists of workspaces in pages, every filter in the database: a page costs what it shows."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload, scoped_session

from webapp.domain.lifecycle import State
from webapp.models import Application, Workspace
from webapp.queries.branches import MOST_COUNTED, count_some, is_older
from webapp.queries.connections import ConnectedAt
from webapp.queries.posting_limit import is_limited
from webapp.queries.searching import Search, search, search_own
from webapp.queries.table_beside import parts_beside
from webapp.queries.table_order import Key, Place, columns_of, order_of
from webapp.queries.tallies import read_tallies
from webapp.queries.workspaces import matching

AnySession = Session | scoped_session[Session]


@dataclass(frozen=True, slots=True)
class Filters:
    state: str | None = None
    cloud_provider: str | None = None
    application_id: int | None = None
    q: str = ""
    connected: ConnectedAt | None = None
    """Of a company only."""


@dataclass(frozen=True, slots=True)
class Whose:
    """A company's workspaces, or a seeker's own."""

    company_id: int | None = None
    seeker_id: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    is_exact: bool
    """False: there are more."""


def list_page(
    session: AnySession,
    whose: Whose,
    filters: Filters,
    searched: Search,
    *,
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> list[Workspace]:
    """Newest first, with their credentials; `before` is the place (`created_at`, `id`) to continue after."""
    query = (
        _chosen(whose, filters, searched.condition, are_known=searched.is_among)
        .options(joinedload(Workspace.credential), joinedload(Workspace.desktop_connection))
        .order_by(Workspace.created_at.desc(), Workspace.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(is_older(Workspace, before))
    return list(session.scalars(query))


def count_page(session: AnySession, whose: Whose, filters: Filters, searched: Search) -> Count:
    """How many there are; from the company's tallies where it has one, else counted until MOST_COUNTED."""
    is_tallied = not is_limited(session)
    if is_tallied and whose.company_id is not None and filters == Filters(state=filters.state):
        tallies = read_tallies(session, company_id=whose.company_id)
        states = list(State) if filters.state is None else [filters.state]
        return Count(sum(tallies.get(state, 0) for state in states), is_exact=True)
    number = 0
    for condition in searched.conditions:
        chosen = _chosen(whose, filters, condition, are_known=searched.is_among)
        number = count_some(session, chosen.with_only_columns(Workspace.id))
        if number > MOST_COUNTED:
            return Count(MOST_COUNTED, is_exact=False)
    return Count(number, is_exact=True)


def search_in(session: AnySession, whose: Whose, filters: Filters) -> Search:
    """For `list_page` and `count_page`."""
    if whose.company_id is not None:
        few = filters.connected
        among = few.few_ids(session, whose.company_id) if few else None
        return search(session, filters.q, company_id=whose.company_id, among=among)
    own = Application.seeker_id == whose.seeker_id
    return Search(own & search_own(filters.q) if filters.q else own)


def list_by_connection(
    session: AnySession,
    whose: Whose,
    filters: Filters,
    searched: Search,
    *,
    sort: str,
    limit: int,
    place: Place | None = None,
) -> list[tuple[Workspace, Key]]:
    """Of a company, with their places: in the table's order CONNECTED, or with `-` descending."""
    assert whose.company_id is not None
    own = _chosen(whose, filters, searched.condition, are_known=searched.is_among)
    branch = (own.with_only_columns(Workspace.id), searched.is_rare)
    found: list[tuple[Workspace, Key]] = []
    for ids in parts_beside([branch], sort, place, company_id=whose.company_id, month=date.min, limit=limit):
        if len(found) < limit:
            rows = session.execute(
                select(Workspace, *columns_of(sort))
                .outerjoin(Workspace.desktop_connection)
                .options(joinedload(Workspace.credential), contains_eager(Workspace.desktop_connection))
                .where(Workspace.id.in_(ids))
                .order_by(*order_of(sort))
                .limit(limit - len(found))
            )
            found += [(row, tuple(key)) for row, *key in rows]
    return found


def _chosen(
    whose: Whose, filters: Filters, searched: ColumnElement[bool], *, are_known: bool
) -> Select[Workspace]:
    query = select(Workspace).where(searched)
    if whose.company_id is None:
        query = query.join(Workspace.application)
    query = matching(query, cloud_provider=filters.cloud_provider, application_id=filters.application_id)
    if filters.connected is not None and whose.company_id is not None:
        query = query.where(filters.connected.condition(whose.company_id, are_known=are_known))
    if filters.state is None:
        return query.where(Workspace.listed_state.is_not(None))
    return query.where(Workspace.listed_state == filters.state)
