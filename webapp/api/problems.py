"""Errors of the API as RFC 9457 problem documents. Nothing else writes them."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, json, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from webapp.domain.errors import AppError
from webapp.extensions import db
from webapp.second_try import refusal_unless_tried_again

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

CODES: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request could not be parsed."),
    401: ("not_signed_in", "Send a token: “Authorization: Bearer …”."),
    403: ("forbidden", "Your account does not have permission to do this."),
    404: ("not_found", "Nothing exists at this path."),
    405: ("method_not_allowed", "This path does not support this method."),
    413: ("body_too_large", "The body is larger than this API accepts."),
    415: ("unsupported_media_type", "Send the body as JSON."),
    422: ("invalid", "Some values are not valid; see “errors”."),
    429: ("too_many_requests", "Too many requests; wait a moment."),
    500: ("internal_error", "Something went wrong on our side. The request ID helps to find it in the logs."),
}
"""By status, for errors raised by the framework."""


def problem(
    status: int,
    *,
    code: str,
    detail: str,
    errors: dict[str, list[str]] | None = None,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem document; `extra` members never replace the standard ones."""
    body = (extra or {}) | {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": errors or {},
        "request_id": g.get("request_id", ""),
    }
    response = Response(json.dumps(body), status, content_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        reason = ', error="invalid_token"' if code == "invalid_token" else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="berth"{reason}'
    return response


def answer_errors(bp: Blueprint) -> None:
    """Render every error of the blueprint's views; by status too, to override the pages' handlers."""
    bp.register_error_handler(AppError, of_refusal)
    bp.register_error_handler(SQLAlchemyError, of_database_error)
    bp.register_error_handler(HTTPException, of_http_error)
    for status in CODES:
        bp.register_error_handler(status, of_http_error)


def answer_unknown_paths() -> Response | None:
    """404 and 405 below /api/ belong to no blueprint, so they are handled before dispatch."""
    error = request.routing_exception
    if not request.path.startswith("/api/") or error is None or isinstance(error, RequestRedirect):
        return None
    return of_http_error(error) if isinstance(error, HTTPException) else None


def of_refusal(error: AppError) -> Response:
    if error.retry_after_s:
        g.retry_after_s = error.retry_after_s  # `blueprint.settle_limit_headers` runs last
    return problem(
        error.http_status,
        code=error.code,
        detail=error.message,
        errors={error.field: [error.message]} if error.field else None,
        extra=error.extra,
    )


def of_database_error(error: SQLAlchemyError) -> Response:
    """Trouble of the database in words; a statement at fault is an error of ours (500)."""
    refusal = refusal_unless_tried_again(request.environ, error)
    db.session.remove()
    return of_refusal(refusal) if refusal else Response(status=503)


def of_http_error(error: HTTPException) -> Response:
    """Never the exception's own text: it may reveal more than a caller should know."""
    status = error.code or 500
    if status == 500:
        log.error("an api call failed", exc_info=getattr(error, "original_exception", None) or error)
    phrase = HTTPStatus(status).phrase
    code, detail = CODES.get(status, (phrase.lower().replace(" ", "_"), f"{phrase}."))
    if type(error).__name__ == "CSRFError":
        code, detail = "csrf_failed", "Send the header X-CSRFToken, or use a token instead of the session."
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    return problem(status, code=code, detail=detail, errors=_field_errors(error), headers=headers)


def _field_errors(error: HTTPException) -> dict[str, list[str]]:
    """Validation errors by field; `body` for those that concern no single field."""
    data = getattr(error, "data", None) or {}
    found: dict[str, list[str]] = {}
    for place in (data.get("messages") or {}).values():
        entries = place.items() if isinstance(place, dict) else [("_schema", place)]
        for name, messages in entries:
            field = "body" if name == "_schema" else str(name)[:80]
            found.setdefault(field, []).extend(_sentences(messages))
    return found


def _sentences(messages: Any) -> list[str]:  # marshmallow nests lists and mappings as deep as the schema
    if isinstance(messages, str):
        return [messages]
    parts = messages.values() if isinstance(messages, dict) else messages
    return [sentence for part in parts for sentence in _sentences(part)]
