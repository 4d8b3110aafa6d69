"""What a month is estimated to cost: until now, and until its end as it was used in the newest days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from webapp.domain.costs.charges import Charge
from webapp.domain.costs.money import Money
from webapp.domain.costs.months import estimate_month
from webapp.domain.costs.prices import Part, Price

HOUR = Price("us-east-1", "sku", Part.HOUR, Decimal("0.30"), "USD", date(2026, 1, 1))
FEE = Price("us-east-1", "sku", Part.MONTH, Decimal("9.75"), "USD", date(2026, 1, 1))
NOW = datetime(2027, 4, 16, tzinfo=UTC)
BEGIN = datetime(2027, 4, 1, tzinfo=UTC)


def hours(*days: int, each: int = 8) -> list[Charge]:
    return [Charge(date(2027, 4, day), Part.HOUR, Decimal(each), HOUR) for day in days]


def fee(day: date) -> Charge:
    return Charge(day, Part.MONTH, Decimal(1), FEE)


def test_the_days_to_come_are_like_the_last_seven() -> None:
    used = hours(*range(1, 9), each=24) + hours(*range(9, 16))

    estimate = estimate_month([fee(date(2027, 4, 1)), *used], now=NOW, first_seen_at=BEGIN)

    assert estimate.so_far == (Money("USD", 975 + 8 * 720 + 7 * 240),)
    assert estimate.until_end == (Money("USD", 975 + 8 * 720 + 7 * 240 + 15 * 240),)


def test_a_fee_of_the_month_is_not_expected_again() -> None:
    estimate = estimate_month([fee(date(2027, 4, 15))], now=NOW, first_seen_at=BEGIN)

    assert estimate.until_end == estimate.so_far == (Money("USD", 975),)


def test_other_months_do_not_count() -> None:
    estimate = estimate_month([fee(date(2027, 3, 1))], now=NOW, first_seen_at=BEGIN)

    assert estimate.so_far == ()


def test_half_a_day_is_enough_to_say_something() -> None:
    first_seen_at = datetime(2027, 4, 15, 12, tzinfo=UTC)

    estimate = estimate_month(hours(15, each=12), now=NOW, first_seen_at=first_seen_at)

    assert estimate.until_end == (Money("USD", 360 + 15 * 720),)


def test_after_half_an_hour_nothing_is_said_of_the_month() -> None:
    estimate = estimate_month(hours(15, each=1), now=NOW, first_seen_at=NOW - timedelta(minutes=30))

    assert (estimate.so_far, estimate.until_end) == ((Money("USD", 30),), ())


def test_an_unknown_price_is_said_and_is_not_nothing() -> None:
    unknown = Charge(date(2027, 4, 2), Part.HOUR, Decimal(5), None)

    estimate = estimate_month([unknown], now=NOW, first_seen_at=BEGIN)

    assert (estimate.so_far, estimate.is_complete) == ((), False)


def test_what_never_ran_costs_nothing_that_is_known() -> None:
    estimate = estimate_month([], now=NOW, first_seen_at=None)

    assert (estimate.so_far, estimate.until_end, estimate.is_complete) == ((), (), True)
