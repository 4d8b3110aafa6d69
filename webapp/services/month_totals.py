"""A company's month as a whole: billed and estimated, and how each differs from the month before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.domain.costs.changes import Change, changes, is_over, same_day_before
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.money import Money, by_currency
from webapp.domain.costs.spans import day_of, month_of
from webapp.models import CostSum
from webapp.queries import company_costs as queries
from webapp.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class Figures:
    """None: there is no such figure. That is not the same as 0."""

    estimated: Money | None
    billed: Money | None

    @classmethod
    def of(cls, row: CostSum) -> "Figures":
        return cls(
            Money(row.currency, row.estimated_minor) if row.is_estimated else None,
            Money(row.currency, row.billed_minor) if row.is_billed else None,
        )


@dataclass(frozen=True, slots=True)
class MonthTotals:
    month: date
    is_over: bool
    billed: tuple[Change, ...]
    """With the remainders; one for each currency. What is compared is the month before through the same day,
    which is the newest in the bill."""
    billed_through: date | None
    estimated: tuple[Change, ...]
    """Likewise."""
    remainders: list[tuple[str, Money]]
    """By their names: of a `Remainder`, or of a warm pool (`bills.pool_of`)."""
    days: list[tuple[date, Figures]]
    currencies: tuple[str, ...]
    unpriced_desktops: int
    is_known: bool
    """False: neither this month nor the one before has anything."""


Part = Callable[[Figures], Money | None]


def month_totals(context: ServiceContext, month: date, *, company_id: int) -> MonthTotals:
    """With one query."""
    last_month = month_of(month - timedelta(days=1))
    found = queries.list_small(context.session, company_id=company_id, months=(month, last_month))
    rows = [row for _, row in found if row is not None]
    own = [row for row in rows if row.month == month]
    days, before = _days(own), _days([row for row in rows if row.month == last_month])
    is_done = is_over(month, day_of(context.clock.now()))
    return MonthTotals(
        month=month,
        is_over=is_done,
        billed=_changes(days, before, _billed, is_over=is_done),
        billed_through=_newest(days, _billed),
        estimated=_changes(days, before, _estimated, is_over=is_done),
        remainders=[
            (row.key, Money(row.currency, row.billed_minor))
            for row in own
            if row.dimension is Dimension.REMAINDER
        ],
        days=days,
        currencies=tuple(sorted({row.currency for row in own})),
        unpriced_desktops=max((one.unpriced_desktops for one, _ in found if one.month == month), default=0),
        is_known=bool(rows) or any(one.unpriced_desktops for one, _ in found),
    )


def _days(rows: Sequence[CostSum]) -> list[tuple[date, Figures]]:
    return [(date.fromisoformat(row.key), Figures.of(row)) for row in rows if row.dimension is Dimension.DAY]


def _changes(
    days: Sequence[tuple[date, Figures]],
    before: Sequence[tuple[date, Figures]],
    part: Part,
    *,
    is_over: bool,
) -> tuple[Change, ...]:
    newest = _newest(days, part)
    if newest is None:
        return ()
    last = same_day_before(newest, is_over=is_over)
    return changes(_sums(days, part), _sums([one for one in before if one[0] <= last], part))


def _newest(days: Sequence[tuple[date, Figures]], part: Part) -> date | None:
    return max((day for day, figures in days if part(figures) is not None), default=None)


def _sums(days: Sequence[tuple[date, Figures]], part: Part) -> tuple[Money, ...]:
    return by_currency(amount for _, figures in days if (amount := part(figures)) is not None)


def _billed(figures: Figures) -> Money | None:
    return figures.billed


def _estimated(figures: Figures) -> Money | None:
    return figures.estimated
