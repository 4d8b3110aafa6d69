"""Budgets: what counts against a limit, and when people are warned.

Two figures count. *Spent* is the higher of billed and estimated for the days that are over: the two are
never added. *Still to come* is the month's price of every live desktop for the part of the month that is
left; it begins with the current day, of which nothing is spent yet. A fee that the cloud charges for a month
at once is spent from the desktop's second day on, and not to come again.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from webapp.domain.costs.spans import month_length, month_of, next_month

WARN_AT = Fraction(80, 100)
"""Spent so much of the limit, people are warned."""
DAY = timedelta(days=1)


class Subject(StrEnum):
    """Whose desktops count."""

    COMPANY = "company"
    """All of them, and the whole of the bill."""
    JOB = "job"
    COHORT = "cohort"


class Term(StrEnum):
    MONTH = "month"
    WHOLE = "whole"
    """From the first day on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """In minor units of the budget's currency; None: no such limit."""

    month_minor: int | None
    total_minor: int | None


@dataclass(frozen=True, slots=True)
class Spending:
    """What counts, in minor units of the budget's currency."""

    spent_minor: int = 0
    """In the finished days of this month."""
    spent_before_minor: int = 0
    """In all months before."""
    month_prices_minor: int = 0
    """A whole month of every live desktop."""
    charged_fees_minor: int = 0
    """What of these was charged at once and is in the finished days already."""
    unpriced_desktops: int = 0
    """Live ones without a known price: not counted."""
    foreign_desktops: int = 0
    """Live ones with a price in another currency: not counted."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One limit and what counts against it."""

    term: Term
    limit_minor: int
    spent_minor: int
    to_come_minor: int

    @property
    def sum_minor(self) -> int:
        return self.spent_minor + self.to_come_minor

    @property
    def is_used_up(self) -> bool:
        return self.spent_minor >= self.limit_minor

    @property
    def is_worth_a_warning(self) -> bool:
        """Most of it is spent, or will be more than all of it."""
        return self.spent_minor >= self.limit_minor * WARN_AT or self.sum_minor > self.limit_minor


def higher(*, estimated_minor: int, billed_minor: int) -> int:
    """What a month has cost, if nothing else is known: a bill is late, an estimate knows no tax."""
    return max(estimated_minor, billed_minor)


def part_left(day: date) -> Fraction:
    """Of the month, with this day as a whole."""
    return Fraction((next_month(day) - day) // DAY, month_length(day) // DAY)


def has_charged_fees(day: date) -> bool:
    """Is a fee of this month in the finished days? They are charged on the first."""
    return day != month_of(day)


def still_to_come(month_prices_minor: int, day: date) -> int:
    """Rounded once, half to even."""
    return round(month_prices_minor * part_left(day))


def figures_of(limits: Limits, spending: Spending, day: date) -> tuple[Figure, ...]:
    """One for each limit."""
    to_come = still_to_come(spending.month_prices_minor - spending.charged_fees_minor, day)
    found: list[Figure] = []
    if limits.month_minor is not None:
        found.append(Figure(Term.MONTH, limits.month_minor, spending.spent_minor, to_come))
    if limits.total_minor is not None:
        spent = spending.spent_before_minor + spending.spent_minor
        found.append(Figure(Term.WHOLE, limits.total_minor, spent, to_come))
    return tuple(found)


def exceeded_by(limits: Limits, spending: Spending, day: date, *, month_price_minor: int) -> Figure | None:
    """The first limit that one more desktop of this price would pass, with that desktop in it."""
    if month_price_minor <= 0:
        return None
    with_it = replace(spending, month_prices_minor=spending.month_prices_minor + month_price_minor)
    figures = figures_of(limits, with_it, day)
    return next((one for one in figures if one.sum_minor > one.limit_minor), None)


def how_many_fit(
    limits: Limits, spending: Spending, day: date, *, month_price_minor: int, at_most: int
) -> int:
    """So many more desktops of this price pass no limit."""
    counts = range(1, at_most + 1)

    def passes(count: int) -> bool:
        found = exceeded_by(limits, spending, day, month_price_minor=count * month_price_minor)
        return found is not None

    return bisect_left(counts, True, key=passes)


def last_day_of(day: date) -> date:
    """Of its month: on the next one a month's limit starts over."""
    return next_month(month_of(day)) - DAY


def first_passed(
    limits: Limits, spending: Spending, day: date, starts: Iterable[tuple[date, int]]
) -> tuple[date, Figure] | None:
    """The first of these starts (its day, a month's price) that takes costs past a limit, this month or next.

    Of next month nothing is spent yet: it costs what lives now and what starts until then.
    """
    more = next_full = next_part = 0
    for on, price in sorted(starts):
        if month_of(on) == month_of(day):
            more += still_to_come(price, max(on, day))
            next_full += price
        else:
            next_part += still_to_come(price, on)
        next_month_minor = spending.month_prices_minor + next_full + next_part
        for one in figures_of(limits, spending, day):
            with_it = replace(one, to_come_minor=one.to_come_minor + more)
            if month_of(on) != month_of(day):
                if one.term is Term.MONTH:
                    with_it = replace(one, spent_minor=0, to_come_minor=next_month_minor)
                else:
                    with_it = replace(with_it, to_come_minor=with_it.to_come_minor + next_month_minor)
            if with_it.sum_minor > one.limit_minor:
                return on, with_it
    return None
