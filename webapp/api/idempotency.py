"""`Idempotency-Key` on every POST: the same key and request within a day get the same response."""

import re

from flask import Blueprint, Response, g, request

from webapp.domain.errors import Invalid
from webapp.identity import service_context, user
from webapp.models.idempotency_key import KEY_LENGTH
from webapp.services import idempotency
from webapp.services.idempotency import Answer, Reservation

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
_KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_LENGTH}}}")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")

PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": r"^[\x21-\x7e]+$"},
    "description": "A unique key of your choice. A repeat within 24 h does not repeat the action.",
}


def join(bp: Blueprint) -> None:
    """Run after the caller is known and the body is parsed, before any view."""
    bp.before_request(begin)
    bp.after_request(end)


def hold_secret() -> None:
    """This response shows a secret once: what is kept of it for repeats is sealed."""
    g.is_answer_secret = True


def begin() -> Response | None:
    """Replay the first response, or let this request do the work. Raises Invalid, KeyReused, Conflict."""
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None:
        return None
    if not _KEY.fullmatch(key):
        raise Invalid(f"An {HEADER} must have 1 to {KEY_LENGTH} visible ASCII characters.", field=HEADER)
    asked = b"\n".join((request.method.encode(), request.full_path.encode(), request.get_data()))
    found = idempotency.reserve(service_context(), owner=owner(), key=key, request=asked)
    if isinstance(found, Answer):
        return Response(found.body, found.status, headers={**found.headers, REPLAYED: "true"})
    g.reservation = found
    return None


def owner() -> str:
    """Keys of two callers never meet."""
    return f"token:{g.token.id}" if "token" in g else f"user:{user().id}"


def end(response: Response) -> Response:
    """Store the response, unless it is an error of ours, a cloud timeout or a rate limit."""
    reservation: Reservation | None = g.pop("reservation", None)
    if reservation is None:
        return response
    if response.status_code >= 500 or response.status_code == 429:
        idempotency.release(service_context(), reservation)
        return response
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    is_secret = bool(g.pop("is_answer_secret", False))
    answer = Answer(response.status_code, headers, response.get_data(as_text=True), is_secret)
    idempotency.keep(service_context(), reservation, answer)
    return response
