"""Errors as pages for people, and as short notices on a page that is already open.

They need nothing but this process: whoever is known already is shown, and the database is not asked again.
Errors under /api/ belong to the JSON API: its handlers are called unchanged.
"""

from urllib.parse import urlsplit

from flask import Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from webapp import trail
from webapp.domain.errors import AppError
from webapp.domain.sentences import say
from webapp.extensions import db
from webapp.pages.live import NOTICE, is_fragment
from webapp.pages.sessions import safe_next, send_to_sign_in
from webapp.second_try import refusal_unless_tried_again

TITLES = {
    400: say("Bad request"),
    401: say("Please sign in"),
    403: say("You do not have access"),
    404: say("Page not found"),
    405: say("This action does not work here"),
    409: say("Not possible right now"),
    413: say("Too large"),
    415: say("Unsupported format"),
    422: say("Please check your entries"),
    429: say("Too many requests"),
    500: say("Something went wrong on our side"),
    503: say("No answer yet"),
}
SENTENCES = {
    400: say("Berth could not read this request. Go back and try again."),
    404: say("This page does not exist, or you do not have access to it."),
    405: say("Use the buttons on the page instead of opening its address."),
    413: say("The request is larger than Berth accepts."),
    429: say("Wait a minute, then try again."),
    500: say("The error is logged under the reference below. Try again in a moment."),
}
UNKNOWN_HOST = "Berth does not answer under this host name. Its operator can allow it with TRUSTED_HOSTS.\n"
STALE_FORM = say("This form has expired, perhaps because you signed in or out. Reload the page.")
SIGNED_OUT = say("You are signed out, so nothing was changed. Sign in; you then come back to the page.")


def register(app: Flask) -> None:
    for code in (400, 403, 404, 405, 413, 415, 429, 500):
        app.register_error_handler(code, http_error)
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(SecurityError, unknown_host)
    app.register_error_handler(AppError, app_error)
    app.register_error_handler(SQLAlchemyError, database_error)


def http_error(error: HTTPException) -> ResponseReturnValue:
    if _is_api():
        return _api_answer(error)
    if error.code == 500:
        db.session.remove()  # a rollback might ask a database that does not answer
    status = error.code or 500
    return _answer(status, SENTENCES.get(status, ""), headers=_kept_headers(error))


def unknown_host(_error: SecurityError) -> ResponseReturnValue:
    """Plain text: without a trusted host name no URL, and so no page, can be built."""
    return UNKNOWN_HOST, 400, {"Content-Type": "text/plain; charset=utf-8"}


def csrf_error(error: CSRFError) -> ResponseReturnValue:
    if _is_api():
        return _api_answer(error)
    try:
        is_known = current_user.is_authenticated
    except SQLAlchemyError as trouble:
        return database_error(trouble)
    if is_known or request.blueprint == "accounts":
        return _answer(400, STALE_FORM)
    if is_fragment():
        return send_to_sign_in()
    return _answer(400, SIGNED_OUT, way_in=url_for("accounts.sign_in", next=_page_before()))


def app_error(error: AppError) -> ResponseReturnValue:
    if _is_api():
        raise error
    db.session.rollback()
    trail.note_refusal(error.code)
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else {}
    return _answer(error.http_status, error.message, headers=headers)


def database_error(error: SQLAlchemyError) -> ResponseReturnValue:
    """Trouble of the database in words; a statement at fault is an error of ours (500)."""
    refusal = refusal_unless_tried_again(request.environ, error)
    db.session.remove()
    return app_error(refusal) if refusal else ("", 503)


def _answer(
    status: int, sentence: str, *, headers: dict[str, str] | None = None, way_in: str | None = None
) -> ResponseReturnValue:
    g.is_error = True
    context = {
        "status": status,
        "title": TITLES.get(status, say("Something went wrong")),
        "sentence": sentence,
        "reference": g.get("request_id"),
        "back": _page_before(),
        "way_in": way_in,
    }
    if is_fragment():
        return render_template("errors/_notice.html", **context), status, {**(headers or {}), **NOTICE}
    return render_template("errors/error.html", **context), status, headers or {}


def _page_before() -> str | None:
    """Our page on which the person pressed a button, so that they can continue there."""
    if request.method == "GET" or not request.referrer:
        return None
    try:
        parts = urlsplit(request.referrer)
    except ValueError:  # no browser sends such an address
        return None
    if parts.netloc != request.host:
        return None
    return safe_next(parts.path + (f"?{parts.query}" if parts.query else ""), otherwise="") or None


def _api_answer(error: HTTPException) -> ResponseReturnValue:
    """What the JSON API registered for every HTTPException, else the plain exception."""
    handler = current_app.error_handler_spec[None][None].get(HTTPException)
    answer: ResponseReturnValue = current_app.ensure_sync(handler)(error) if handler else error
    return answer


def _kept_headers(error: HTTPException) -> dict[str, str]:
    """Allow and Retry-After tell clients what to do; the rest is about a body that we do not send."""
    return {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}


def _is_api() -> bool:
    return request.path.startswith("/api/")
