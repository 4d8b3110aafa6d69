"""The calendar of starts and ends: its address on a page of the account, and what calendars read there."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from webapp.database import writing_transactions
from webapp.domain.permissions import Permission
from webapp.extensions import limiter
from webapp.guards import needs_fresh_proof, public, requires
from webapp.identity import limit_to_postings, service_context, user
from webapp.models import CalendarFeed, Installation
from webapp.pages.calendar_text import calendar_of
from webapp.queries.calendar import AROUND, list_moments
from webapp.queries.posting_limit import without_limit
from webapp.services import calendar_feeds as service

bp = Blueprint("calendar", __name__)

READS_PER_ADDRESS = "60 per minute"


@bp.get("/account/calendar/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/account/calendar/make")
@requires(Permission.READ_WORK)
@needs_fresh_proof
def make() -> ResponseReturnValue:
    token = service.make_feed(service_context(), user())
    # No redirect, so that the address is in no session and no history.
    return _page(address=url_for(".read", token=token, _external=True))


@bp.post("/account/calendar/end")
@requires(Permission.READ_WORK)
def end() -> ResponseReturnValue:
    service.end_feed(service_context(), user())
    flash("The address no longer works.")
    return redirect(url_for(".index"), code=303)


@bp.get("/calendar/<token>.ics")
@limiter.limit(READS_PER_ADDRESS)
@public("the random text of the address says whose calendar it is; it shows what that person may read")
def read(token: str) -> ResponseReturnValue:
    context = service_context()
    with without_limit(context.session):  # whoever is signed in here: the address decides
        feed = _noted(service.find_feed(context, token), token)
        limit_to_postings(feed.user)
        moments = list_moments(context.session, company_id=feed.user.company_id or 0, now=context.clock.now())
        installation = context.session.scalars(select(Installation.uid)).first()
    response = make_response(calendar_of(moments, installation=installation or "berth"))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = "inline; filename=berth.ics"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    return response.make_conditional(request)


def _noted(feed: CalendarFeed, token: str) -> CalendarFeed:
    """Record from time to time that the address is in use."""
    context = service_context()
    if not service.is_use_due(context, feed):
        return feed
    # The reading transaction ends first: SQLite refuses one that turns to writing after others wrote.
    context.session.rollback()
    with writing_transactions():
        service.note_use(context, feed)
    return service.find_feed(context, token)


def _page(address: str = "") -> str:
    return render_template(
        "account/calendar.html",
        address=address,
        feed=service.own_feed(service_context(), user()),
        days=AROUND.days,
    )
