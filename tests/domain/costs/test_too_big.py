"""Too big: only by what was measured and used long enough, and by the prices of both sizes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.domain.costs.test_advice import BY_HOUR
from webapp.domain.costs.advice import TooBig, find_too_big
from webapp.domain.costs.money import Money
from webapp.domain.costs.rates import Rates
from webapp.domain.costs.sizes import MachineSize, find_size, smaller_sizes
from webapp.domain.loads import Load
from webapp.providers.aws_workspaces.billing import SIZES

NOW = datetime(2027, 3, 20, 12, tzinfo=UTC)
POWER, PERFORMANCE = MachineSize("POWER", "Power", 4, 16), MachineSize("PERFORMANCE", "Performance", 2, 8)
USUAL = Load(12, 34.2, 30)
CHEAP = replace(BY_HOUR, month=BY_HOUR.month - 1)


def found(
    load: Load | None = USUAL,
    *,
    used_days: int = 12,
    size: MachineSize | None = POWER,
    rates: Rates | None = BY_HOUR,
    smaller: tuple[tuple[MachineSize, Rates], ...] = ((PERFORMANCE, CHEAP),),
) -> TooBig | None:
    return find_too_big(load, size, rates, smaller, measured_until=NOW, used_days=used_days)


def test_half_the_machine_is_advised_with_the_figures_and_what_it_saves() -> None:
    assert found() == TooBig(PERFORMANCE, 35, 30, 12, NOW, Money("USD", 100), is_exact=True)


@pytest.mark.parametrize("load", [Load(12, 34.9, 34.9), Load(10, 0, 0)])
def test_below_70_percent_of_the_smaller_size_is_room_enough(load: Load) -> None:
    assert found(load) is not None


@pytest.mark.parametrize("load", [Load(12, 35, 10), Load(12, 10, 35), Load(9, 10, 10), None])
def test_a_busy_hour_too_few_days_and_what_nobody_measured_advise_nothing(load: Load | None) -> None:
    assert found(load) is None


def test_a_desktop_that_is_hardly_used_is_not_judged_by_its_size() -> None:
    assert found(used_days=10) is not None
    assert found(used_days=9) is None


def test_nothing_is_advised_without_both_prices_in_one_currency_or_without_a_saving() -> None:
    assert found(rates=None) is None
    assert found(smaller=()) is None
    assert found(smaller=((PERFORMANCE, replace(CHEAP, currency="EUR")),)) is None
    assert found(smaller=((PERFORMANCE, BY_HOUR),)) is None


def test_an_indication_is_said_to_be_one() -> None:
    advice = found(smaller=((PERFORMANCE, replace(CHEAP, is_exact=False)),))

    assert advice is not None and not advice.is_exact


@pytest.mark.parametrize("code", ["GRAPHICS_G4DN", "GRAPHICSPRO", "MYSTERY", "", None])
def test_graphics_and_unknown_sizes_have_no_smaller_one(code: str | None) -> None:
    assert find_size(SIZES, code) is None
    assert smaller_sizes(SIZES, code) == []


def test_the_next_smaller_size_comes_first() -> None:
    assert [one.code for one in smaller_sizes(SIZES, "POWER")] == ["PERFORMANCE", "STANDARD", "VALUE"]
    assert smaller_sizes(SIZES, "VALUE") == []


def test_from_performance_to_standard_only_the_memory_is_halved() -> None:
    standard = MachineSize("STANDARD", "Standard", 2, 4)

    assert found(Load(12, 69.9, 34.9), size=PERFORMANCE, smaller=((standard, CHEAP),)) is not None
    assert found(Load(12, 69.9, 35), size=PERFORMANCE, smaller=((standard, CHEAP),)) is None
