"""What one workspace costs in a month: estimated until now and until its end, and billed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext

from webapp.domain.costs.charges import Charge
from webapp.domain.costs.estimates import by_day
from webapp.domain.costs.exact import LONGEST_DIGITS, ratio
from webapp.domain.costs.money import Money, by_currency, in_minor_units
from webapp.domain.costs.prices import Part
from webapp.domain.costs.spans import day_of, month_of, next_month, starts_at

WINDOW = timedelta(days=7)
"""The use of the newest days is taken for that of the days to come."""
SHORTEST = timedelta(hours=12)
"""After less use than this nothing is said of the days to come: half an hour would be taken for a month."""


@dataclass(frozen=True, slots=True)
class Estimate:
    so_far: tuple[Money, ...]
    """By list prices, from the first of the month until now; one amount for each currency."""
    until_end: tuple[Money, ...]
    """The same until the end of the month, if it is used as it was in the newest days. Empty: too early."""
    is_complete: bool
    """False: for a part of it no price is known."""


def estimate_month(charges: Iterable[Charge], *, now: datetime, first_seen_at: datetime | None) -> Estimate:
    """`charges`: of all its machines; `first_seen_at`: since when its use is known."""
    month = month_of(day_of(now))
    of_month = [charge for charge in charges if month_of(charge.day) == month]
    days = list(by_day(of_month))
    so_far = by_currency(amount for day in days for amount in day.amounts)
    until_end: tuple[Money, ...] = ()
    if first_seen_at is not None and now - first_seen_at >= SHORTEST:
        more = _still_to_come(of_month, now=now, first_seen_at=first_seen_at)
        until_end = by_currency([*so_far, *more])
    return Estimate(so_far, until_end, all(day.is_complete for day in days))


def _still_to_come(charges: Sequence[Charge], *, now: datetime, first_seen_at: datetime) -> list[Money]:
    """Fees of the month are charged by now; what is charged by time goes on as in the newest days."""
    month_began_at = starts_at(month_of(day_of(now)))
    since = max(now - WINDOW, first_seen_at, month_began_at)
    if now <= since:
        return []
    exact: dict[str, Decimal] = {}
    with localcontext(prec=LONGEST_DIGITS):
        for charge in charges:
            if charge.part is not Part.MONTH and charge.price and charge.day >= day_of(since):
                currency = charge.price.currency
                exact[currency] = exact.get(currency, Decimal(0)) + charge.amount
        # The charges are those of whole days.
        measured = now - max(starts_at(day_of(since)), first_seen_at)
        share = ratio(starts_at(next_month(day_of(now))) - now, measured)
        return [
            Money(currency, in_minor_units(amount * share, currency)) for currency, amount in exact.items()
        ]


@dataclass(frozen=True, slots=True)
class BilledMonth:
    amounts: tuple[Money, ...]
    through: date | None
    """The newest day in the account's bill; None if nothing of the month is in it."""
    is_provisional: bool
