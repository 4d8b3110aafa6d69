"""Amazon's list prices that ship, for the time before a worker has read any.

Source: docs/evidence/aws_workspaces.md#list-prices (us-east-1, Windows with its licence, read on the date
below). Other regions differ by some per cent; prices of Linux machines are not verified, so they are not
known here.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from webapp.domain.costs.prices import Part, Price
from webapp.providers.aws_workspaces.billing import ALWAYS_ON, AUTO_STOP, USUAL_VOLUMES, sku

LISTED_ON = date(2026, 6, 27)
REGION, SYSTEM, CURRENCY = "us-east-1", "windows", "USD"

_LISTED: dict[str, tuple[str, str, str]] = {
    "VALUE": ("25", "7.25", "0.22"),
    "STANDARD": ("35", "9.75", "0.30"),
    "PERFORMANCE": ("50", "13", "0.47"),
    "POWER": ("78", "19", "0.68"),
    "POWERPRO": ("140", "19", "1.53"),
}
"""Compute type → a month of ALWAYS_ON, the base month of AUTO_STOP, an hour of AUTO_STOP."""


def _prices() -> Iterator[Price]:
    for compute, (always_on, base, hour) in _LISTED.items():
        for mode, part, amount in (
            (ALWAYS_ON, Part.MONTH, always_on),
            (AUTO_STOP, Part.MONTH, base),
            (AUTO_STOP, Part.HOUR, hour),
        ):
            name = sku(compute, USUAL_VOLUMES[compute], SYSTEM, mode)
            yield Price(REGION, name, part, Decimal(amount), CURRENCY, LISTED_ON)


PRICES = tuple(_prices())
