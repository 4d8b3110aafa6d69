"""What a machine costs while it exists, from a dated price list: an estimate, never a bill.

Source: docs/evidence/aws_workspaces.md#list-prices (us-east-1, Windows with its licence, read on the date
below). Other regions differ by some per cent; prices of Linux machines are not verified, so they are not
known here.
"""

from dataclasses import dataclass
from datetime import date

LISTED_ON = date(2026, 6, 27)
LISTED_REGION = "us-east-1"
CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Cost:
    """In cents of CURRENCY."""

    month_cents: int
    """Every month, also while stopped."""
    hour_cents: int | None
    """In addition per hour of use; None if the monthly price covers all use."""
    is_of_region: bool
    """False: the price of another region, as an indication."""


_CENTS: dict[str, tuple[int, int, int]] = {
    "VALUE": (2500, 725, 22),
    "STANDARD": (3500, 975, 30),
    "PERFORMANCE": (5000, 1300, 47),
    "POWER": (7800, 1900, 68),
    "POWERPRO": (14000, 1900, 153),
}
"""Compute type → a month of ALWAYS_ON, the base month of AUTO_STOP, an hour of AUTO_STOP."""


def running_cost(
    *, region: str, compute_type: str | None, running_mode: str | None, operating_system: str | None
) -> Cost | None:
    """None if unknown."""
    cents = _CENTS.get(compute_type or "")
    if cents is None or not (operating_system or "").upper().startswith("WINDOWS"):
        return None
    always_on, base, hour = cents
    is_of_region = region == LISTED_REGION
    match running_mode:
        case "ALWAYS_ON":
            return Cost(always_on, None, is_of_region)
        case "AUTO_STOP":
            return Cost(base, hour, is_of_region)
        case _:
            return None
