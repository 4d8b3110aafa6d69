"""Pages of the table of workspaces in the order of rows that stand beside them: of costs, of connections.

Those that have one come first, in the order of an index of theirs; those without come after them in both
directions, by age. So a page is read in two parts, the second only if the first does not fill it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SelectBase, and_, literal, select, true, tuple_
from sqlalchemy.orm import aliased

from webapp.models import DesktopConnection, DesktopMonth, Workspace
from webapp.queries.branches import first_of_each
from webapp.queries.table_order import COST, Place, is_without

Branch = tuple[Select[int], bool]
"""Ids of workspaces, and whether they are few."""


@dataclass(frozen=True, slots=True)
class _Beside:
    own: Any
    """A table with company and workspace."""
    columns: tuple[Any, ...]
    """Of its index, between the company and the workspace."""
    condition: ColumnElement[bool]
    """Which of its rows count."""

    @property
    def order(self) -> tuple[Any, ...]:
        return (*self.columns, self.own.workspace_id)


def parts_beside(
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
    is_beyond_known = place is not None and is_without(sort, place)
    known = [_known(one, _beside(sort, month), sort, place, company_id=company_id) for one in branches]
    unknown = [_unknown(one, _beside(sort, month), sort, place) for one, _ in branches]
    parts: list[SelectBase] = []
    if is_back or not is_beyond_known:
        parts.append(first_of_each([one.limit(limit) for one in known]))
    if not is_back or is_beyond_known:
        parts.append(first_of_each([one.limit(limit) for one in unknown]))
    return parts[::-1] if is_back else parts


def _beside(sort: str, month: date) -> _Beside:
    if sort.removeprefix("-") == COST:
        cost = aliased(DesktopMonth)
        is_known = and_(cost.month == month, cost.currency.is_not(None))
        return _Beside(cost, (cost.currency, cost.amount_minor), is_known)
    connection = aliased(DesktopConnection)
    columns = (connection.order_rank, connection.order_at)
    return _Beside(connection, columns, connection.order_rank.is_not(None))


def _known(
    branch: Branch, beside: _Beside, sort: str, place: Place | None, *, company_id: int
) -> Select[int]:
    """Few are read whole and put in order; many come from the index beside, each looked up then."""
    own, (query, is_short) = beside.own, branch
    if is_short:
        query = query.join(own, own.workspace_id == Workspace.id)
    else:
        is_wanted = query.where(Workspace.id == own.workspace_id).correlate(own).exists()
        query = select(own.workspace_id.label("id")).where(own.company_id == company_id, is_wanted)
    query = query.where(beside.condition)
    if place is not None and not is_without(sort, place):
        first, second, _, row_id = place.key
        beyond = _beyond(beside.order, (first, second, row_id), sort, place)
        # Said so, no database looks for an index that has the place, instead of one that has the few.
        query = query.where(beyond.is_(true()) if is_short else beyond)
    return query.order_by(*_ordered(beside.order, sort, place))


def _unknown(branch: Select[int], beside: _Beside, sort: str, place: Place | None) -> Select[int]:
    own, columns = beside.own, (Workspace.created_at, Workspace.id)
    figure = select(own.workspace_id).where(own.workspace_id == Workspace.id, beside.condition)
    query = branch.where(~figure.correlate(Workspace).exists())
    if place is not None and is_without(sort, place):
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
