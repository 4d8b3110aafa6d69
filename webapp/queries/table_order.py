"""The orders of the table of workspaces, and pages by the place of a row: an index finds it, however deep."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, literal, true, tuple_

from webapp.database import UtcDateTime
from webapp.models import DesktopConnection, DesktopMonth, Workspace

COST = "cost"
"""In each currency by the amount of this month; what has none comes last (`table_beside`)."""
CONNECTED = "connected"
"""Never, by the last connection, now; of what nobody knows comes last."""
_BEFORE_ALL, _AFTER_ALL = "AAA", "ZZZ"
"""No currencies: before and after those there are."""
_BELOW_ALL, _ABOVE_ALL = 1, 9
"""No ranks of a connection: below and above those there are."""
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

SORTS: dict[str, Any] = {
    "person": Workspace.person_key,
    "state": Workspace.listed_state,
    "job": Workspace.job_key,
    "username": Workspace.username_key,
    "bundle": Workspace.bundle_key,
    "cloud": Workspace.account_key,
    COST: DesktopMonth.currency,
    CONNECTED: DesktopConnection.order_rank,
    "ordered": Workspace.created_at,
}
"""The first column of each. Each has an index that begins with the company."""
NEWEST_FIRST = "-ordered"

Key = tuple[str | datetime | int, ...]
"""The values of `columns_of` in one row."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row at the edge of a page, which is not on it itself."""

    key: Key
    is_end: bool = False
    """The page ends before the row; else it begins after it."""


def columns_of(sort: str) -> list[Any]:
    """What `sort`, a key of SORTS with `-` for descending, orders by: total, and as an index has it."""
    name = sort.removeprefix("-")
    if name == COST:
        return _by_cost(sort)
    if name == CONNECTED:
        return _by_connection(sort)
    return [SORTS[name], *([Workspace.created_at] if name == "state" else []), Workspace.id]


def order_of(sort: str, *, is_reversed: bool = False) -> list[ColumnElement[Any]]:
    is_descending = sort.startswith("-") != is_reversed
    return [one.desc() if is_descending else one.asc() for one in columns_of(sort)]


def is_beyond(sort: str, place: Place | None, *, state: str | None) -> ColumnElement[bool]:
    """Whether a row is on the page's side of `place`; `state` is that of all rows in question, if it is one.

    A comparison of rows: both databases find the place in the index, with OR they read all before it.
    """
    if place is None:
        return true()
    columns, key = columns_of(sort), list(place.key)
    is_less = sort.startswith("-") != place.is_end
    if sort.removeprefix("-") == "state" and state is not None:
        known = str(key.pop(0))
        if state != known:
            return true() if (state < known) is is_less else false()
        columns.pop(0)
    values = tuple_(*(literal(value, one.type) for value, one in zip(key, columns, strict=True)))
    return tuple_(*columns) < values if is_less else tuple_(*columns) > values


def is_beside(sort: str) -> bool:
    """Whether it is the order of rows beside the workspaces', which some do not have."""
    return sort.removeprefix("-") in (COST, CONNECTED)


def is_without(sort: str, place: Place) -> bool:
    """By what stands beside: whether the row at `place` has none."""
    return place.key[0] == (_last_currency(sort) if sort.removeprefix("-") == COST else _last_rank(sort))


def _by_cost(sort: str) -> list[Any]:
    """What has a figure by it and its id; the others by age, and in both directions after these."""
    is_unknown = DesktopMonth.currency.is_(None)
    return [
        func.coalesce(DesktopMonth.currency, _last_currency(sort)),
        func.coalesce(DesktopMonth.amount_minor, 0),
        _age_if(is_unknown),
        Workspace.id,
    ]


def _by_connection(sort: str) -> list[Any]:
    """Likewise."""
    is_unknown = DesktopConnection.order_rank.is_(None)
    always = literal(_ALWAYS, UtcDateTime())
    return [
        func.coalesce(DesktopConnection.order_rank, _last_rank(sort)),
        case((is_unknown, always), else_=DesktopConnection.order_at),
        _age_if(is_unknown),
        Workspace.id,
    ]


def _age_if(is_unknown: ColumnElement[bool]) -> ColumnElement[datetime]:
    return case((is_unknown, Workspace.created_at), else_=literal(_ALWAYS, UtcDateTime()))


def _last_currency(sort: str) -> str:
    return _BEFORE_ALL if sort.startswith("-") else _AFTER_ALL


def _last_rank(sort: str) -> int:
    return _BELOW_ALL if sort.startswith("-") else _ABOVE_ALL
