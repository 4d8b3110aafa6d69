"""What a company's workspaces cost, by group."""

from datetime import date, timedelta
from typing import Any

from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.paging import Key, Page, answer
from webapp.api.schemas.costs import CostList, CostQuery
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import day_of, last_day_of, month_of
from webapp.domain.errors import Invalid
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.queries import cost_groups as queries
from webapp.queries.cost_groups import Days, GroupCost

MOST_DAYS = 400
"""A year and a month."""
OLDEST = date(2000, 1, 1)
"""No cloud account is older."""


@bp.route("/costs/", methods=["GET"], tags=["monitoring"])
@allows(Permission.READ_COSTS)
@refuses(s422="invalid")
@bp.arguments(CostQuery, location="query", unknown=RAISE)
@bp.response(200, CostList)
def list_costs(query: dict[str, Any]) -> dict[str, Any]:
    """List what the company's workspaces cost in these days: estimated, and billed with its remainders."""
    page = Page(limit=query["limit"], cursor=query["cursor"])
    after = page.after(int, str, str)
    days = _days(query)
    wanted = (service_context().session, Dimension(query["group_by"]), days)
    place = None if after is None else (int(after[0]), str(after[1]), str(after[2]))
    rows = queries.list_costs(*wanted, company_id=company_id(), after=place, limit=page.limit + 1)
    count = queries.count_costs(*wanted, company_id=company_id())
    return answer("costs", rows, count=count, page=page, key=_key, show=_show)


def _days(query: dict[str, Any]) -> Days:
    today = day_of(service_context().clock.now())
    last = query["last"] or today
    first = query["first"] or month_of(last)
    if first > last:
        raise Invalid("The first day is after the last one.", field="from")
    if last - first >= timedelta(days=MOST_DAYS):
        raise Invalid(f"Ask for at most {MOST_DAYS} days at once.", field="from")
    # A month that is not over has no later days: until today it is whole, and added up already.
    end = last_day_of(today)
    return Days(min(max(first, OLDEST), end + timedelta(days=1)), end if last >= today else last)


def _key(row: GroupCost) -> Key:
    return (row.is_remainder, row.key, row.currency)


def _show(row: GroupCost) -> dict[str, Any]:
    return {
        "key": row.key,
        "is_remainder": bool(row.is_remainder),
        "currency": row.currency,
        "estimated_minor": row.estimated,
        "billed_minor": row.billed,
    }
