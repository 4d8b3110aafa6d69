"""`/metrics`: for Prometheus, with its own token. Closed by default."""

from flask import Blueprint, Response

from webapp import metrics
from webapp.domain.errors import NotFound
from webapp.guards import may_read_internals, public
from webapp.identity import service_context
from webapp.services.gauges import gauges

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
@public("guarded by BERTH_METRICS_TOKEN; without one it answers in development, and this machine alone")
def show() -> Response:
    found = service_context()
    if not may_read_internals():
        if not found.settings.metrics.token:
            raise NotFound("Page not found.")
        return Response("A token is required.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    body = metrics.exposition(gauges(found.session, found.settings.redis_url, found.clock.now()))
    return Response(body, content_type=metrics.CONTENT_TYPE)
