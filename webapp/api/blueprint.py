"""The API's only blueprint, and the checks that every call passes before its view."""

import hashlib
import json
import time

from flask import Response, current_app, g, request
from flask_limiter.util import get_remote_address

from webapp.api import idempotency
from webapp.api.callers import admit
from webapp.api.late_document import ApiBlueprint
from webapp.api.problems import answer_errors
from webapp.domain.errors import AppError
from webapp.extensions import csrf, limiter

PREFIX = "/api/workspaces"

bp = ApiBlueprint("api", __name__, url_prefix=PREFIX)


class Unreadable(AppError):
    code, http_status = "malformed_json", 400


class NotJson(AppError):
    code, http_status = "unsupported_media_type", 415


def caller_key() -> str:
    """The rate limit key: the token, or the address of an anonymous caller."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if text.strip():
        # As `admit` reads it: spaces and capitals make no new caller of the same token.
        sent = f"{scheme.lower()} {text.strip()}"
        return "token:" + hashlib.sha256(sent.encode()).hexdigest()[:32]
    return "address:" + get_remote_address()


def check_body() -> None:
    """Reject a body that is not JSON before anything else reads it.

    Parsed here once more than needed, because a body that is nested too deeply or contains a number with
    thousands of digits makes the parser raise errors that no library behind this expects.
    """
    if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return
    body = request.get_data()
    if not body:
        return
    if request.mimetype != "application/json":
        raise NotJson("Send the body as JSON with the header “Content-Type: application/json”.")
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("The body is not valid JSON.") from None


def finish(response: Response) -> Response:
    """Responses are for one caller and must not be cached."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def settle_limit_headers(response: Response) -> Response:
    """Send the headers of the IETF draft in addition to the older `X-RateLimit-…`.

    flask-limiter puts `Retry-After` on every response; the API sends it with 429 only, and what a refusal of
    ours says comes first, also on pages.
    """
    current = limiter.current_limit if request.path.startswith("/api/") else None
    if current is not None:
        left_s = max(round(current.reset_at - time.time()), 0)
        policy = f'"calls";q={current.limit.amount};w={current.limit.get_expiry()}'
        response.headers["RateLimit-Policy"] = policy
        response.headers["RateLimit"] = f'"calls";r={current.remaining};t={left_s}'
    if request.path.startswith("/api/") and response.status_code != 429:
        response.headers.pop("Retry-After", None)
    if "retry_after_s" in g:
        response.headers["Retry-After"] = str(g.retry_after_s)
    return response


csrf.exempt(bp)  # `admit` asks for the token itself, where a session is used
limiter.shared_limit(lambda: str(current_app.config["API_RATE"]), scope="api", key_func=caller_key)(bp)
# A caller who makes up a new token for every call is still one address.
limiter.shared_limit(
    lambda: str(current_app.config["API_ADDRESS_RATE"]), scope="api-address", key_func=get_remote_address
)(bp)
bp.before_request(admit)
bp.before_request(check_body)
idempotency.join(bp)
bp.after_request(finish)
answer_errors(bp)
