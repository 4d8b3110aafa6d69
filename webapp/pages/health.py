"""The health probes: is this process alive, and can the installation work?"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp.guards import may_read_internals, public
from webapp.identity import service_context
from webapp.services.readiness import readiness

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public("health probe: says nothing but that this process lives")
def show() -> ResponseReturnValue:
    """For process supervisors: ignores database and Redis, whose failure is no reason for a restart."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public("health probe: yes or no; the parts are for the operator's monitoring alone")
def ready() -> ResponseReturnValue:
    """For monitoring: 503 if a required part is dead; which one, if the caller may read /metrics."""
    found = readiness(service_context())
    answer: dict[str, object] = {"status": "ready" if found.is_ready else "not ready"}
    if may_read_internals():
        answer["parts"] = {
            part.name: {"status": part.status.value, "age_s": part.age_s, "message": part.message}
            for part in found.parts
        }
    return jsonify(answer), 200 if found.is_ready else 503
