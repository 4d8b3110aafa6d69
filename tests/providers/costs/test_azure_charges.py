"""When Azure charges what: running by the second, the disk as long as it exists."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from webapp.clouds.azure_avd.tables import SIZES
from webapp.domain.costs.estimates import by_day
from webapp.domain.costs.prices import Part, Price, PriceBook
from webapp.domain.costs.spans import MachineKind, Power, Span
from webapp.domain.lifecycle import CloudState
from webapp.providers.azure_avd.billing import charges, disk_sku_of, power_of

RUNNING, STOPPED = Power.RUNNING, Power.STOPPED
KIND = MachineKind(region="westeurope", compute_type="Standard_D4s_v5")
LISTED = date(2026, 1, 1)
PRICES = (
    Price("westeurope", "Standard_D4s_v5", Part.HOUR, Decimal("0.23"), "USD", LISTED),
    Price("westeurope", "P10 LRS", Part.DISK_MONTH, Decimal("21.68"), "USD", LISTED),
)


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, second, tzinfo=UTC)


def charged(spans: Sequence[Span], part: Part) -> dict[date, Decimal]:
    found: dict[date, Decimal] = {}
    for charge in charges(spans, PriceBook(PRICES)):
        if charge.part is part:
            found[charge.day] = found.get(charge.day, Decimal(0)) + charge.amount
    return found


def test_running_is_charged_by_the_second_on_its_own_day() -> None:
    spans = [Span(KIND, RUNNING, at(4, 1, 23, 59, 30), at(4, 2, 0, 30))]

    assert charged(spans, Part.HOUR) == {
        date(2027, 4, 1): pytest.approx(Decimal("0.23") / 120),
        date(2027, 4, 2): Decimal("0.115"),
    }


def test_a_deallocated_machine_costs_its_disk_only() -> None:
    spans = [Span(KIND, STOPPED, at(4, 1), at(4, 2))]

    assert charged(spans, Part.HOUR) == {}
    assert charged(spans, Part.DISK_MONTH) == {date(2027, 4, 1): pytest.approx(Decimal("21.68") / 30)}


def test_a_month_of_disk_is_its_month_price_whatever_the_months_length() -> None:
    for month in (2, 3, 4):
        spans = [Span(KIND, STOPPED, at(month, 1), at(month + 1, 1))]

        days = by_day(charges(spans, PriceBook(PRICES)))

        assert sum(amount.amount_minor for day in days for amount in day.amounts) == 2168


def test_only_a_deallocated_machine_is_not_billed_as_running() -> None:
    assert {state for state in CloudState if power_of(state) is STOPPED} == {CloudState.STOPPED}


def test_each_size_that_is_ordered_has_the_disk_that_the_template_makes() -> None:
    tiers = {"StandardSSD_LRS": "E10 LRS", "Premium_LRS": "P10 LRS"}

    assert {
        size.vm_size: disk_sku_of(MachineKind(region="", compute_type=size.vm_size)) for size in SIZES
    } == {size.vm_size: tiers[size.disk_type] for size in SIZES}


def test_a_size_without_a_price_leaves_the_day_incomplete() -> None:
    spans = [Span(MachineKind(region="westeurope", compute_type="Standard_X"), RUNNING, at(4, 1), at(4, 2))]

    assert [day.is_complete for day in by_day(charges(spans, PriceBook(PRICES)))] == [False]
