"""One list out of several short ones.

No index gives the rows of one of three states by age, but those of each state it does: the first few of each
are read, and of these the first few.
"""

from collections.abc import Sequence

from sqlalchemy import Select, SelectBase, select, union_all

MOST_COUNTED = 1_000
"""Longer lists are "1,000+" long: nobody needs to know more, and counting would read them whole."""


def first_of_each(branches: Sequence[Select[int]]) -> SelectBase:
    """The ids that these queries give, each ordered and limited for itself."""
    if len(branches) == 1:
        return branches[0]
    return union_all(*(select(one.subquery().c.id) for one in branches))
