"""Amazon's list prices.

Source: docs/evidence/aws_workspaces.md#list-prices (us-east-1, Windows with its licence, read on the date
below). Other regions differ by some per cent; prices of Linux machines are not verified, so they are not
known here.
"""

from datetime import date

from webapp.providers.parts.prices import Cost, PricedMachine, PriceList

LISTED_REGION = "us-east-1"
CURRENCY = "USD"

_CENTS: dict[str, tuple[int, int, int]] = {
    "VALUE": (2500, 725, 22),
    "STANDARD": (3500, 975, 30),
    "PERFORMANCE": (5000, 1300, 47),
    "POWER": (7800, 1900, 68),
    "POWERPRO": (14000, 1900, 153),
}
"""Compute type → a month of ALWAYS_ON, the base month of AUTO_STOP, an hour of AUTO_STOP."""


def _cost_of(machine: PricedMachine) -> Cost | None:
    cents = _CENTS.get(machine.compute_type or "")
    if cents is None or not (machine.operating_system or "").upper().startswith("WINDOWS"):
        return None
    always_on, base, hour = cents
    is_of_region = machine.public_fields.get("region") == LISTED_REGION
    match machine.running_mode:
        case "ALWAYS_ON":
            return Cost(always_on, None, is_of_region, CURRENCY)
        case "AUTO_STOP":
            return Cost(base, hour, is_of_region, CURRENCY)
        case _:
            return None


PRICES = PriceList(listed_on=date(2026, 6, 27), cost_of=_cost_of)
