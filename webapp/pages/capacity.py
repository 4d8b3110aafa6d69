"""Capacity: does what is coming fit into each cloud account, and what to send to whom if it does not."""

from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.capacity import DAYS, Limit, Shortage
from webapp.domain.costs.money import Money
from webapp.domain.permissions import Permission
from webapp.domain.quota import QuotaUnit
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.services.capacity import AccountForecast, forecast

bp = Blueprint("capacity", __name__, url_prefix="/capacity")

LABELS = {
    Limit.QUOTA: "Quota",
    Limit.ADDRESSES: "Addresses",
    Limit.CAP: "Limit of live desktops",
    Limit.RATE: "Time",
}


@bp.get("/")
@requires(Permission.READ_COSTS)
def index() -> ResponseReturnValue:
    return _page(None)


@bp.get("/<int:credential_id>/")
@requires(Permission.READ_COSTS)
def show(credential_id: int) -> ResponseReturnValue:
    return _page(credential_id)


def _page(credential_id: int | None) -> str:
    context, zone = service_context(), user().time_zone or "UTC"
    found = forecast(context, company_id=company_id(), zone=zone, credential_id=credential_id)
    return render_template(
        "capacity/index.html",
        forecast=found,
        is_one=credential_id is not None,
        zone=zone,
        here=ZoneInfo(zone),
        days=DAYS,
        labels=LABELS,
        says=says,
        money=Money,
    )


def says(account: AccountForecast, shortage: Shortage) -> str:
    """What is missing, and what helps."""
    quota = account.room.quota
    is_cores = shortage.limit is Limit.QUOTA and quota is not None and quota.unit is QuotaUnit.CORES
    missing = _counted(shortage.missing, "vCPU" if is_cores else "desktop")
    match shortage.limit:
        case Limit.QUOTA:
            return f"The quota falls short by {missing}. Ask for more with the text below."
        case Limit.ADDRESSES:
            return (
                f"The free addresses of the subnets fall short by {missing}. Use larger subnets, or end"
                " desktops that nobody needs."
            )
        case Limit.CAP:
            return (
                f"The limit of live desktops of this account falls short by {missing}. Raise it under"
                " Costs, Budgets."
            )
        case Limit.RATE:
            whose = "its start" if shortage.missing == 1 else "their start"
            return (
                f"{missing} cannot be ready for {whose}: Berth makes {account.room.pace.per_minute} a minute"
                " here, and each takes its time. Order now, or move the start."
            )


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
