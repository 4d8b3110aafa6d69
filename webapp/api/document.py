"""The OpenAPI document, generated from the schemas that validate."""

import copy
from typing import Any

from flask import Response, current_app, json, request

from webapp.api.blueprint import bp
from webapp.api.codes import MEANINGS, UNSAFE, WITH_KEY, described
from webapp.api.idempotency import PARAMETER, REPLAYED
from webapp.api.problems import MEDIA_TYPE
from webapp.guards import public

DESCRIPTION = (
    "Cloud desktops for the people a company hires. Errors are `application/problem+json` with a stable "
    "`code`:\n\n" + "\n".join(f"- `{code}`: {meaning}" for code, meaning in MEANINGS.items())
)


def describe_conventions(spec: Any, *, session_cookie: str) -> None:
    """Describe who may call (a token, or a signed-in browser with the CSRF header), and the error format."""
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": session_cookie})
    default = spec.components.responses["DEFAULT_ERROR"]["content"]
    default[MEDIA_TYPE] = default.pop("application/json")
    spec.options["security"] = [{"token": []}, {"session": []}]


@bp.route("/openapi.json", methods=["GET"], tags=["document"])
@public("describes the interface and nothing of any installation's data")
@bp.response(200, {"type": "object"}, description="This document.")
@bp.doc(security=[])
def openapi() -> Response:
    """Get this document."""
    found = whole_document()
    if request.script_root:
        found["servers"] = [{"url": request.script_root}]
    return Response(json.dumps(found), content_type="application/json")


def whole_document() -> dict[str, Any]:
    """The document, with the responses and headers common to a method added to each operation."""
    spec = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec
    found: dict[str, Any] = copy.deepcopy(spec.to_dict())  # which gives its own parts away
    for item in found["paths"].values():
        for method in {"post", "put", "delete"} & set(item):
            _refuse(item[method], UNSAFE)
        if "post" in item:
            _refuse(item["post"], WITH_KEY)
            item["post"].setdefault("parameters", []).append(PARAMETER)
            for status, response in item["post"]["responses"].items():
                if status.startswith("2"):
                    response.setdefault("headers", {})[REPLAYED] = _REPLAYED_HEADER
    return found


_REPLAYED_HEADER = {
    "description": "`true`: nothing was done this time; this is the first response to the key.",
    "schema": {"type": "string", "enum": ["true"]},
}


def _refuse(operation: dict[str, Any], refusals: dict[int, tuple[str, ...]]) -> None:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, codes in refusals.items():
        response = operation["responses"].setdefault(str(status), {"description": "", "content": content})
        new = [code for code in codes if f"`{code}`" not in response["description"]]
        if new:
            before = response["description"].removesuffix(".")
            response["description"] = f"{before}; {described(new)}" if before else described(new)
