"""The orders of the table of workspaces, and pages by the place of a row: an index finds it, however deep."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, literal, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.models import Workspace

SORTS: dict[str, InstrumentedAttribute[Any]] = {
    "person": Workspace.person_key,
    "state": Workspace.listed_state,
    "job": Workspace.job_key,
    "username": Workspace.username_key,
    "bundle": Workspace.bundle_key,
    "cloud": Workspace.account_key,
    "ordered": Workspace.created_at,
}
"""Each has an index that begins with the company."""
NEWEST_FIRST = "-ordered"

Key = tuple[str | datetime | int, ...]
"""The values of `columns_of` in one row."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row at the edge of a page, which is not on it itself."""

    key: Key
    is_end: bool = False
    """The page ends before the row; else it begins after it."""


def columns_of(sort: str) -> list[InstrumentedAttribute[Any]]:
    """What `sort`, a key of SORTS with `-` for descending, orders by: total, and as an index has it."""
    name = sort.removeprefix("-")
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
