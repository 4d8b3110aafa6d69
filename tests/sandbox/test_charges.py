"""What desktops cost, to the last digit: months, parts of months, hours, switches, ends, prices."""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from sandbox import demo
from sandbox.aws.charges import charges_of
from sandbox.aws.meter import Span
from sandbox.aws.prices import Prices
from sandbox.aws.store import open_store
from sandbox.control import SandboxError
from tests.cases import each_case
from tests.sandbox.billing import DIGITS, Biller, at

MONTHLY, BASE, HOUR = Decimal(38), Decimal("11.25"), Decimal("0.33")
"""A Windows STANDARD in the demo's region."""


def part(price: Decimal, days: str, of: int) -> Decimal:
    """The price for some days of a month of `of` days."""
    return (price * (Decimal(days) / of)).quantize(DIGITS)


def test_the_first_month_costs_its_rest_and_each_later_one_the_whole(biller: Biller) -> None:
    biller.make("anna", mode="ALWAYS_ON", when="2027-01-22")
    biller.control.set_now(at("2027-03-05"))

    assert biller.days() == {
        "2027-01-22": part(MONTHLY, "10", 31),
        "2027-02-01": MONTHLY,
        "2027-03-01": MONTHLY,
    }
    assert (
        str(biller.control.bill(first_day="2027-01-01", last_day="2027-01-31")[0]["amount"])
        == "12.2580645161"
    )


def test_a_desktop_made_as_the_month_begins_costs_it_once(biller: Biller) -> None:
    biller.make("anna", mode="ALWAYS_ON", when="2027-03-01")
    biller.control.set_now(at("2027-03-31T23:59"))

    assert biller.days() == {"2027-03-01": MONTHLY}


@pytest.mark.parametrize(("year", "length"), [("2027", 28), ("2028", 29)])
def test_the_share_of_february_depends_on_the_leap_year(biller: Biller, year: str, length: int) -> None:
    biller.make("anna", mode="ALWAYS_ON", when=f"{year}-02-15")

    assert biller.days() == {f"{year}-02-15": part(MONTHLY, str(length - 14), length)}


def test_each_hour_begun_costs_on_the_day_in_which_it_begins(biller: Biller) -> None:
    one = biller.make("anna", when="2027-03-10T22:30")
    biller.set(one, "2027-03-11T00:31", state="STOPPED")
    biller.set(one, "2027-03-11T08:00", state="AVAILABLE")
    biller.set(one, "2027-03-11T09:00", state="STOPPED")
    biller.control.set_now(at("2027-03-20"))

    # Hours begin at 22:30 and 23:30, at 00:30, and at 08:00; the one that ends at 09:00 begins no other.
    rest = part(BASE, "21.0625", 31)
    assert biller.days() == {"2027-03-10": rest + 2 * HOUR, "2027-03-11": 2 * HOUR}


def test_a_run_over_the_end_of_a_month_keeps_its_hours(biller: Biller) -> None:
    one = biller.make("anna", when="2027-03-31T23:30")
    biller.set(one, "2027-04-01T01:00", state="STOPPED")

    days = biller.days()

    assert days["2027-04-01"] == BASE + HOUR  # 00:30 only
    assert days["2027-03-31"] == part(BASE, str(Decimal(30) / 60 / 24), 31) + HOUR


def test_a_stopped_desktop_costs_its_base_fee_alone(biller: Biller) -> None:
    one = biller.make("anna", when="2027-03-31")
    biller.set(one, "2027-03-31T00:10", state="STOPPED")
    biller.control.set_now(at("2027-05-02"))

    assert biller.days() == {
        "2027-03-31": part(BASE, "1", 31) + HOUR,
        "2027-04-01": BASE,
        "2027-05-01": BASE,
    }


