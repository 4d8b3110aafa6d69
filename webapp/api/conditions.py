"""Conditional requests: an `ETag` on single objects, `If-None-Match` to read one, `If-Match` to change it.

A tag is the version of the row plus a digest of what the caller was shown. The digest keeps 304 correct
when something else changed the response (the account's registration code). A service compares the version
again in the transaction of the change, so that no other change can come in between.
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
    "description": "An `ETag` you have read: the change is made only if it still matches, otherwise 412.",
}
IF_NONE_MATCH = IF_MATCH | {
    "name": "If-None-Match",
    "description": "An `ETag` you have read: 304 if nothing has changed.",
}
PASSING = frozenset({"connection_checked_at", "files_snapshot_at", "system_snapshot_at", "snapshots_read_at"})
"""Members that say only when a cloud was asked, or did something by itself: no change of the object."""
ETAG = {"ETag": {"description": "Identifies this version of the object.", "schema": {"type": "string"}}}


def tag_of(schema: Schema, shown: dict[str, Any]) -> str:
    """The `ETag` of an object as this caller sees it."""
    lasting = {name: None if name in PASSING else value for name, value in shown.items()}
    text = json.dumps(schema.dump(lasting), sort_keys=True)
    return f"{shown.get('version', 0)}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def tagged(kind: type[Schema]) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Add the object's `ETag` to the view's responses. Place below `bp.response`. A GET may return 304."""
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
    """The version that the row must still have when the change is written; None without a condition.

    Raises PreconditionFailed.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    check_tag(kind, shown)
    return int(shown["version"])


def check_tag(kind: type[Schema], shown: dict[str, Any]) -> None:
    """For rows without a version, which are locked before and changed in the same transaction.

    Raises PreconditionFailed.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return
    if not request.if_match.contains(tag_of(kind(), shown)):
        raise PreconditionFailed()


def conditional(view: F) -> F:
    """Document `If-Match` on what changes an object."""
    return cast(F, bp.doc(parameters=[IF_MATCH])(view))


def readable(view: F) -> F:
    """Document `ETag` and 304 on what reads one object."""
    said = {200: {"headers": ETAG}, 304: {"description": "Nothing has changed.", "headers": ETAG}}
    return cast(F, bp.doc(parameters=[IF_NONE_MATCH], responses=said)(view))
