"""Which running mode would have been cheaper: the real use of a month, charged in both.

Why so: docs/decisions/running_modes.md.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum

from webapp.domain.costs.charges import Charge
from webapp.domain.costs.exact import LONGEST_DIGITS
from webapp.domain.costs.money import Money, in_minor_units
from webapp.domain.costs.prices import Part, PriceBook
from webapp.domain.costs.spans import Power, Span, day_of, month_of, next_month, starts_at

HOUR = timedelta(hours=1)
GAP = timedelta(minutes=1)
"""A longer time without a span, and the month is not known as a whole."""
MOST_HOURS_A_DAY = 25
"""Of a day with a connection: all of it, and the hour after which a desktop stops by itself."""
UPKEEP_HOURS = 1
"""Each month a desktop that stops by itself is started for maintenance."""
TURN, TURN_ENDS = timedelta(hours=6), timedelta(minutes=75)
"""So long before the end of a month modes are switched: a fee that is charged at once is small then, and one
that was paid is used up. A change is given up an hour after it was asked for: none is left for the next."""


class Switching(StrEnum):
    """What a company wants of Berth."""

    OFF = "off"
    ADVISE = "advise"
    """Say what would be saved."""
    SWITCH = "switch"
    """Ask for the change, where it is certain."""


class NotSwitched(StrEnum):
    """Why a desktop is left to a person although another mode would have been cheaper."""

    DAYS_ONLY = "days_only"
    """Of an always-on desktop only the days of use are known, not the hours."""
    CONTRACT_ENDS = "contract_ends"
    """Before the end of next month, whose fee would be charged as a whole."""
    COUNTS_MORE = "counts_more"
    """Budgets would count more for it than now."""


@dataclass(frozen=True, slots=True)
class ModeRules:
    """Of a cloud."""

    by_hour: str
    """The mode in which a desktop stops by itself, and is paid for its hours."""
    always_on: str
    charges: Callable[[Sequence[Span], PriceBook], Iterable[Charge]]


@dataclass(frozen=True, slots=True)
class CheaperMode:
    mode: str
    hours: int
    """Those that the mode by the hour has charged, or would have: at most."""
    saves: Money
    """In that month, by list prices."""


def is_turn(now: datetime) -> bool:
    """Are modes switched now?"""
    return TURN_ENDS <= starts_at(next_month(day_of(now))) - now <= TURN


def last_whole_month(now: datetime) -> date:
    return month_of(month_of(day_of(now)) - timedelta(days=1))


def most_hours(days: int) -> int:
    """In a month with so many days on which somebody was connected."""
    return days * MOST_HOURS_A_DAY + UPKEEP_HOURS


def cheaper_mode(
    spans: Sequence[Span],
    rules: ModeRules,
    book: PriceBook,
    *,
    month: date,
    until: datetime | None = None,
    used_hours: int,
) -> CheaperMode | None:
    """None: the present one, or it is not certain what it was all month, or what it costs.

    `spans`: of one machine, in order. `until`: what of the month is over; None: all. `used_hours`: at most,
    counted only of a desktop that is always on.
    """
    begins_at, ends_at = starts_at(month), until or starts_at(next_month(month))
    mine = _within(spans, begins_at, ends_at)
    kinds = {one.kind for one in mine}
    if len(kinds) != 1 or not _is_whole(mine, begins_at, ends_at):
        return None
    [kind] = kinds
    if kind.running_mode == rules.by_hour:
        other = [replace(one, kind=replace(kind, running_mode=rules.always_on)) for one in mine]
        mode = rules.always_on
    elif kind.running_mode == rules.always_on:
        by_hour = replace(kind, running_mode=rules.by_hour)
        stops_at = min(begins_at + used_hours * HOUR, ends_at)
        other = [Span(by_hour, Power.RUNNING, begins_at, stops_at)]
        other += [Span(by_hour, Power.STOPPED, stops_at, ends_at)] if stops_at < ends_at else []
        mode = rules.by_hour
    else:
        return None
    present, wanted = (_sum(rules.charges(one, book)) for one in (mine, other))
    if present is None or wanted is None or present.currency != wanted.currency:
        return None
    with localcontext(prec=LONGEST_DIGITS):
        minor = in_minor_units(present.amount - wanted.amount, present.currency)
    hours = max(present.hours, wanted.hours)
    return CheaperMode(mode, hours, Money(present.currency, minor)) if minor > 0 else None


@dataclass(frozen=True, slots=True)
class _Sum:
    currency: str
    amount: Decimal
    hours: int


def _sum(charges: Iterable[Charge]) -> _Sum | None:
    """None: something has no known price, or another currency than the rest."""
    currencies, amount, hours = set[str](), Decimal(0), Decimal(0)
    with localcontext(prec=LONGEST_DIGITS):
        for one in charges:
            if one.price is None:
                return None
            currencies.add(one.price.currency)
            amount += one.amount
            hours += one.share if one.part is Part.HOUR else Decimal(0)
    return _Sum(currencies.pop(), amount, int(hours)) if len(currencies) == 1 else None


def _within(spans: Iterable[Span], begins_at: datetime, ends_at: datetime) -> list[Span]:
    return list(_cut(spans, begins_at, ends_at))


def _cut(spans: Iterable[Span], begins_at: datetime, ends_at: datetime) -> Iterator[Span]:
    for one in spans:
        first, last = max(one.began_at, begins_at), min(one.ended_at, ends_at)
        if first < last:
            yield replace(one, began_at=first, ended_at=last)


def _is_whole(spans: Sequence[Span], begins_at: datetime, ends_at: datetime) -> bool:
    """Is it known what the machine was, all the time?"""
    known_until = begins_at
    for one in spans:
        if one.began_at - known_until > GAP:
            return False
        known_until = max(known_until, one.ended_at)
    return ends_at - known_until <= GAP
