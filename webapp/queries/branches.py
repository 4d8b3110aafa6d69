"""One list out of several short ones.

No index gives the rows of one of three states by age, but those of each state it does: the first few of each
are read, and of these the first few.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SelectBase,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, scoped_session

from webapp.database import UtcDateTime

AnySession = Session | scoped_session[Session]
MOST_COUNTED = 1_000
"""Longer lists are "1,000+" long: nobody needs to know more, and counting would read them whole."""


def first_of_each(branches: Sequence[Select[int]]) -> SelectBase:
    """The ids that these queries give, each ordered and limited for itself."""
    if len(branches) == 1:
        return branches[0]
    return union_all(*(select(one.subquery().c.id) for one in branches))


def some_counted(*branches: Select[int]) -> Select[int]:
    """How many different ids these queries give, each counted until there are more than MOST_COUNTED."""
    some = first_of_each([one.limit(MOST_COUNTED + 1) for one in branches]).subquery()
    return select(func.count(some.c[0].distinct()))


def count_some(session: AnySession, *branches: Select[int]) -> int:
    """The same number, at most MOST_COUNTED + 1."""
    return min(session.scalar(some_counted(*branches)) or 0, MOST_COUNTED + 1)


def is_older(model: Any, place: tuple[datetime, int]) -> ColumnElement[bool]:  # any model with these columns
    """Of rows listed newest first: those after the one with this `created_at` and `id`.

    A comparison of rows: both databases find the place in the index, with OR they read all before it.
    """
    created_at, row_id = place
    return tuple_(model.created_at, model.id) < tuple_(literal(created_at, UtcDateTime()), literal(row_id))
