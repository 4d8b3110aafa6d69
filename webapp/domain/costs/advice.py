"""What would make one desktop cheaper, where its log and its list prices say so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.costs.money import Money
from webapp.domain.costs.rates import Rates

HOUR = timedelta(hours=1)
UNUSED_FOR = timedelta(days=14)
LONG_STOPPED = timedelta(days=7)
"""A shorter stop is a weekend."""


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


Advice = AlwaysOnIsCheaper | StoppedButPaid | UnusedButPaid


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


def whole_hours(time: timedelta) -> int:
    return time // HOUR
