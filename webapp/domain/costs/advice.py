"""What would make one desktop cheaper, where its log and its list prices say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from webapp.domain.costs.money import Money
from webapp.domain.costs.rates import Rates
from webapp.domain.costs.sizes import MachineSize
from webapp.domain.loads import Load

HOUR = timedelta(hours=1)
UNUSED_FOR = timedelta(days=14)
LONG_STOPPED = timedelta(days=7)
"""A shorter stop is a weekend."""
LEAST_DAYS = 10
"""Measured and used: two working weeks."""
MOST_BUSY_PERCENT = 70.0
"""A smaller size is advised that has stayed below it in its busiest hour."""


@dataclass(frozen=True, slots=True)
class AlwaysOnIsCheaper:
    """It ran longer this month than paying by the hour is worth."""

    hours: int
    """Run this month; whole ones."""
    above_hours: int
    saves: Money
    """In a month with so many hours, and more with each further one."""


@dataclass(frozen=True, slots=True)
class StoppedButPaid:
    since: datetime
    month_fee: Money
    """What an end would save each month."""


@dataclass(frozen=True, slots=True)
class UnusedButPaid:
    since: datetime
    is_never: bool
    """Nobody has ever been connected."""
    month_fee: Money
    """What an end would save each month, at least."""


@dataclass(frozen=True, slots=True)
class TooBig:
    """A smaller size would have had room for its busiest hours."""

    smaller: MachineSize
    cpu_percent: int
    """Of its own size in the busiest hour, rounded up; as `memory_percent`."""
    memory_percent: int
    measured_days: int
    """Of the days of `SPAN` until `measured_until`."""
    measured_until: datetime
    saves: Money
    """Each month with `HOURS_OF_USE`, by list prices."""
    is_exact: bool


Advice = AlwaysOnIsCheaper | StoppedButPaid | UnusedButPaid | TooBig


def advise(
    rates: Rates | None,
    *,
    ran: timedelta,
    stopped_since: datetime | None,
    now: datetime,
    unused_since: datetime | None = None,
    is_never_used: bool = False,
) -> tuple[Advice, ...]:
    """`ran`: this month; `stopped_since`: None if it runs, or nothing is known.

    `unused_since`: nobody has been connected since; None if somebody is, or nothing is known.
    """
    if rates is None:
        return ()
    found: list[Advice] = []
    hours, above = whole_hours(ran), rates.always_on_above_hours
    saves = rates.saved_by_always_on(hours)
    if above is not None and saves is not None and hours > above:
        found.append(AlwaysOnIsCheaper(hours, above, saves))
    if stopped_since is not None and now - stopped_since >= LONG_STOPPED and rates.month_fee.amount_minor:
        found.append(StoppedButPaid(stopped_since, rates.month_fee))
    elif unused_since is not None and now - unused_since >= UNUSED_FOR and rates.month_fee.amount_minor:
        found.append(UnusedButPaid(unused_since, is_never_used, rates.month_fee))
    return tuple(found)


def find_too_big(
    load: Load | None,
    size: MachineSize | None,
    rates: Rates | None,
    smaller: Sequence[tuple[MachineSize, Rates]],
    *,
    measured_until: datetime,
    used_days: int,
) -> TooBig | None:
    """`smaller`: sizes with known prices, the next one first; `used_days`: with somebody connected, of the
    days that the load is of. None where any of it is unknown."""
    if load is None or size is None or rates is None or not smaller:
        return None
    next_size, next_rates = smaller[0]
    is_known_enough = min(load.days, used_days) >= LEAST_DAYS and rates.currency == next_rates.currency
    if not is_known_enough or not next_size.stays_below(MOST_BUSY_PERCENT, load, on=size):
        return None
    minor = rates.usual_month.amount_minor - next_rates.usual_month.amount_minor
    if minor <= 0:
        return None
    return TooBig(
        next_size,
        ceil(load.cpu_percent),
        ceil(load.memory_percent),
        load.days,
        measured_until,
        Money(rates.currency, minor),
        is_exact=rates.is_exact and next_rates.is_exact,
    )


def whole_hours(time: timedelta) -> int:
    return time // HOUR
