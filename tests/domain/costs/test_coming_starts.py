"""Who starts in the next weeks, against the budget: the first start that passes it, this month or next."""

from datetime import date

from webapp.domain.costs.budgets import Limits, Spending, Term, first_passed, still_to_come

TODAY = date(2026, 12, 11)
LIVE = Spending(spent_minor=10_000, month_prices_minor=20_000)


def test_starts_that_fit_pass_nothing() -> None:
    assert first_passed(Limits(100_000, None), LIVE, TODAY, [(date(2026, 12, 14), 3_000)]) is None


def test_a_start_of_this_month_costs_what_is_left_of_the_month() -> None:
    limit = 10_000 + still_to_come(20_000, TODAY) + still_to_come(3_000, date(2026, 12, 21))
    starts = [(date(2026, 12, 14), 3_000)]

    found = first_passed(Limits(limit, None), LIVE, TODAY, starts)

    assert found is not None and found[0] == date(2026, 12, 14)
    assert first_passed(Limits(limit, None), LIVE, TODAY, [(date(2026, 12, 21), 3_000)]) is None


def test_the_first_of_several_is_named() -> None:
    starts = [(date(2026, 12, 28), 30_000), (date(2026, 12, 12), 1_000), (date(2026, 12, 13), 90_000)]

    found = first_passed(Limits(40_000, None), LIVE, TODAY, starts)

    assert found is not None and found[0] == date(2026, 12, 13)


def test_next_month_pays_for_what_lives_now_and_for_what_starts_until_then() -> None:
    starts = [(date(2026, 12, 31), 9_000), (date(2027, 1, 1), 2_000)]

    found = first_passed(Limits(30_000, None), LIVE, TODAY, starts)

    assert found is not None
    on, figure = found
    assert (on, figure.spent_minor, figure.sum_minor) == (date(2027, 1, 1), 0, 31_000)


def test_a_budget_for_the_whole_counts_both_months() -> None:
    spending = Spending(spent_minor=0, spent_before_minor=50_000, month_prices_minor=0)
    starts = [(date(2026, 12, 31), 31_000), (date(2027, 1, 1), 31_000)]

    found = first_passed(Limits(None, 100_000), spending, TODAY, starts)

    assert found is not None
    assert (found[0], found[1].term, found[1].sum_minor) == (
        date(2027, 1, 1),
        Term.WHOLE,
        50_000 + 1_000 + 62_000,
    )
