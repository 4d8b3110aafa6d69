"""A provider's start page: first what needs attention, then the numbers."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.roles import Role
from webapp.guards import requires
from webapp.identity import company_id, service_context
from webapp.pages import live
from webapp.pages.start_view import Overview, overview_of

bp = Blueprint("start", __name__, url_prefix="/start")


@bp.get("/")
@requires(Role.PROVIDER)
def index() -> ResponseReturnValue:
    overview = _overview()
    return render_template("start/index.html", overview=overview, etag=_etag(overview))


@bp.get("/overview")
@requires(Role.PROVIDER)
def overview() -> ResponseReturnValue:
    """The live part of the page."""
    found = _overview()
    etag = _etag(found)
    return live.unchanged(etag) or live.fragment("start/_overview.html", etag=etag, overview=found)


def _overview() -> Overview:
    return overview_of(service_context().session, company_id=company_id(), now=service_context().clock.now())


def _etag(overview: Overview) -> str:
    return live.etag_of("start", overview.mark)
