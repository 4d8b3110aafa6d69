"""Estimates: the charges of a machine by day, in minor units."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from webapp.domain.costs.charges import Charge
from webapp.domain.costs.exact import LONGEST_DIGITS
from webapp.domain.costs.money import Money, rounded_by_sum
from webapp.domain.costs.spans import month_of


@dataclass(frozen=True, slots=True)
class EstimatedDay:
    day: date
    amounts: tuple[Money, ...]
    """One for each currency; empty if nothing is charged on the day, or nothing has a known price."""
    is_complete: bool
    """False: something is charged whose price is not known."""


def by_day(charges: Iterable[Charge]) -> Iterator[EstimatedDay]:
    """The days of one machine, in order. Each month is rounded as a whole, so that days add up to it."""
    exact: dict[date, dict[str, Decimal]] = {}
    incomplete: set[date] = set()
    for charge in charges:
        amounts = exact.setdefault(charge.day, {})
        if charge.price is None:
            incomplete.add(charge.day)
        else:
            currency = charge.price.currency
            with localcontext(prec=LONGEST_DIGITS):
                amounts[currency] = amounts.get(currency, Decimal(0)) + charge.amount
    rounded = _rounded(exact)
    for day in sorted(exact):
        amounts = tuple(Money(currency, rounded[day, currency]) for currency in sorted(exact[day]))
        yield EstimatedDay(day, amounts, day not in incomplete)


def _rounded(exact: Mapping[date, Mapping[str, Decimal]]) -> dict[tuple[date, str], int]:
    months: dict[tuple[date, str], list[date]] = {}
    for day in sorted(exact):
        for currency in exact[day]:
            months.setdefault((month_of(day), currency), []).append(day)
    rounded: dict[tuple[date, str], int] = {}
    for (_, currency), days in months.items():
        amounts = rounded_by_sum([exact[day][currency] for day in days], currency)
        rounded |= {(day, currency): amount for day, amount in zip(days, amounts, strict=True)}
    return rounded
