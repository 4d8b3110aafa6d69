"""A cookie by which a browser is known in which somebody signed in before; it signs nobody in.

It has accounts as hashes, each with a random mark, and is signed. `services.sign_in_throttle` counts failures
of a known browser for themselves.
"""

import hashlib
import secrets

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from webapp.services.people import normal_email
from webapp.services.sign_in_throttle import Origin

LASTS_S = 365 * 24 * 3600
MOST_ACCOUNTS = 5
"""In one browser; the newest are kept."""


def origin_of(email: str) -> Origin:
    """From where this request wants to sign in as `email`."""
    return Origin(
        browser=request.headers.get("User-Agent", ""),
        address=request.remote_addr or "",
        mark=_marks().get(_account(email), ""),
    )


def remember(email: str) -> None:
    """The answer to this request makes the browser known for `email`."""
    marks = _marks()
    mark = marks.pop(_account(email), "") or secrets.token_urlsafe(12)
    newest = dict([*marks.items(), (_account(email), mark)][-MOST_ACCOUNTS:])

    @after_this_request
    def write(response: Response) -> Response:
        config = current_app.config
        response.set_cookie(
            _name(),
            _serializer().dumps(newest),
            max_age=LASTS_S,
            secure=config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
            path=config["SESSION_COOKIE_PATH"] or config["APPLICATION_ROOT"],
        )
        return response


def _marks() -> dict[str, str]:
    try:
        found = _serializer().loads(request.cookies.get(_name(), ""))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _account(email: str) -> str:
    return hashlib.sha256(normal_email(email).encode()).hexdigest()[:16]


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-browser"


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known browser")
