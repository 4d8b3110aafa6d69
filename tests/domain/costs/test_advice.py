"""Advice about one desktop: only what its log and its prices say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from webapp.domain.costs.advice import AlwaysOnIsCheaper, StoppedButPaid, advise
from webapp.domain.costs.money import Money
from webapp.domain.costs.rates import Rates

NOW = datetime(2027, 3, 20, 12, tzinfo=UTC)
BY_HOUR = Rates(
    currency="USD",
    month=Decimal("9.75"),
    is_disk_only=False,
    hour=Decimal("0.30"),
    valid_from=date(2027, 1, 1),
    read_at=NOW,
    is_of_region=True,
    is_exact=True,
)
ALWAYS_ON = replace(BY_HOUR, month=Decimal("35"), hour=None)
RATES = BY_HOUR.against(ALWAYS_ON)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_above_the_break_even_and_not_at_it_always_on_is_cheaper() -> None:
    assert RATES.always_on_above_hours == 84
    assert RATES.month_at(84).amount_minor < 3500 < RATES.month_at(85).amount_minor

    assert advise(RATES, ran=hours(84.9), stopped_since=None, now=NOW) == ()
    assert advise(RATES, ran=hours(85), stopped_since=None, now=NOW) == (
        AlwaysOnIsCheaper(85, 84, Money("USD", 25)),
    )


def test_without_a_price_of_always_on_nothing_is_advised() -> None:
    for rates in (None, BY_HOUR, ALWAYS_ON, BY_HOUR.against(replace(ALWAYS_ON, currency="EUR"))):
        assert advise(rates, ran=hours(700), stopped_since=None, now=NOW) == ()


def test_a_desktop_that_is_stopped_for_a_week_and_paid_is_named() -> None:
    week_ago = NOW - timedelta(days=7)

    assert advise(RATES, ran=hours(0), stopped_since=week_ago, now=NOW) == (
        StoppedButPaid(week_ago, Money("USD", 975)),
    )
    assert advise(RATES, ran=hours(0), stopped_since=week_ago + hours(1), now=NOW) == ()


def test_what_costs_nothing_while_it_is_stopped_is_not_named() -> None:
    free = replace(BY_HOUR, month=Decimal(0))

    assert advise(free, ran=hours(0), stopped_since=NOW - timedelta(days=30), now=NOW) == ()
