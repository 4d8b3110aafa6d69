"""List prices of desktops in US dollars: a table with dates, and the changes that a test adds.

Windows in us-east-1 and STANDARD in eu-west-1 are as published in 2026; the rest is made up in proportion
(other regions a little dearer, Linux a little cheaper).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from sandbox.store import Store

MODES = ("ALWAYS_ON", "AUTO_STOP")
PARTS = ("month", "hour")
SYSTEMS = ("windows", "linux")
FIRST_DAY = "2020-01-01"
"""The listed prices are valid from this day."""
LINUX_REBATE = {"ALWAYS_ON": {"month": "4"}, "AUTO_STOP": {"month": "1", "hour": "0.02"}}

_LISTED: dict[str, dict[str, tuple[str, str, str]]] = {
    "us-east-1": {
        "VALUE": ("25", "7.25", "0.22"),
        "STANDARD": ("35", "9.75", "0.30"),
        "PERFORMANCE": ("50", "13", "0.47"),
        "POWER": ("78", "19", "0.68"),
        "POWERPRO": ("140", "19", "1.53"),
        "GRAPHICSPRO": ("999", "66", "11.62"),
    },
    "eu-west-1": {
        "VALUE": ("27", "8", "0.24"),
        "STANDARD": ("37", "11", "0.32"),
        "PERFORMANCE": ("53", "14", "0.50"),
        "POWER": ("83", "21", "0.73"),
        "POWERPRO": ("148", "21", "1.63"),
        "GRAPHICSPRO": ("1050", "70", "12.30"),
    },
    "eu-central-1": {
        "VALUE": ("28", "8.25", "0.25"),
        "STANDARD": ("38", "11.25", "0.33"),
        "PERFORMANCE": ("55", "14.50", "0.52"),
        "POWER": ("86", "21.50", "0.75"),
        "POWERPRO": ("153", "21.50", "1.68"),
        "GRAPHICSPRO": ("1090", "72", "12.80"),
    },
}
"""By region and compute type: ALWAYS_ON a month, AUTO_STOP a month, AUTO_STOP an hour."""


@dataclass(frozen=True, slots=True, order=True)
class PriceKey:
    region: str
    compute: str
    system: str
    mode: str
    part: str


PREFIXES = {"us-east-1": "", "eu-west-1": "EU-", "eu-central-1": "EUC1-"}
_NUMBERS = {"VALUE": 1, "STANDARD": 2, "PERFORMANCE": 3, "POWER": 8, "POWERPRO": 9, "GRAPHICSPRO": 12}
_ENDINGS = {("AUTO_STOP", "month"): "-AutoStop-User", ("AUTO_STOP", "hour"): "-AutoStop-Usage"}


@cache
def usage_type(key: PriceKey) -> str:
    """As in bill and price list: EU-AW-HW-2-AutoStop-User. Linux, POWERPRO and graphics are made up."""
    size = _NUMBERS.get(key.compute, key.compute)
    mark = "AW-HW" if key.system == "windows" else "AW-HWL"
    prefix = PREFIXES.get(key.region, f"{key.region.upper()}-")
    return f"{prefix}{mark}-{size}{_ENDINGS.get((key.mode, key.part), '')}"


def system_of(os_name: str) -> str:
    return "windows" if os_name.startswith("WINDOWS") else "linux"


def _list_prices() -> Iterator[tuple[PriceKey, Decimal]]:
    for region, sizes in _LISTED.items():
        for compute, (always, base, hour) in sizes.items():
            listed = (
                ("ALWAYS_ON", "month", always),
                ("AUTO_STOP", "month", base),
                ("AUTO_STOP", "hour", hour),
            )
            for mode, part, amount in listed:
                windows, rebate = Decimal(amount), Decimal(LINUX_REBATE[mode][part])
                yield PriceKey(region, compute, "windows", mode, part), windows
                yield PriceKey(region, compute, "linux", mode, part), windows - rebate


class Prices:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes = 0
        self._table: dict[PriceKey, tuple[list[str], list[Decimal]]] | None = None

    @property
    def version(self) -> tuple[int, int]:
        """What was computed from the prices is valid for one version."""
        return (self._changes, self._store.rollbacks)

    def forget(self) -> None:
        """The store was changed behind it."""
        self._changes += 1
        self._table = None

    def set(self, key: PriceKey, amount: Decimal, *, valid_from: str) -> None:
        """A price from a day on (UTC, YYYY-MM-DD); also in the past."""
        self._store.run(
            "INSERT OR REPLACE INTO price VALUES (?, ?, ?, ?, ?, ?, ?)",
            key.region,
            key.compute,
            key.system,
            key.mode,
            key.part,
            valid_from,
            str(amount),
        )
        self.forget()

    def find(self, key: PriceKey, *, day: str) -> Decimal | None:
        """The price on a day. None: there is none."""
        found = self.find_dated(key, day=day)
        return found and found[1]

    def find_dated(self, key: PriceKey, *, day: str) -> tuple[str, Decimal] | None:
        """The price on a day, and since which day."""
        days, amounts = self._load().get(key, ([], []))
        place = bisect_right(days, day) - 1
        return (days[place], amounts[place]) if place >= 0 else None

    def list_keys(self) -> list[PriceKey]:
        return sorted(self._load())

    def _load(self) -> dict[PriceKey, tuple[list[str], list[Decimal]]]:
        if self._table is None:
            dated = {key: {FIRST_DAY: amount} for key, amount in _list_prices()}
            for region, compute, system, mode, part, valid_from, amount in self._store.rows(
                "SELECT * FROM price"
            ):
                key = PriceKey(region, compute, system, mode, part)
                dated.setdefault(key, {})[valid_from] = Decimal(amount)
            self._table = {
                key: (days := sorted(one), [one[day] for day in days]) for key, one in dated.items()
            }
        return self._table
