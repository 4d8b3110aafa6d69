"""What a person types is taken exactly, or not at all."""

import pytest

from tests.cases import each_case
from webapp.domain.costs.money import is_currency, typed_amount


@each_case(
    ("typed", "currency", "minor"),
    [
        ("1500", "USD", 150_000),
        ("1,500.00", "USD", 150_000),
        (" 1,234,567.8 ", "EUR", 123_456_780),
        ("0.29", "USD", 29),
        ("1,500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("1.500", "USD", 150),
    ],
)
def test_major_units_become_whole_minor_units(typed: str, currency: str, minor: int) -> None:
    assert typed_amount(typed, currency) == minor


@each_case(
    ("typed", "currency"),
    [
        ("", "USD"),
        ("-5", "USD"),
        ("1.5", "JPY"),
        ("1.005", "USD"),
        ("1,50", "USD"),
        ("15,00.00", "USD"),
        ("1e3", "USD"),
        ("NaN", "USD"),
        ("1 500", "USD"),
        ("$5", "USD"),
        ("٣", "USD"),
        ("9" * 25, "USD"),
    ],
)
def test_what_is_no_exact_amount_is_refused(typed: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"amount|unit"):
        typed_amount(typed, currency)


def test_a_currency_is_one_of_the_standard() -> None:
    assert [is_currency(one) for one in ("USD", "JPY", "usd", "DOL", "", "AB")] == [True, True] + [False] * 4
