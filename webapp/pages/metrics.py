"""`/metrics`: for Prometheus, with its own token. Closed by default."""

import ipaddress

from flask import Blueprint, Response, request

from webapp import metrics
from webapp.domain.errors import NotFound
from webapp.guards import public
from webapp.identity import service_context
from webapp.services.context import ServiceContext
from webapp.services.gauges import gauges

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
@public("guarded by BERTH_METRICS_TOKEN; without one it answers in development, and this machine alone")
def show() -> Response:
    found = service_context()
    if not _may_read(found):
        if not found.settings.metrics.token:
            raise NotFound("Page not found.")
        return Response("A token is required.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    body = metrics.exposition(gauges(found.session, found.settings.redis_url, found.clock.now()))
    return Response(body, content_type=metrics.CONTENT_TYPE)


def _may_read(found: ServiceContext) -> bool:
    settings = found.settings
    if settings.metrics.token:
        return metrics.is_token(request.headers.get("Authorization", ""), settings.metrics.token)
    # Behind a reverse proxy every caller looks local, so production requires a token.
    return not settings.is_production and _is_this_machine(request.remote_addr or "")


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
