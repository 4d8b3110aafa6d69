"""What a machine costs by list prices: each month, and for each hour of use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Any

from webapp.domain.costs.exact import LONGEST_DIGITS
from webapp.domain.costs.money import Money, in_minor_units
from webapp.domain.costs.prices import Part, Price

HOURS_OF_USE = 160
"""A month of full-time work: four weeks of 40 hours."""
SECOND, MONTH = timedelta(seconds=1), timedelta(days=365) / 12


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a cloud charges a kind of machine for."""

    parts: tuple[tuple[Part, str], ...]
    """Each part with what is priced. All of them are charged, so without one the price is not known."""
    is_exact: bool = True
    """False: the cloud has not said its disks; those are priced that it usually has."""


@dataclass(frozen=True, slots=True)
class KnownPrice:
    price: Price
    read_at: datetime | None
    """None: it ships with Berth."""
    is_of_region: bool = True
    """False: it is another region's, as an indication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    currency: str
    month: Decimal
    """Each month, also while stopped; in major units, as `hour`."""
    is_disk_only: bool
    """The month is the disk's: the machine itself costs nothing while it is stopped."""
    hour: Decimal | None
    """In addition for each hour of use; None: the month covers all use."""
    valid_from: date
    read_at: datetime | None
    """None: these prices ship with Berth, and none have been read."""
    is_of_region: bool
    is_exact: bool
    """False: an indication, by another region's prices or by the size's usual disks."""
    always_on_above_hours: int | None = None
    """Above so many hours of use a month the always-on mode is cheaper; None: there is none, or its price is
    not known."""
    always_on_month: Decimal | None = None
    """What a month costs in that mode, with all use; None likewise."""

    @property
    def month_fee(self) -> Money:
        return self._money(self.month)

    @property
    def hour_fee(self) -> Money | None:
        return None if self.hour is None else self._money(self.hour)

    def month_at(self, hours: int) -> Money:
        """A month in which it runs so long."""
        with localcontext(prec=LONGEST_DIGITS):
            return self._money(self.month + (self.hour or Decimal(0)) * hours)

    @property
    def usual_month(self) -> Money:
        return self.month_at(HOURS_OF_USE)

    def over(self, time: timedelta) -> Money:
        """So long at the usual use; months are of equal length."""
        with localcontext(prec=LONGEST_DIGITS):
            month = self.month + (self.hour or Decimal(0)) * HOURS_OF_USE
            return self._money(month * (time // SECOND) / (MONTH // SECOND))

    @property
    def charged_at_once(self) -> Money:
        """What of a month is charged when it begins; a disk is charged by the hour."""
        return Money(self.currency, 0) if self.is_disk_only else self.month_fee

    @property
    def columns(self) -> dict[str, Any]:
        """What a workspace's row keeps of them, for budgets."""
        return {
            "month_price_minor": self.usual_month.amount_minor,
            "month_fee_minor": self.charged_at_once.amount_minor,
            "price_currency": self.currency,
        }

    def against(self, always_on: "Rates | None") -> "Rates":
        """The same, with the hours above which `always_on` is cheaper."""
        above = break_even(self, always_on)
        month = None if above is None or always_on is None else always_on.month
        return replace(self, always_on_above_hours=above, always_on_month=month)

    def saved_by_always_on(self, hours: int) -> Money | None:
        """In a month with so many hours of use; negative if it would cost more, None if that is not known."""
        if self.always_on_month is None:
            return None
        with localcontext(prec=LONGEST_DIGITS):
            return self._money(self.month + (self.hour or Decimal(0)) * hours - self.always_on_month)

    def _money(self, amount: Decimal) -> Money:
        return Money(self.currency, in_minor_units(amount, self.currency))


def rates(tariff: Tariff, known: Callable[[Part, str], KnownPrice | None]) -> Rates | None:
    """None if a part has no known price, or if the parts are not in one currency."""
    found = [known(part, sku) for part, sku in tariff.parts]
    prices = [one for one in found if one is not None]
    if not prices or len(prices) < len(found) or len({one.price.currency for one in prices}) > 1:
        return None
    by_part = {one.price.part: one.price.amount for one in prices}
    is_of_region = all(one.is_of_region for one in prices)
    return Rates(
        currency=prices[0].price.currency,
        month=by_part.get(Part.MONTH, Decimal(0)) + by_part.get(Part.DISK_MONTH, Decimal(0)),
        is_disk_only=Part.MONTH not in by_part,
        hour=by_part.get(Part.HOUR),
        valid_from=max(one.price.valid_from for one in prices),
        read_at=min((one.read_at for one in prices if one.read_at), default=None),
        is_of_region=is_of_region,
        is_exact=tariff.is_exact and is_of_region,
    )


def break_even(by_hour: Rates, always_on: Rates | None) -> int | None:
    """The most hours a month for which paying by the hour is not dearer; None if that cannot be said."""
    if always_on is None or not by_hour.hour or by_hour.currency != always_on.currency:
        return None
    hours = (always_on.month - by_hour.month) / by_hour.hour
    return max(int(hours.to_integral_value(rounding=ROUND_FLOOR)), 0)


@dataclass(frozen=True, slots=True)
class GroupEstimate:
    """What desktops of one size cost together, each at `HOURS_OF_USE` a month."""

    month: Money
    until_ends: Money | None
    """Of those whose contract has an end, until then; None: none has one."""
    without_end: int
    """How many have none."""


def estimate_group(rates: Rates, times: Sequence[timedelta | None]) -> GroupEstimate:
    """For so long each has a contract; None: without an end."""
    ends = [rates.over(one).amount_minor for one in times if one is not None]
    return GroupEstimate(
        Money(rates.currency, rates.usual_month.amount_minor * len(times)),
        Money(rates.currency, sum(ends)) if ends else None,
        len(times) - len(ends),
    )
