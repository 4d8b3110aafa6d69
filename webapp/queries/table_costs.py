"""What the table of workspaces shows of this month's costs: one figure of each, its order, and a filter.

By cost, the rows with a figure come first, in the order of an index of theirs; those without come after them
in both directions. So a page is read in two parts, the second only if the first does not fill it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, SelectBase, and_, literal, select, true, tuple_
from sqlalchemy.orm import Session, aliased, scoped_session

from webapp.domain.costs.advice import LONG_STOPPED
from webapp.domain.costs.spans import day_of, month_of
from webapp.domain.lifecycle import State
from webapp.models import DesktopMonth, UsageSpan, Workspace
from webapp.models.cost_sum import IS_UNPRICED
from webapp.models.usage_span import STANDS_STILL
from webapp.queries.branches import MOST_COUNTED, first_of_each
from webapp.queries.start import TROUBLED
from webapp.queries.table_order import Place, is_without_cost

AnySession = Session | scoped_session[Session]
Branch = tuple[Select[int], bool]
"""Ids of workspaces, and whether they are few."""


class CostFilter(StrEnum):
    """What about its costs may need a person."""

    UNPRICED = "unpriced"
    """A part of this month has no known price."""
    STOPPED = "stopped"
    """Stopped for long, and still paid."""
    FAILED = "failed"
    """Nobody can use it, and its machine is still paid."""


@dataclass(frozen=True, slots=True)
class CostsAt:
    """A filter, and when."""

    kind: CostFilter
    now: datetime

    def few_ids(self, session: AnySession, company_id: int) -> list[int] | None:
        """All that may match, from an index of their own; None if a list would not count so many."""
        found = list(session.scalars(self._ids(company_id).limit(MOST_COUNTED + 1)))
        return found if len(found) <= MOST_COUNTED else None

    def condition(self, company_id: int, *, are_known: bool) -> ColumnElement[bool]:
        """`are_known`: only `few_ids` are in question."""
        state = true()
        if self.kind is CostFilter.STOPPED:
            state = Workspace.listed_state == State.STOPPED.value
        if self.kind is CostFilter.FAILED:
            state = Workspace.listed_state.in_([one.value for one in TROUBLED])
        if are_known:
            return state
        return and_(state, has_machine() if self.kind is CostFilter.FAILED else self._is_in(company_id))

    def _is_in(self, company_id: int) -> ColumnElement[bool]:
        return Workspace.id.in_(self._ids(company_id))

    def _ids(self, company_id: int) -> Select[int]:
        match self.kind:
            case CostFilter.UNPRICED:
                return select(DesktopMonth.workspace_id).where(
                    DesktopMonth.company_id == company_id,
                    DesktopMonth.month == month_of(day_of(self.now)),
                    IS_UNPRICED,
                )
            case CostFilter.STOPPED:
                return stopped_for_long(company_id, self.now)
            case CostFilter.FAILED:
                return failed_and_paid(company_id)


def stopped_for_long(company_id: int, now: datetime) -> Select[int]:
    """Including a few that are being ended, say."""
    return select(UsageSpan.workspace_id).where(
        UsageSpan.company_id == company_id, STANDS_STILL, UsageSpan.began_at <= now - LONG_STOPPED
    )


def failed_and_paid(company_id: int, *, most: int = MOST_COUNTED + 1) -> Select[int]:
    """Of each state the newest; `most` of it are looked at, else as many as a list counts."""
    newest = [
        select(Workspace.id)
        .where(Workspace.company_id == company_id, Workspace.listed_state == state.value)
        .order_by(Workspace.error_at.desc(), Workspace.id.desc())
        .limit(most)
        for state in TROUBLED
    ]
    found = first_of_each(newest).subquery()
    return (
        select(UsageSpan.workspace_id)
        .join(found, found.c.id == UsageSpan.workspace_id)
        .where(UsageSpan.ended_at.is_(None))
    )


def has_machine() -> ColumnElement[bool]:
    """One that the cloud bills now."""
    open_span = select(UsageSpan.id).where(
        UsageSpan.workspace_id == Workspace.id, UsageSpan.ended_at.is_(None)
    )
    return open_span.correlate(Workspace).exists()


def is_of_month(month: date) -> ColumnElement[bool]:
    """To join a workspace's figure of the month."""
    return and_(DesktopMonth.workspace_id == Workspace.id, DesktopMonth.month == month)


def parts_by_cost(
    branches: Sequence[Branch],
    sort: str,
    place: Place | None,
    *,
    company_id: int,
    month: date,
    limit: int,
) -> list[SelectBase]:
    """The ids of a page's rows, in parts to be read one after the other until the page is full."""
    is_back = place is not None and place.is_end
    is_beyond_known = place is not None and is_without_cost(sort, place)
    known = [_known(one, sort, place, company_id=company_id, month=month) for one in branches]
    unknown = [_unknown(one, sort, place, month=month) for one, _ in branches]
    parts: list[SelectBase] = []
    if is_back or not is_beyond_known:
        parts.append(first_of_each([one.limit(limit) for one in known]))
    if not is_back or is_beyond_known:
        parts.append(first_of_each([one.limit(limit) for one in unknown]))
    return parts[::-1] if is_back else parts


def _known(branch: Branch, sort: str, place: Place | None, *, company_id: int, month: date) -> Select[int]:
    """Few are read whole and put in order; many come from the index of amounts, each looked up then."""
    own = aliased(DesktopMonth)
    columns = (own.currency, own.amount_minor, own.workspace_id)
    query, is_short = branch
    if is_short:
        query = query.join(own, own.workspace_id == Workspace.id)
    else:
        is_wanted = query.where(Workspace.id == own.workspace_id).correlate(own).exists()
        query = select(own.workspace_id.label("id")).where(own.company_id == company_id, is_wanted)
    query = query.where(own.month == month, own.currency.is_not(None))
    if place is not None and not is_without_cost(sort, place):
        currency, amount, _, row_id = place.key
        beyond = _beyond(columns, (currency, amount, row_id), sort, place)
        # Said so, no database looks for an index that has the place, instead of one that has the few.
        query = query.where(beyond.is_(true()) if is_short else beyond)
    return query.order_by(*_ordered(columns, sort, place))


def _unknown(branch: Select[int], sort: str, place: Place | None, *, month: date) -> Select[int]:
    own = aliased(DesktopMonth)
    columns = (Workspace.created_at, Workspace.id)
    figure = select(own.month).where(
        own.workspace_id == Workspace.id, own.month == month, own.currency.is_not(None)
    )
    query = branch.where(~figure.correlate(Workspace).exists())
    if place is not None and is_without_cost(sort, place):
        query = query.where(_beyond(columns, place.key[2:], sort, place))
    return query.order_by(*_ordered(columns, sort, place))


def _is_less(sort: str, place: Place | None) -> bool:
    return sort.startswith("-") != (place is not None and place.is_end)


def _beyond(
    columns: Sequence[Any], key: Sequence[str | datetime | int], sort: str, place: Place
) -> ColumnElement[bool]:
    values = tuple_(*(literal(value, one.type) for value, one in zip(key, columns, strict=True)))
    return tuple_(*columns) < values if _is_less(sort, place) else tuple_(*columns) > values


def _ordered(columns: Sequence[Any], sort: str, place: Place | None) -> list[ColumnElement[Any]]:
    return [one.desc() if _is_less(sort, place) else one.asc() for one in columns]
