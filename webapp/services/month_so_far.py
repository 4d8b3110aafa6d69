"""What a company should know of this month's costs at a glance, and what of them is wasted."""

from dataclasses import dataclass

from webapp.domain.costs.bills import Remainder
from webapp.domain.costs.money import Money, by_currency
from webapp.domain.costs.spans import day_of, month_of
from webapp.queries import waste
from webapp.queries.connections import ConnectedFilter
from webapp.queries.table_costs import CostFilter
from webapp.queries.waste import Wasted
from webapp.services.context import ServiceContext
from webapp.services.month_totals import MonthTotals, month_totals

UNKNOWN_MACHINES = (Remainder.UNMARKED, Remainder.OTHER_MACHINES)


@dataclass(frozen=True, slots=True)
class Waste:
    """Desktops that are paid and of no use."""

    kind: CostFilter | ConnectedFilter
    desktops: int
    amounts: tuple[Money, ...]
    """Of this month; one for each currency."""
    unknown: int
    """So many have no known cost."""
    most: int
    """Where there are more, this is about so many of them."""


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    totals: MonthTotals
    wastes: tuple[Waste, ...]
    not_ours: tuple[Money, ...]
    """Billed for machines that are in no record."""


def month_so_far(context: ServiceContext, *, company_id: int) -> MonthSoFar | None:
    """With two queries; None, after one, for a company without costs."""
    now = context.clock.now()
    month = month_of(day_of(now))
    totals = month_totals(context, month, company_id=company_id)
    if not totals.is_known:
        return None
    wasted = waste.list_wasted(context.session, company_id=company_id, month=month, now=now)
    not_ours = by_currency(amount for of, amount in totals.remainders if of in UNKNOWN_MACHINES)
    return MonthSoFar(
        totals,
        tuple(
            _waste(kind, own)
            for kind in (*CostFilter, waste.UNUSED)
            if (own := [one for one in wasted if one.kind == kind])
        ),
        tuple(one for one in not_ours if one.amount_minor > 0),
    )


def _waste(kind: CostFilter | ConnectedFilter, rows: list[Wasted]) -> Waste:
    return Waste(
        kind,
        sum(one.desktops for one in rows),
        by_currency(
            Money(one.currency, one.amount_minor)
            for one in rows
            if one.currency is not None and one.amount_minor is not None
        ),
        sum(one.desktops for one in rows if one.currency is None),
        waste.MOST_WASTED,
    )
