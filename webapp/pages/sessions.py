"""Sign-in state for flask-login: what happens to strangers, and the last-seen time."""

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import writing_transactions
from webapp.extensions import db, htmx, login_manager
from webapp.identity import Viewer, service_context
from webapp.models import UserSession
from webapp.services import sign_in

NEEDS_NOBODY = (None, "static", "assets.show", "health.show", "health.ready", "metrics.show")
"""They answer without the database, whoever asks; None: an unknown address."""
log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    login_manager.unauthorized_handler(send_to_sign_in)

    @app.before_request
    def remember_viewer() -> None:
        # Read while the row is fresh: a rollback expires it, and an error's page must not query.
        if request.endpoint not in NEEDS_NOBODY and not _is_api():
            person = current_user
            g.viewer = Viewer.of(person.user) if person.is_authenticated else None

    @app.after_request
    def write_last_seen(response: Response) -> Response:
        # Polling is not use: an open tab alone does not keep a session alive.
        seen = g.get("user_session")
        is_poll = bool(htmx) and request.method == "GET"
        if seen is None or is_poll or response.status_code >= 500:
            return response
        try:
            _touch(seen)
        except SQLAlchemyError as error:  # worth no more than this: the response is ready
            log.warning("a session's last use is not recorded", extra={"reason": type(error).__name__})
            db.session.remove()
        return response


def _touch(seen: UserSession) -> None:
    db.session.rollback()
    if not sign_in.is_seen_stale(service_context(), seen):
        return
    session_id = seen.id
    db.session.rollback()
    with writing_transactions():
        sign_in.touch(service_context(), session_id=session_id)


def send_to_sign_in() -> ResponseReturnValue:
    """A page redirects to the sign-in page and back; a fragment must never be replaced by it."""
    if _is_api():
        abort(401)
    if htmx:
        # An action leads to the sign-in page; a poll must not discard what someone is typing.
        way_in = url_for("accounts.sign_in", next=_page_behind_fragment())
        is_look = request.method == "GET"
        return "", 401, {"X-Berth-Sign-In" if is_look else "HX-Redirect": way_in}
    target = request.script_root + request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=target))


def end_in_browser() -> None:
    """The session is over: with this answer the browser forgets our pages (`headers.CLEARED`).

    Its open pages leave as soon as the next page says that nobody is signed in (`static/js/session.js`).
    """
    logout_user()
    session.clear()
    g.is_session_over = True


def notice_end() -> bool:
    """Has this browser a cookie of a session that ended without its doing? Then it is one no more."""
    if "_user_id" not in session or current_user.is_authenticated:
        return False
    end_in_browser()
    return True


def safe_next(target: str | None, *, otherwise: str) -> str:
    """`target` if it is one of our paths, else `otherwise`: a link must not redirect people elsewhere."""
    if not target or not target.startswith("/") or any(ord(char) < 33 or char == "\\" for char in target):
        return otherwise
    parts = urlsplit(target)
    is_ours = not parts.scheme and not parts.netloc and not target.startswith("//")
    if parts.path in (url_for("accounts.sign_out"), url_for("accounts.sign_in")):
        return otherwise
    return target if is_ours else otherwise


def _page_behind_fragment() -> str | None:
    try:
        parts = urlsplit(htmx.current_url or "")
    except ValueError:  # no browser sends such an address
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.path else None


def _is_api() -> bool:
    return request.path.startswith("/api/")
