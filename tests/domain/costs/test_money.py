"""Money: whole minor units, exact until they are rounded, never added across currencies."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.costs.money import (
    CurrencyMismatch,
    Money,
    allot,
    by_currency,
    in_minor_units,
    rounded_by_sum,
)

EXACT = st.decimals(min_value=-10_000, max_value=10_000, places=10)


def test_the_minor_unit_is_the_currencys_own() -> None:
    assert [in_minor_units(Decimal("12.345"), currency) for currency in ("USD", "JPY", "KWD")] == [
        1234,
        12,
        12345,
    ]


def test_amounts_are_written_as_people_write_them() -> None:
    amounts = [Money("USD", 123_450), Money("EUR", 5), Money("JPY", -300)]

    assert [str(amount) for amount in amounts] == ["$1,234.50", "€0.05", "-¥300"]


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(CurrencyMismatch):
        Money("USD", 1) + Money("EUR", 1)


def test_a_sum_is_one_amount_for_each_currency() -> None:
    sums = by_currency([Money("USD", 3), Money("EUR", 2), Money("USD", 4)])

    assert sums == (Money("EUR", 2), Money("USD", 7))


def test_cents_that_are_left_go_to_the_largest_remainders() -> None:
    thirds = [Decimal("33.33333"), Decimal("33.33333"), Decimal("33.33334")]

    assert allot(100, thirds) == [33, 33, 34]


def test_of_equal_remainders_the_first_one_gets_the_cent() -> None:
    assert allot(1, [Decimal("0.5"), Decimal("0.5")]) == [1, 0]


def test_a_credit_is_allotted_as_well() -> None:
    assert allot(-1, [Decimal("-2.4"), Decimal("1.4")]) == [-2, 1]


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        allot(5, [Decimal(1), Decimal(2)])


@given(st.lists(EXACT, min_size=1, max_size=40))
def test_allotted_shares_add_up_and_none_is_off_by_a_whole_unit(shares: list[Decimal]) -> None:
    total = round(sum(shares))
    amounts = allot(total, shares)

    assert sum(amounts) == total
    assert all(abs(amount - share) < 1 for amount, share in zip(amounts, shares, strict=True))


@given(st.lists(EXACT, max_size=40))
def test_days_that_are_rounded_by_their_sum_are_never_off_by_more_than_half_a_unit(
    amounts: list[Decimal],
) -> None:
    rounded = rounded_by_sum(amounts, "USD")

    for count in range(len(amounts) + 1):
        assert abs(sum(rounded[:count]) - sum(amounts[:count]) * 100) <= Decimal("0.5")
