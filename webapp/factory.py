"""The application factory: the only place where the parts are wired together."""

import logging
import time
import uuid
from pathlib import Path

from flask import Flask, Response, g, request
from werkzeug.routing import IntegerConverter, Map

from webapp import api, cli, metrics, pages, trail
from webapp import logging as berth_logging
from webapp.config import Settings
from webapp.database import engine_options, prepare, read_only_transactions
from webapp.domain.clock import Clock, SystemClock
from webapp.domain.ids import LARGEST_ID
from webapp.extensions import csrf, db, htmx, limiter, login_manager, migrate
from webapp.identity import Person, limit_to_postings, service_context
from webapp.queueing import Notifier, RedisNotifier
from webapp.second_try import SecondTry
from webapp.services import sign_in
from webapp.services.context import ServiceContext
from webapp.signatures import sign_with_sha256
from webapp.sub_path import behind_proxies
from webapp.vault.box import Sealer

ROOT = Path(__file__).resolve().parent.parent
log = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024
QUIET_PATHS = ("/static/", "/assets/", "/healthz", "/readyz", "/metrics")
"""Requested all the time, so not worth a log line."""
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class IdConverter(IntegerConverter):
    """A number in a URL is an id; a number that cannot be an id is a 404, not a failed query."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def create_app(settings: Settings, *, clock: Clock | None = None, notifier: Notifier | None = None) -> Flask:
    """The web application; `clock` and `notifier` are replaced by tests only."""
    app = Flask("berth", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_mapping(_flask_config(settings))
    sign_with_sha256(app)
    app.url_map.converters["int"] = IdConverter
    app.wsgi_app = SecondTry(app.wsgi_app, body_limit=MAX_BODY_BYTES)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        app.wsgi_app = behind_proxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    berth_logging.configure(settings.log_level)
    _number_requests(app)  # first, so that any later refusal has a request ID to report
    _join_extensions(app)
    app.extensions["berth"] = ServiceContext(
        session=db.session,
        clock=clock or SystemClock(),
        notifier=notifier or RedisNotifier(settings.redis_url),
        settings=settings,
        sealer=Sealer(settings.credential_public_key),
    )
    _separate_reading_from_writing(app)
    trail.register(app)
    pages.register(app)
    api.register(app)
    cli.register(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "SESSION_COOKIE_NAME": "__Host-berth" if settings.is_production else "berth",
        "SESSION_COOKIE_SECURE": settings.is_production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "REDELIVERY_RATE": "30 per minute",
        "MAIL_RATE": "30 per hour",
        "WTF_CSRF_TIME_LIMIT": None,  # bound to the session; a form left open overnight still works
        "WTF_CSRF_CHECK_DEFAULT": True,
        "RATELIMIT_STORAGE_URI": _limiter_storage(settings.redis_url),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        # Who waits for the server when it dies passes uncounted: only the first falls back.
        "RATELIMIT_SWALLOW_ERRORS": True,
        "RATELIMIT_HEADERS_ENABLED": True,
        "API_TITLE": "Berth",
        "API_VERSION": "1",
        "OPENAPI_VERSION": "3.1.0",
    }


def _limiter_storage(redis_url: str) -> str:
    return "redis+" + redis_url if redis_url.startswith("unix://") else redis_url


def _join_extensions(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    csrf.init_app(app)
    htmx.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app, add_context_processor=False)  # it would ask the database for every template
    login_manager.session_protection = None  # the session is a row of ours, not bound to an address

    @login_manager.user_loader  # type: ignore[misc]  # flask-login has no types
    def load_person(session_token: str) -> Person | None:
        found = sign_in.find_session(service_context(), token=session_token)
        if found is None:
            return None
        g.user_session = found
        limit_to_postings(found.user)
        return Person(user=found.user, session_token=session_token)


def _number_requests(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id, g.began_s = uuid.uuid4().hex, time.monotonic()
        berth_logging.request_id.set(g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        # The path without its query: what people search for is private.
        level = logging.DEBUG if request.path.startswith(QUIET_PATHS) else logging.INFO
        took_s = time.monotonic() - g.get("began_s", time.monotonic())
        _measure(took_s, response.status_code)
        fields = {"method": request.method, "path": request.path, "status": response.status_code}
        log.log(level, "request", extra=fields | {"took_ms": round(took_s * 1000, 1)})
        return response


def _measure(took_s: float, status: int) -> None:
    """By endpoint, not by path: a path can contain an id, or anything that a stranger typed."""
    method = request.method if request.method in METHODS else "other"
    metrics.observe(metrics.HTTP_SECONDS, took_s, request.endpoint or "none", method, f"{status // 100}xx")


def _separate_reading_from_writing(app: Flask) -> None:
    """A GET reads without waiting for writers, and never commits (house style, B21)."""

    @app.before_request
    def begin() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            g.reading = read_only_transactions()
            g.reading.__enter__()

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        reading = g.pop("reading", None)
        if reading is not None:
            reading.__exit__(None, None, None)