def test_restarts_and_repairs_are_one_run(biller: Biller) -> None:
    one = biller.make("anna", when="2027-03-10")
    for minute, state in ((10, "REBOOTING"), (13, "AVAILABLE"), (20, "UNHEALTHY"), (30, "REBUILDING")):
        biller.set(one, f"2027-03-10T00:{minute}", state=state)
    biller.set(one, "2027-03-10T00:59", state="STOPPED")

    assert biller.days() == {"2027-03-10": part(BASE, "22", 31) + HOUR}


def test_a_switch_to_always_on_costs_the_rest_of_the_month_and_ends_the_hours(biller: Biller) -> None:
    one = biller.make("anna", when="2027-03-10")
    biller.control.set_now(at("2027-03-10T01:30"))
    biller.workspaces.modify_workspace_properties(
        WorkspaceId=one, WorkspaceProperties={"RunningMode": "ALWAYS_ON"}
    )
    biller.control.set_now(at("2027-04-02"))

    days = biller.days()

    switched = str(Decimal(22) - Decimal("1.5") / 24)
    assert days["2027-03-10"] == part(BASE, "22", 31) + 2 * HOUR + part(MONTHLY, switched, 31)
    assert {day: amount for day, amount in days.items() if day != "2027-03-10"} == {"2027-04-01": MONTHLY}


def test_a_switch_to_auto_stop_waits_for_the_next_month(biller: Biller) -> None:
    one = biller.make("anna", mode="ALWAYS_ON", when="2027-03-01")
    biller.set(one, "2027-03-10", running_mode="AUTO_STOP")
    biller.set(one, "2027-03-20", running_mode="ALWAYS_ON")  # was never anything else, for the bill
    biller.set(one, "2027-03-25", running_mode="AUTO_STOP")
    biller.set(one, "2027-04-01T02:00", state="STOPPED")

    assert biller.days() == {"2027-03-01": MONTHLY, "2027-04-01": BASE + 2 * HOUR}


def test_nothing_is_due_before_a_desktop_is_usable_or_after_its_end(biller: Biller) -> None:
    launching = biller.make("anna", when="2027-03-10", ready=False)
    failed = biller.make("ben", ready=False)
    biller.control.set_workspace(failed, state="ERROR")
    biller.control.set_now(at("2027-03-10T12:00"))
    biller.control.terminate_workspace(launching)
    biller.control.set_now(at("2027-05-02"))

    days = biller.days()

    [launched] = [one for one in biller.control.meter() if one["power"] == "running"]
    assert launched["began_at"] < at("2027-03-10T00:24")
    begun = 12  # from about 00:20, each hour begun before 12:00
    rest = (
        BASE * (Decimal(str(at("2027-04-01"))) - Decimal(str(launched["began_at"]))) / (31 * 86400)
    ).quantize(DIGITS)
    assert days == {"2027-03-10": rest + begun * HOUR}
    assert {line["workspace_id"] for line in biller.control.bill()} == {launching}


def test_a_state_that_is_settled_late_counts_from_its_own_time(
    biller: Biller, order: Callable[..., Any]
) -> None:
    biller.control.set_now(at("2027-03-31T23:50"))
    order("anna", bundle=demo.DEMO_WINDOWS_BUNDLE_ID)
    biller.control.set_now(at("2027-04-20"))  # nobody looked before

    pending, running = biller.control.meter()

    assert (pending["power"], running["power"]) == ("launching", "running")
    assert pending["ended_at"] == running["began_at"]
    assert at("2027-04-01") < running["began_at"] < at("2027-04-01T00:13:01")
    assert min(biller.days()) == "2027-04-01"


def test_a_price_counts_from_its_day(biller: Biller) -> None:
    place: dict[str, Any] = {"region": demo.DEMO_REGION, "compute": "STANDARD", "mode": "AUTO_STOP"}
    biller.control.set_price(**place, hour="0.5", valid_from="2027-03-11")
    biller.control.set_price(**place, month="20", valid_from="2027-04-01")
    biller.control.set_price(**place, system="linux", month="1")
    one = biller.make("anna", when="2027-03-10T23:00")
    biller.set(one, "2027-03-11T01:00", state="STOPPED")
    biller.control.set_now(at("2027-04-02"))

    days = biller.days()

    assert days["2027-03-11"] == Decimal("0.5")
    assert days["2027-04-01"] == 20


