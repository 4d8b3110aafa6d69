"""The OpenAPI document, made of the schemas that validate."""

from flask import Response, current_app, json
from flask_smorest import Api

from webapp.api.codes import MEANINGS
from webapp.api.door import bp
from webapp.api.problems import MEDIA_TYPE
from webapp.guards import public

DESCRIPTION = (
    "Cloud desktops for the people a company hires. Errors are `application/problem+json` with a stable "
    "`code`:\n\n" + "\n".join(f"- `{code}`: {meaning}" for code, meaning in MEANINGS.items())
)


def describe_conventions(api: Api, *, session_cookie: str) -> None:
    """Who may call (a token, or a signed-in browser with the CSRF header), and what errors are made of."""
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": session_cookie})
    default = api.spec.components.responses["DEFAULT_ERROR"]["content"]
    default[MEDIA_TYPE] = default.pop("application/json")
    api.spec.options["security"] = [{"token": []}, {"session": []}]


@bp.route("/openapi.json", methods=["GET"], tags=["document"])
@public("describes the interface and nothing of any installation's data")
@bp.response(200, {"type": "object"}, description="This document.")
@bp.doc(security=[])
def openapi() -> Response:
    """This document."""
    spec = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec
    return Response(json.dumps(spec.to_dict()), content_type="application/json")
