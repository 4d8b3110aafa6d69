"""A company's costs by month. The pages only read: who may see them need not be allowed to press anything."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.domain.costs.bills import Remainder, Source, pool_of
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.money import Money
from webapp.domain.costs.spans import day_of, month_of
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context
from webapp.pages.cost_chart import day_bars
from webapp.pages.csv_files import MOST_ROWS, csv_file
from webapp.pages.workspaces.table import whole_number
from webapp.queries.company_costs import Place
from webapp.queries.pools import list_pools
from webapp.services.company_costs import (
    GROUPINGS,
    Figures,
    Group,
    MonthCosts,
    desktops_of,
    group_name,
    groups_of,
    month_costs,
    unpriced_of,
)

bp = Blueprint("costs", __name__, url_prefix="/costs")

MONTHS = 12
"""So many can be chosen by a link."""
_LARGEST = 2**63 - 1
GROUP_NAMES = {
    Dimension.JOB: "Job",
    Dimension.PERSON: "Person",
    Dimension.BUNDLE: "Size",
    Dimension.CLOUD: "Cloud",
    Dimension.CREDENTIAL: "Cloud account",
}
REMAINDERS = {
    Remainder.UNMARKED: (
        "Not marked",
        "Desktops in the bill that do not say which: others have made them, or the account does not count "
        "Berth’s mark yet.",
    ),
    Remainder.OTHER_MACHINES: ("Other machines", "Machines in the bill that are not in Berth’s records."),
    Remainder.OTHER_SERVICES: ("Other services", "Everything in the bill that is no desktop."),
}


@dataclass(frozen=True, slots=True)
class Address:
    """What the page's address asks for."""

    month: date
    dimension: Dimension
    currency: str
    by: Source | None
    """None: by the bill, if there is one."""
    after: Place | None

    def query(self, **changes: Any) -> dict[str, str]:
        one = replace(self, **changes)
        found = {"month": f"{one.month:%Y-%m}", "by": one.dimension.value, "currency": one.currency}
        if one.by is not None:
            found["order"] = one.by.value
        if one.after is not None:
            found["after"] = f"{one.after.amount_minor},{one.after.key}"
        return found


@bp.get("/")
@requires(Permission.READ_COSTS)
def index() -> ResponseReturnValue:
    context = service_context()
    address, costs = _asked()
    by = _order(address, costs)
    groups, next_place = groups_of(
        context,
        address.month,
        address.dimension,
        address.currency,
        by,
        company_id=company_id(),
        after=address.after,
    )
    return render_template(
        "costs/index.html",
        address=address,
        costs=costs,
        by=by,
        other=Source.ESTIMATED if by is Source.BILLED else Source.BILLED,
        groups=groups,
        next_place=next_place,
        group_names=GROUP_NAMES,
        remainders=_remainders(costs),
        months=_months(),
        bars=day_bars(costs.totals.days, address.currency),
    )


@bp.get("/desktops")
@requires(Permission.READ_COSTS)
def desktops() -> ResponseReturnValue:
    """The rows behind a figure."""
    context, address = service_context(), _address()
    key = request.args.get("key", "")[:160]
    by = address.by or Source.BILLED
    rows, next_place = desktops_of(
        context,
        address.month,
        address.dimension,
        key,
        address.currency,
        by,
        company_id=company_id(),
        after=address.after,
    )
    return render_template(
        "costs/desktops.html",
        address=address,
        by=by,
        key=key,
        # Only of a group that the company has: an id in an address reveals no name.
        name=group_name(context, address.dimension, key, company_id=company_id()) if rows else "a group",
        rows=rows,
        next_place=next_place,
        group_names=GROUP_NAMES,
    )


@bp.get("/unpriced")
@requires(Permission.READ_COSTS)
def unpriced() -> ResponseReturnValue:
    """The desktops that no sum has wholly, because a price is not known."""
    month = _month(request.args.get("month", ""))
    rows, next_id = unpriced_of(
        service_context(), month, company_id=company_id(), after_id=whole_number("after") or 0
    )
    return render_template("costs/unpriced.html", month=month, rows=rows, next_id=next_id)