def test_linux_is_cheaper_than_windows(biller: Biller) -> None:
    biller.make("anna", mode="ALWAYS_ON", when="2027-03-01", bundle_id=demo.DEMO_UBUNTU_BUNDLE_ID)

    assert biller.days() == {"2027-03-01": MONTHLY - 4}


MINUTE_MS, MINUTES = 60_000, 70 * 24 * 60


def _life(draw: random.Random, begin: int) -> list[Span]:
    """Forty changes at any minute of seventy days."""
    moments = sorted(draw.sample(range(MINUTES), 41))
    return [
        Span(
            "ws-1",
            "1",
            demo.DEMO_REGION,
            begin + moment * MINUTE_MS,
            begin + following * MINUTE_MS,
            draw.choice(["running", "running", "stopped", "out"]),
            draw.choice(["AUTO_STOP", "AUTO_STOP", "ALWAYS_ON"]),
            "STANDARD",
            80,
            50,
            "WINDOWS_11",
        )
        for moment, following in pairwise(moments)
    ]


def _minute_by_minute(spans: list[Span]) -> Decimal:
    """The same rules, by walking."""
    total, mode, ran_since, months = Decimal(0), "", -1, set[tuple[int, int]]()
    usable = next(number for number, one in enumerate(spans) if one.power != "out")
    for span in spans[usable:]:
        for now in range(span.began_at, span.ended_at or 0, MINUTE_MS):
            day = datetime.fromtimestamp(now / 1000, UTC)
            length, month = monthrange(day.year, day.month)[1], (day.year, day.month)
            wanted = span.running_mode
            if month not in months or (wanted == "ALWAYS_ON" and mode == "AUTO_STOP"):
                months.add(month)
                mode = wanted
                left = length * 24 * 60 - ((day.day - 1) * 24 + day.hour) * 60 - day.minute
                fee = MONTHLY if mode == "ALWAYS_ON" else BASE
                total += (fee * (Decimal(left) / (length * 24 * 60))).quantize(DIGITS)
            if mode != "AUTO_STOP" or span.power != "running":
                ran_since = -1
                continue
            ran_since = now if ran_since < 0 else ran_since
            total += HOUR if (now - ran_since) % (60 * MINUTE_MS) == 0 else 0
    return total


@each_case("seed", range(6))
def test_any_life_costs_what_walking_through_it_minute_by_minute_says(seed: int) -> None:
    begin, day_ms = round(at("2027-01-20") * 1000), 86_400_000
    spans, prices = _life(random.Random(seed), begin), Prices(open_store(None))

    def total(since_ms: int, until_ms: int) -> Decimal:
        charges = charges_of(spans, prices, since_ms=since_ms, until_ms=until_ms)
        return sum((one.amount * one.count for one in charges), Decimal(0))

    end = begin + MINUTES * MINUTE_MS
    by_days = sum(total(day, day + day_ms - 1) for day in range(begin, end, day_ms))

    assert total(begin, end) == by_days == _minute_by_minute(spans)


def test_what_has_no_price_is_not_on_the_bill(biller: Biller) -> None:
    biller.make("anna", mode="MANUAL", when="2027-03-01")

    assert biller.days() == {}


@pytest.mark.parametrize(
    "nonsense",
    [
        {"mode": "AUTO_STOP"},
        {"mode": "ALWAYS_ON", "hour": "1"},
        {"mode": "SOMETIMES", "month": "1"},
        {"mode": "ALWAYS_ON", "month": "dear"},
        {"mode": "ALWAYS_ON", "month": "1", "valid_from": "tomorrow"},
    ],
)
def test_a_price_that_means_nothing_is_refused(nonsense: dict[str, Any], biller: Biller) -> None:
    with pytest.raises(SandboxError):
        biller.control.set_price(region="us-east-1", compute="VALUE", **nonsense)
