"""List prices in US dollars: a table with dates, and the changes that a test adds.

Those of eastus are as published in 2026; the other regions are in proportion. The licence of Windows costs
the same everywhere.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sandbox.azure.catalogue import SIZES, find_size
from sandbox.store import Store

FIRST_DAY = "2020-01-01"
"""The listed prices are valid from this day."""
BASE, WINDOWS, DISK, SNAPSHOT = "linux", "windows", "disk", "snapshot"
"""The meters: a machine without and with the licence of Windows, a disk, a GiB of snapshots."""
SNAPSHOTS = "Snapshots LRS"
SNAPSHOT_MONTH = Decimal("0.05")
CURRENCY_DIGITS = Decimal("1E-6")
RATES = {
    one: Decimal(rate)
    for one, rate in {
        "USD": "1",
        "EUR": "0.92",
        "GBP": "0.79",
        "CHF": "0.88",
        "SEK": "10.4",
        "JPY": "150",
        "INR": "83.5",
    }.items()
}
"""Units of a currency for a US dollar: a fixed factor, "for reference"."""
REGIONS = {
    "eastus": (Decimal(1), "US East"),
    "westeurope": (Decimal("1.2"), "EU West"),
    "northeurope": (Decimal("1.115"), "EU North"),
    "germanywestcentral": (Decimal("1.198"), "DE West Central"),
    "uksouth": (Decimal("1.156"), "UK South"),
    "switzerlandnorth": (Decimal("1.354"), "CH North"),
}
"""How much dearer it is, and the name in the price list."""
_HOURS: dict[str, tuple[str, str]] = {
    "Standard_B2ms": ("0.0832", "0.0912"),
    "Standard_D2s_v5": ("0.096", "0.188"),
    "Standard_D4s_v5": ("0.192", "0.376"),
    "Standard_D8s_v5": ("0.384", "0.752"),
    "Standard_D16s_v5": ("0.768", "1.504"),
    "Standard_D32s_v5": ("1.536", "3.008"),
    "Standard_D2ads_v5": ("0.103", "0.195"),
    "Standard_D4ads_v5": ("0.206", "0.39"),
    "Standard_D8ads_v5": ("0.412", "0.78"),
    "Standard_E4s_v5": ("0.252", "0.436"),
    "Standard_F2": ("0.099", "0.192"),
    "Standard_NV6ads_A10_v5": ("0.454", "0.73"),
}
"""An hour of each size: without and with the licence of Windows."""
_TIERS = {4: 1, 8: 2, 16: 3, 32: 4, 64: 6, 128: 10, 256: 15, 512: 20, 1024: 30, 2048: 40, 4096: 50}
"""GiB at most → number of the tier."""
_LETTERS = {"Premium": "P", "StandardSSD": "E", "Standard": "S"}
_MONTHS = {
    "P": ("0.60", "1.20", "2.40", "5.28", "10.21", "19.71", "38.02", "73.22", "135.17", "259.05", "495.57"),
    "E": ("0.30", "0.60", "1.20", "2.40", "4.80", "9.60", "19.20", "38.40", "76.80", "153.60", "307.20"),
    "S": ("1.536", "3.008", "5.888", "11.328", "21.76", "40.96", "77.824", "143.36"),
}
"""A month of each tier; S begins with S4."""
ZONES_FACTOR = Decimal("1.5")


@dataclass(frozen=True, slots=True, order=True)
class PriceKey:
    region: str
    sku: str
    """Standard_D4s_v5, or P10 LRS."""
    meter: str
    """An hour of a machine (BASE, WINDOWS), a month of a disk (DISK), of a GiB of snapshots (SNAPSHOT)."""


def region_of(location: str) -> str:
    return location.lower().replace(" ", "")


def machine_key(location: str, size: str, *, has_own_license: bool, system: str) -> PriceKey:
    found = find_size(size)
    meter = BASE if has_own_license or system != "windows" else WINDOWS
    return PriceKey(region_of(location), found.name if found else size, meter)


def disk_key(location: str, storage_type: str, gib: int) -> PriceKey:
    """The smallest tier that is large enough."""
    kind, _, redundancy = storage_type.partition("_")
    letter, sizes = _LETTERS.get(kind, kind), list(_TIERS)
    least = 32 if letter == "S" else 0
    place = min(bisect_left(sizes, max(gib, least)), len(sizes) - 1)
    return PriceKey(region_of(location), f"{letter}{_TIERS[sizes[place]]} {redundancy}", DISK)


def snapshot_key(location: str) -> PriceKey:
    return PriceKey(region_of(location), SNAPSHOTS, SNAPSHOT)


def in_currency(amount: Decimal, rate: Decimal) -> Decimal:
    return amount if rate == 1 else (amount * rate).quantize(CURRENCY_DIGITS)


def _list_prices() -> Iterator[tuple[PriceKey, Decimal]]:
    for region, (factor, _) in REGIONS.items():
        for size in SIZES.values():
            base, windows = (Decimal(one) for one in _HOURS[size.name])
            local = (base * factor).quantize(Decimal("1E-4"))
            yield PriceKey(region, size.name, BASE), local
            yield PriceKey(region, size.name, WINDOWS), local + windows - base
        yield PriceKey(region, SNAPSHOTS, SNAPSHOT), (SNAPSHOT_MONTH * factor).quantize(Decimal("1E-4"))
        for letter, months in _MONTHS.items():
            for number, month in zip(list(_TIERS.values())[-len(months) :], months, strict=True):
                local = (Decimal(month) * factor).quantize(Decimal("1E-4"))
                yield PriceKey(region, f"{letter}{number} LRS", DISK), local
                if letter != "S":
                    yield PriceKey(region, f"{letter}{number} ZRS", DISK), local * ZONES_FACTOR


class Prices:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._table: dict[PriceKey, tuple[list[str], list[Decimal]]] | None = None

    def forget(self) -> None:
        """The store was changed behind it."""
        self._table = None

    def set(self, key: PriceKey, amount: Decimal, *, valid_from: str) -> None:
        """A price from a day on (UTC, YYYY-MM-DD); also in the past."""
        self._store.run(
            "INSERT OR REPLACE INTO price VALUES (?, ?, ?, ?, ?)",
            key.region,
            key.sku,
            key.meter,
            valid_from,
            str(amount),
        )
        self.forget()

    def find(self, key: PriceKey, *, day: str) -> tuple[str, Decimal] | None:
        """The price on a day, and since which day. None: there is none."""
        days, amounts = self._load().get(key, ([], []))
        place = bisect_right(days, day) - 1
        return (days[place], amounts[place]) if place >= 0 else None

    def keys(self) -> list[PriceKey]:
        return sorted(self._load())

    def _load(self) -> dict[PriceKey, tuple[list[str], list[Decimal]]]:
        if self._table is None:
            dated = {key: {FIRST_DAY: amount} for key, amount in _list_prices()}
            for region, sku, meter, valid_from, amount in self._store.rows("SELECT * FROM price"):
                dated.setdefault(PriceKey(region, sku, meter), {})[valid_from] = Decimal(amount)
            self._table = {
                key: (days := sorted(one), [one[day] for day in days]) for key, one in dated.items()
            }
        return self._table