@bp.get("/costs.csv")
@requires(Permission.READ_COSTS)
def table() -> Response:
    """All groups of the month, and what no desktop explains: the billed column is the bill."""
    address, costs = _asked()
    return csv_file(
        f"costs-{address.month:%Y-%m}-{address.dimension.value}",
        (GROUP_NAMES[address.dimension], "Currency", "Estimated", "Billed"),
        _lines(address, costs),
    )


def _lines(address: Address, costs: MonthCosts) -> Iterator[tuple[object, ...]]:
    for currency in costs.totals.currencies:
        for group in _every_group(replace(address, currency=currency), _order(address, costs)):
            yield (group.name, currency, *_exact(group.figures))
    remainders = _remainders(costs)
    for remainder, amount in costs.totals.remainders:
        yield (remainders[remainder][0], amount.currency, None, amount.exact)


def _every_group(address: Address, by: Source) -> Iterator[Group]:
    """A file that leaves some out would not add up to the bill."""
    after: Place | None = None
    while True:
        groups, after = groups_of(
            service_context(),
            address.month,
            address.dimension,
            address.currency,
            by,
            company_id=company_id(),
            after=after,
            limit=MOST_ROWS,
        )
        yield from groups
        if after is None:
            return


def _remainders(costs: MonthCosts) -> dict[str, tuple[str, str]]:
    """The name and the meaning of each remainder of the month, by its key."""
    found: dict[str, tuple[str, str]] = {one.value: says for one, says in REMAINDERS.items()}
    keys = {key: pool_id for key, _ in costs.totals.remainders if (pool_id := pool_of(key)) is not None}
    if keys:
        known = {one.id: one for one in list_pools(service_context().session, company_id=company_id())}
        for key, pool_id in keys.items():
            pool = known.get(pool_id)
            name = f"Waiting in the pool of {pool.bundle_name}" if pool else "Waiting in a pool"
            where = f" in {pool.credential.name}" if pool else ""
            found[key] = (name, f"Desktops that wait{where} for whoever is hired next.")
    return found


def _exact(figures: Figures) -> tuple[object, object]:
    return _major(figures.estimated), _major(figures.billed)


def _major(amount: Money | None) -> object:
    return None if amount is None else amount.exact


def _asked() -> tuple[Address, MonthCosts]:
    """A month has the currency that it has: the first one, unless another is asked for."""
    address = _address()
    costs = month_costs(service_context(), address.month, company_id=company_id())
    currencies = costs.totals.currencies
    if address.currency not in currencies:
        address = replace(address, currency=currencies[0] if currencies else "", after=None)
    return address, costs


def _order(address: Address, costs: MonthCosts) -> Source:
    return address.by or (Source.BILLED if costs.has_bill else Source.ESTIMATED)


def _address() -> Address:
    args = request.args
    sources = [one for one in Source if one.value == args.get("order")]
    dimensions = [one for one in GROUPINGS if one.value == args.get("by")]
    return Address(
        month=_month(args.get("month", "")),
        dimension=dimensions[0] if dimensions else Dimension.JOB,
        currency=args.get("currency", "")[:3],
        by=sources[0] if sources else None,
        after=_place(args.get("after", "")),
    )


def _month(text: str) -> date:
    """This one, if the address says none that has begun."""
    this = _this_month()
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return this
    return asked if date(2000, 1, 1) <= asked <= this else this


def _place(text: str) -> Place | None:
    amount, _, key = text.partition(",")
    digits = amount.removeprefix("-")
    if not key or not digits.isascii() or not digits.isdecimal() or len(digits) > 19:
        return None
    number = int(amount)
    return Place(number, key[:160]) if abs(number) <= _LARGEST else None


def _this_month() -> date:
    return month_of(day_of(service_context().clock.now()))


def _months() -> list[date]:
    """The newest first."""
    months = [_this_month()]
    while len(months) < MONTHS:
        months.append(month_of(months[-1] - timedelta(days=1)))
    return months
