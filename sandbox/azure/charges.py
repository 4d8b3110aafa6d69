"""What machines and disks cost: from their spans and the list prices, exactly.

A machine costs its hour's price by the time, while it is not deallocated: also while it starts, and when it
was shut down from inside. With a licence of its own (`licenseType`) it costs the base meter, else that of
Windows. A disk costs the price of its tier for a month, spread over the time of that month, for as long as it
exists; a snapshot the same for each GiB that it takes. A network card is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sandbox.azure.meter import Span
from sandbox.azure.prices import PriceKey, Prices, disk_key, in_currency, machine_key, snapshot_key
from sandbox.calendar_days import DAY_MS, HOUR_MS, month_of, show_day

SHOWN_DIGITS = Decimal("1E-8")
"""Each amount has at most so many digits: the bill's numbers are read as binary ones, which keep 15 digits,
and sums of them must stay exact."""
OWN_LICENSES = ("windows_client", "windows_server")


class Subject(NamedTuple):
    """What is charged on one line a day."""

    key: str
    arm_id: str
    kind: str
    resource_group: str
    price: PriceKey
    tags: str
    units: int = 1
    """GiB of a snapshot."""


@dataclass(frozen=True, slots=True)
class Charge:
    subject: Subject
    day: int
    amount: Decimal
    quantity: Decimal
    """Hours of a machine, months of a disk, months of GiB of a snapshot."""


def charges_of(
    spans: list[Span], prices: Prices, *, rate: Decimal, first_day: int, last_day: int, until_ms: int
) -> Iterator[Charge]:
    """The charges of these days (both included), until a moment, in the currency of this rate."""
    used: dict[Subject, dict[int, int]] = {}
    for span in spans:
        by_day = used.setdefault(_subject_of(span), {})
        begin = max(span.began_at, first_day * DAY_MS)
        end = min(until_ms if span.ended_at is None else span.ended_at, until_ms, (last_day + 1) * DAY_MS)
        while begin < end:
            day = begin // DAY_MS
            stop = min(end, (day + 1) * DAY_MS)
            by_day[day] = by_day.get(day, 0) + stop - begin
            begin = stop
    for subject, by_day in used.items():
        for day, used_ms in by_day.items():
            price = prices.find(subject.price, day=show_day(day))
            if price is not None:
                unit_ms = HOUR_MS if subject.kind == "vm" else _month_ms(day)
                amount = in_currency(price[1], rate) * used_ms * subject.units / unit_ms
                quantity = Decimal(used_ms) * subject.units / unit_ms
                yield Charge(subject, day, amount.quantize(SHOWN_DIGITS), quantity.quantize(SHOWN_DIGITS))


def _month_ms(day: int) -> int:
    """How long the month of a day is."""
    first, following = month_of(day)
    return (following - first) * DAY_MS


def _subject_of(span: Span) -> Subject:
    units = span.gib if span.kind == "snapshot" else 1
    if span.kind == "snapshot":
        price = snapshot_key(span.location)
    elif span.kind == "disk":
        price = disk_key(span.location, span.sku, span.gib)
    else:
        has_own = span.license.lower() in OWN_LICENSES
        price = machine_key(span.location, span.sku, has_own_license=has_own, system=span.system)
    return Subject(span.key, span.arm_id, span.kind, span.resource_group, price, span.tags, units)
