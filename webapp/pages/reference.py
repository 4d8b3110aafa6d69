"""/docs/api/: the OpenAPI document as a page, rendered here without scripts or third-party assets."""

from flask import Blueprint, current_app, json, render_template
from flask.typing import ResponseReturnValue

from webapp.guards import public
from webapp.pages.reference_view import Reference, reference_of

bp = Blueprint("reference", __name__, url_prefix="/docs/api")

DOCUMENT = "api.openapi"


@bp.get("/")
@public("describes the interface and nothing of any installation's data")
def show() -> ResponseReturnValue:
    return render_template("reference/show.html", reference=_reference(), document=DOCUMENT)


def _reference() -> Reference:
    """Built once from the JSON API's document, because it does not change while the process runs."""
    known: Reference | None = current_app.extensions.get("berth-reference")
    if known is None:
        served = current_app.make_response(current_app.ensure_sync(current_app.view_functions[DOCUMENT])())
        known = current_app.extensions["berth-reference"] = reference_of(json.loads(served.get_data()))
    return known
