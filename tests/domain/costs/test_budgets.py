"""What counts against a budget: the higher of two figures, and the rest of the month of what is live."""

from datetime import date
from fractions import Fraction

from tests.cases import each_case
from webapp.domain.costs.budgets import (
    Figure,
    Limits,
    Spending,
    Term,
    exceeded_by,
    figures_of,
    has_charged_fees,
    higher,
    how_many_fit,
    last_day_of,
    part_left,
    still_to_come,
)

MIDDLE = date(2026, 11, 16)
"""Half of November is left, this day with it."""


@each_case(
    ("day", "left"),
    [
        (date(2026, 11, 1), Fraction(1)),
        (MIDDLE, Fraction(1, 2)),
        (date(2026, 11, 30), Fraction(1, 30)),
        (date(2026, 12, 31), Fraction(1, 31)),
        (date(2027, 2, 28), Fraction(1, 28)),
        (date(2028, 2, 28), Fraction(2, 29)),
        (date(2028, 2, 29), Fraction(1, 29)),
        (date(2100, 2, 28), Fraction(1, 28)),
    ],
)
def test_the_current_day_is_part_of_what_is_left_of_the_month(day: date, left: Fraction) -> None:
    assert part_left(day) == left


def test_a_month_ends_on_its_last_day_also_in_a_leap_year() -> None:
    assert [last_day_of(date(year, 2, 3)) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]
    assert last_day_of(date(2026, 12, 31)) == date(2026, 12, 31)


def test_what_is_to_come_is_rounded_once_and_half_to_even() -> None:
    assert still_to_come(3, MIDDLE) == 2
    assert still_to_come(5, MIDDLE) == 2
    assert still_to_come(3 * 1001, date(2026, 11, 30)) == round(3003 / 30)


def test_billed_and_estimated_are_never_added() -> None:
    assert higher(estimated_minor=700, billed_minor=650) == 700
    assert higher(estimated_minor=700, billed_minor=900) == 900
    assert higher(estimated_minor=0, billed_minor=-20) == 0


def test_each_limit_has_its_own_figure() -> None:
    spending = Spending(spent_minor=300, spent_before_minor=4000, month_prices_minor=1000)

    assert figures_of(Limits(900, 5000), spending, MIDDLE) == (
        Figure(Term.MONTH, 900, 300, 500),
        Figure(Term.WHOLE, 5000, 4300, 500),
    )
    assert figures_of(Limits(None, 5000), spending, MIDDLE) == (Figure(Term.WHOLE, 5000, 4300, 500),)


def test_a_fee_that_was_charged_at_once_is_not_to_come_again() -> None:
    """Ten desktops of 10.00 a month and 40.00 by the hour: the month has the same sum on each of its days."""
    prices = {"month_prices_minor": 50_000}
    second, sixteenth = date(2026, 11, 2), date(2026, 11, 16)

    first_day = Spending(spent_minor=0, **prices)
    after_a_day = Spending(spent_minor=10_000 + 40_000 // 30, charged_fees_minor=10_000, **prices)
    after_half = Spending(spent_minor=10_000 + 20_000, charged_fees_minor=10_000, **prices)

    assert not has_charged_fees(date(2026, 11, 1)) and has_charged_fees(second)
    assert [
        figures_of(Limits(1, None), spending, day)[0].sum_minor
        for spending, day in ((first_day, date(2026, 11, 1)), (after_a_day, second), (after_half, sixteenth))
    ] == [50_000] * 3


def test_a_desktop_may_fill_a_limit_to_the_cent_and_not_pass_it() -> None:
    spending = Spending(spent_minor=100, month_prices_minor=1000)

    assert exceeded_by(Limits(700, None), spending, MIDDLE, month_price_minor=200) is None
    assert exceeded_by(Limits(699, None), spending, MIDDLE, month_price_minor=200) == Figure(
        Term.MONTH, 699, 100, 600
    )
    assert exceeded_by(Limits(10_000, 699), spending, MIDDLE, month_price_minor=200) == Figure(
        Term.WHOLE, 699, 100, 600
    )


def test_as_many_fit_as_may_be_ordered_one_after_another() -> None:
    spending, limits = Spending(spent_minor=100, month_prices_minor=1000), Limits(1000, None)

    fitting = how_many_fit(limits, spending, MIDDLE, month_price_minor=201, at_most=200)

    assert fitting == 3  # 100 and half of 1603; a fourth makes it 1002
    assert exceeded_by(limits, spending, MIDDLE, month_price_minor=fitting * 201) is None
    assert exceeded_by(limits, spending, MIDDLE, month_price_minor=(fitting + 1) * 201) is not None
    assert how_many_fit(limits, spending, MIDDLE, month_price_minor=1, at_most=200) == 200
    assert how_many_fit(limits, Spending(spent_minor=2000), MIDDLE, month_price_minor=1, at_most=9) == 0


def test_what_costs_nothing_passes_no_limit() -> None:
    assert exceeded_by(Limits(1, None), Spending(spent_minor=5), MIDDLE, month_price_minor=0) is None


def test_people_are_warned_at_four_fifths_spent_or_when_the_forecast_passes_the_limit() -> None:
    def is_warned(spent: int, to_come: int) -> bool:
        return Figure(Term.MONTH, 1000, spent, to_come).is_worth_a_warning

    assert [is_warned(799, 201), is_warned(800, 0), is_warned(0, 1000), is_warned(0, 1001)] == [
        False,
        True,
        False,
        True,
    ]
    assert not Figure(Term.MONTH, 1000, 999, 500).is_used_up
    assert Figure(Term.MONTH, 1000, 1000, 0).is_used_up
