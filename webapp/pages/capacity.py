"""Capacity: does what is coming fit into each cloud account, and what to send to whom if it does not."""

from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.capacity import DAYS
from webapp.domain.costs.money import Money
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.pages.capacity_words import LABELS, says
from webapp.services.capacity import forecast

bp = Blueprint("capacity", __name__, url_prefix="/capacity")


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
