"""Which months a range of days fills, and which days are beside them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.costs.spans import last_day_of, whole_months


def days_of(first: date, last: date) -> set[date]:
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


@given(st.dates(date(2023, 1, 1), date(2029, 1, 1)), st.integers(0, 399))
def test_months_and_the_days_beside_them_are_the_days_asked_for(first: date, length: int) -> None:
    asked = days_of(first, first + timedelta(days=length))

    months, beside = whole_months(first, max(asked))

    parts = [days_of(month, last_day_of(month)) for month in months]
    parts += [days_of(*one) for one in beside]
    assert set().union(*parts) == asked
    assert sum(map(len, parts)) == len(asked)


@pytest.mark.parametrize(
    ("first", "last", "months", "beside"),
    [
        (date(2028, 2, 1), date(2028, 2, 29), [date(2028, 2, 1)], []),
        (date(2027, 2, 1), date(2027, 2, 27), [], [(date(2027, 2, 1), date(2027, 2, 27))]),
        (date(2026, 11, 30), date(2026, 12, 1), [], [(date(2026, 11, 30), date(2026, 12, 1))]),
        (
            date(2026, 12, 31),
            date(2027, 1, 31),
            [date(2027, 1, 1)],
            [(date(2026, 12, 31), date(2026, 12, 31))],
        ),
    ],
)
def test_a_month_is_whole_from_its_first_day_to_its_last(
    first: date, last: date, months: list[date], beside: list[tuple[date, date]]
) -> None:
    assert whole_months(first, last) == (months, beside)
