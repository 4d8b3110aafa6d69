"""How a sum differs from that of the same days of the month before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from webapp.domain.costs.money import Money
from webapp.domain.costs.spans import month_of, next_month


@dataclass(frozen=True, slots=True)
class Change:
    """A sum of one currency, and the one before it."""

    amount: Money
    before: Money | None
    """None: there was none."""

    @property
    def percent(self) -> int | None:
        """By how much it grew; None if there is nothing to compare with."""
        if self.before is None or self.before.amount_minor <= 0:
            return None
        part = Decimal(self.amount.amount_minor - self.before.amount_minor) / self.before.amount_minor
        return int((part * 100).to_integral_value(rounding=ROUND_HALF_EVEN))


def changes(amounts: Iterable[Money], before: Iterable[Money]) -> tuple[Change, ...]:
    """Of each currency that has a sum now."""
    known = {one.currency: one for one in before}
    return tuple(Change(one, known.get(one.currency)) for one in amounts)


def same_day_before(newest: date, *, is_over: bool) -> date:
    """Through which day of the month before to compare; `newest`: the last day that has a sum.

    A month that is over is compared with all of the one before.
    """
    last = month_of(newest) - timedelta(days=1)
    return last if is_over else min(month_of(last) + timedelta(days=newest.day - 1), last)


def is_over(month: date, today: date) -> bool:
    return next_month(month) <= today
