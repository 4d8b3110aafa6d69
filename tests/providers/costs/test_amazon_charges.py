"""When Amazon charges what: fees at once for the rest of a month, hours as they begin."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from webapp.domain.costs.estimates import EstimatedDay, by_day
from webapp.domain.costs.money import Money
from webapp.domain.costs.prices import Part, Price, PriceBook
from webapp.domain.costs.spans import MachineKind, Power, Span
from webapp.domain.lifecycle import CloudState
from webapp.providers.aws_workspaces.billing import charges, power_of, sku_of

LISTED = date(2026, 1, 1)
RUNNING, STOPPED = Power.RUNNING, Power.STOPPED


def kind(mode: str, compute: str = "STANDARD") -> MachineKind:
    return MachineKind(
        region="us-east-1",
        compute_type=compute,
        volumes="80/50",
        running_mode=mode,
        operating_system="WINDOWS_11",
    )


def price(mode: str, part: Part, amount: str, *, since: date = LISTED) -> Price:
    return Price("us-east-1", f"STANDARD/80/50/windows/{mode}", part, Decimal(amount), "USD", since)


ALWAYS_ON, AUTO_STOP = kind("ALWAYS_ON"), kind("AUTO_STOP")
PRICES = (
    price("ALWAYS_ON", Part.MONTH, "35"),
    price("AUTO_STOP", Part.MONTH, "9.75"),
    price("AUTO_STOP", Part.HOUR, "0.30"),
)


def at(month: int, day: int, hour: int = 0, minute: int = 0, *, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def days(spans: Sequence[Span], *more: Price) -> dict[date, int]:
    """Day → cents."""
    return {
        one.day: sum(amount.amount_minor for amount in one.amounts)
        for one in by_day(charges(spans, PriceBook([*PRICES, *more])))
    }


def test_the_first_month_is_charged_at_once_in_proportion_and_the_next_on_its_first_day() -> None:
    spans = [Span(ALWAYS_ON, RUNNING, at(4, 16), at(6, 2))]

    assert days(spans) == {date(2027, 4, 16): 1750, date(2027, 5, 1): 3500, date(2027, 6, 1): 3500}


@pytest.mark.parametrize(("year", "cents"), [(2027, 125), (2028, 241)])
def test_february_has_its_own_length(year: int, cents: int) -> None:
    spans = [Span(ALWAYS_ON, RUNNING, at(2, 28, year=year), at(3, 1, year=year))]

    assert days(spans) == {date(year, 2, 28): cents}


def test_a_machine_that_ends_in_its_month_gets_nothing_back() -> None:
    spans = [Span(ALWAYS_ON, RUNNING, at(4, 1), at(4, 3))]

    assert days(spans) == {date(2027, 4, 1): 3500}


def test_hours_count_while_it_runs_each_begun_one_whole_on_the_day_in_which_it_begins() -> None:
    spans = [
        Span(AUTO_STOP, STOPPED, at(4, 1), at(4, 2, 22, 30)),
        Span(AUTO_STOP, RUNNING, at(4, 2, 22, 30), at(4, 3, 1, 31)),
        Span(AUTO_STOP, STOPPED, at(4, 3, 1, 31), at(4, 4)),
    ]

    assert days(spans) == {date(2027, 4, 1): 975, date(2027, 4, 2): 60, date(2027, 4, 3): 60}


def test_hours_go_on_over_the_end_of_a_month() -> None:
    spans = [Span(AUTO_STOP, RUNNING, at(4, 30, 23, 30), at(5, 1, 1, 0))]

    assert days(spans) == {date(2027, 4, 30): 31, date(2027, 5, 1): 975 + 30}


def test_a_switch_to_always_on_is_charged_at_once_beside_what_was_charged() -> None:
    spans = [
        Span(AUTO_STOP, RUNNING, at(4, 1), at(4, 1, 2)),
        Span(ALWAYS_ON, RUNNING, at(4, 1, 2), at(4, 1, 5)),
    ]

    assert days(spans) == {date(2027, 4, 1): 975 + 60 + round(3500 * 718 / 720)}


def test_a_switch_to_auto_stop_counts_from_the_next_month() -> None:
    spans = [
        Span(ALWAYS_ON, RUNNING, at(4, 1), at(4, 10)),
        Span(AUTO_STOP, RUNNING, at(4, 10), at(5, 1, 2)),
    ]

    assert days(spans) == {date(2027, 4, 1): 3500, date(2027, 5, 1): 975 + 60}


def test_a_new_price_holds_from_its_day() -> None:
    dearer = price("AUTO_STOP", Part.HOUR, "0.60", since=date(2027, 4, 2))
    spans = [
        Span(AUTO_STOP, STOPPED, at(4, 1), at(4, 1, 23)),
        Span(AUTO_STOP, RUNNING, at(4, 1, 23), at(4, 2, 1)),
    ]

    assert days(spans, dearer) == {date(2027, 4, 1): 975 + 30, date(2027, 4, 2): 60}


def test_what_has_no_known_price_is_said_and_no_zero() -> None:
    spans = [Span(kind("AUTO_STOP", "GRAPHICS"), RUNNING, at(4, 1), at(4, 1, 1))]

    (day,) = by_day(charges(spans, PriceBook(PRICES)))

    assert day == EstimatedDay(date(2027, 4, 1), (), is_complete=False)


def test_currencies_stay_apart() -> None:
    yuan = Price(
        "us-east-1", "STANDARD/80/50/windows/AUTO_STOP", Part.HOUR, Decimal(2), "CNY", date(2027, 4, 1)
    )

    (day,) = by_day(charges([Span(AUTO_STOP, RUNNING, at(4, 1), at(4, 1, 1))], PriceBook([*PRICES, yuan])))

    assert day.amounts == (Money("CNY", 200), Money("USD", 975))


def test_a_machine_is_billed_from_the_moment_when_it_can_be_used() -> None:
    assert [power_of(state) for state in (CloudState.PENDING, CloudState.AVAILABLE, CloudState.STOPPED)] == [
        None,
        RUNNING,
        STOPPED,
    ]


def test_a_machine_that_the_cloud_does_not_describe_cannot_be_priced() -> None:
    assert sku_of(MachineKind(region="us-east-1", compute_type=None)) is None
