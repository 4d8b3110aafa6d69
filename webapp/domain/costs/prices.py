"""List prices, kept with the day from which they hold. What is not listed is unknown, never guessed."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Part(StrEnum):
    """What a price is for."""

    MONTH = "month"
    """A fee for each month in which the machine exists."""
    HOUR = "hour"
    """An hour of running."""
    DISK_MONTH = "disk_month"
    """A month of its disk, by the hour, also while stopped; of snapshots, a month of each GiB."""


@dataclass(frozen=True, slots=True)
class Price:
    region: str
    sku: str
    """What is priced, in the spelling of its provider's `billing`."""
    part: Part
    amount: Decimal
    """In major units of `currency`."""
    currency: str
    valid_from: date
    """UTC; until the next one of the same kind."""


class PriceBook:
    """Prices by region, sku and part, each valid until the next one."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._prices: dict[tuple[str, str, Part], list[Price]] = {}
        for price in sorted(prices, key=lambda price: price.valid_from):
            self._prices.setdefault((price.region, price.sku, price.part), []).append(price)

    def at(self, region: str, sku: str | None, part: Part, day: date) -> Price | None:
        """The price on that day; None if it is not known. `sku` None: nothing says what is priced."""
        if sku is None:
            return None
        known = self._prices.get((region, sku, part), [])
        place = bisect_right(known, day, key=lambda price: price.valid_from)
        return known[place - 1] if place else None
