"""Conditional requests: an `ETag` on what is one object, `If-None-Match` to read it, `If-Match` to change it.

A tag is the version of the row and a digest of what the caller was shown. The digest makes 304 true also
where something else changed the answer (the account's registration code); the version is what a service
compares once more in the transaction of the change, so that nobody can slip in between.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Response, json, request
from flask_smorest.utils import unpack_tuple_response
from marshmallow import Schema

from webapp.api.blueprint import bp
from webapp.domain.errors import PreconditionFailed

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., Any])
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "An `ETag` that was read before: change only what is still like that, else 412.",
}
IF_NONE_MATCH = IF_MATCH | {
    "name": "If-None-Match",
    "description": "An `ETag` that was read before: 304 when nothing is different.",
}
ETAG = {"ETag": {"description": "Names this version of the object.", "schema": {"type": "string"}}}


def tag_of(schema: Schema, shown: dict[str, Any]) -> str:
    """The tag of an object as this caller sees it."""
    text = json.dumps(schema.dump(shown), sort_keys=True)
    return f"{shown.get('version', 0)}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def tagged(kind: type[Schema]) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Answers of this view carry the object's tag; stands below `bp.response`. A GET may answer 304."""
    schema = kind()

    def decorate(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def with_tag(*args: P.args, **kwargs: P.kwargs) -> Any:  # what a view of flask-smorest may return
            shown, status, headers = unpack_tuple_response(view(*args, **kwargs))
            tag = tag_of(schema, shown)
            if request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(tag):
                unchanged = Response(status=304)
                unchanged.set_etag(tag)
                return unchanged
            return shown, status or 200, {**(headers or {}), "ETag": f'"{tag}"'}

        return with_tag

    return decorate


def check_if_match(kind: type[Schema], shown: dict[str, Any]) -> int | None:
    """The version that must still be there when the change is written; None without a condition.

    Raises PreconditionFailed.
    """
    if "If-Match" not in request.headers:
        return None
    if request.if_match.star_tag:
        return None
    if not request.if_match.contains(tag_of(kind(), shown)):
        raise PreconditionFailed()
    return int(shown["version"])


def conditional(view: F) -> F:
    """Document `If-Match` on what changes an object."""
    return cast(F, bp.doc(parameters=[IF_MATCH])(view))


def readable(view: F) -> F:
    """Document `ETag` and 304 on what reads one object."""
    said = {200: {"headers": ETAG}, 304: {"description": "Nothing is different.", "headers": ETAG}}
    return cast(F, bp.doc(parameters=[IF_NONE_MATCH], responses=said)(view))
