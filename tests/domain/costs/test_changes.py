"""A sum beside that of the same days of the month before."""

from datetime import date

import pytest

from tests.cases import each_case
from webapp.domain.costs.changes import Change, changes, is_over, same_day_before
from webapp.domain.costs.money import Money


@each_case(
    ("now", "before", "percent"),
    [(1100, 1000, 10), (1000, 1000, 0), (500, 1000, -50), (1005, 1000, 0), (1, 3, -67), (0, 1000, -100)],
)
def test_the_change_is_in_whole_percent(now: int, before: int, percent: int) -> None:
    assert Change(Money("USD", now), Money("USD", before)).percent == percent


@pytest.mark.parametrize("before", [None, Money("USD", 0), Money("USD", -300)])
def test_without_something_to_compare_with_there_is_no_change(before: Money | None) -> None:
    assert Change(Money("USD", 500), before).percent is None


def test_each_currency_is_compared_with_itself() -> None:
    found = changes([Money("EUR", 5), Money("USD", 7)], [Money("USD", 6), Money("JPY", 9)])

    assert found == (Change(Money("EUR", 5), None), Change(Money("USD", 7), Money("USD", 6)))


@pytest.mark.parametrize(
    ("newest", "done", "last"),
    [
        (date(2027, 3, 10), False, date(2027, 2, 10)),
        (date(2027, 3, 30), False, date(2027, 2, 28)),
        (date(2028, 3, 29), False, date(2028, 2, 29)),
        (date(2027, 2, 20), True, date(2027, 1, 31)),
        (date(2027, 1, 1), False, date(2026, 12, 1)),
    ],
)
def test_the_same_days_end_with_the_month_before(newest: date, done: bool, last: date) -> None:
    assert same_day_before(newest, is_over=done) == last


def test_a_month_is_over_when_the_next_has_begun() -> None:
    assert not is_over(date(2028, 2, 1), date(2028, 2, 29))
    assert is_over(date(2028, 2, 1), date(2028, 3, 1))
