"""What a machine costs while it exists, from a dated price list: an estimate, never a bill."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Cost:
    """In cents of `currency`."""

    month_cents: int
    """Every month, also while stopped."""
    hour_cents: int | None
    """In addition per hour of use; None if the monthly price covers all use."""
    is_of_region: bool
    """False: the price of another region, as an indication."""
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedMachine:
    """What makes the price, as the cloud spells it; None where it did not say."""

    public_fields: Mapping[str, str]
    """Of the credential: they tell where the machine stands."""
    compute_type: str | None
    running_mode: str | None
    operating_system: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    listed_on: date
    """When the prices were read."""
    cost_of: Callable[[PricedMachine], Cost | None]
    """None if unknown."""
