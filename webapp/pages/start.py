"""A provider's start page: first what needs attention, then the numbers."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.errors import Forbidden
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.models.company_tally import VERSION
from webapp.pages import live
from webapp.pages.home import start_page
from webapp.pages.start_view import Overview, overview_of
from webapp.queries import tallies
from webapp.services.month_so_far import month_so_far

bp = Blueprint("start", __name__, url_prefix="/start")


@bp.get("/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    if user().is_limited_to_postings:
        return redirect(start_page(user()))
    known = _tallies()
    return render_template("start/index.html", overview=_overview(known), etag=_etag(known))


@bp.get("/overview")
@requires(Permission.READ_WORK)
def overview() -> ResponseReturnValue:
    """The live part of the page."""
    if user().is_limited_to_postings:
        raise Forbidden("Your account does not have access to this page.")
    known = _tallies()
    etag = _etag(known)
    if (same := live.unchanged(etag)) is not None:
        return same
    return live.fragment("start/_overview.html", etag=etag, overview=_overview(known))


def _tallies() -> dict[str, int]:
    return tallies.read_tallies(service_context().session, company_id=company_id())


def _overview(known: dict[str, int]) -> Overview:
    context = service_context()
    costs = month_so_far(context, company_id=company_id())
    return overview_of(context.session, known, costs, company_id=company_id(), now=context.clock.now())


def _etag(known: dict[str, int]) -> str:
    # Costs change a few times a day; nobody misses them for five minutes.
    return live.etag_of("start", known.get(VERSION, 0), live.five_minutes(service_context().clock.now()))
