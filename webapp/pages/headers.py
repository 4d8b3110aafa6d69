"""Security and cache headers, on every response of pages and API."""

from flask import Flask, Response, g, request

from webapp.config import Settings
from webapp.identity import service_context
from webapp.pages.assets import FOREVER
from webapp.pages.live_events import origin_of

CSP = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "object-src 'none'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
CLEARED, CLEARED_UNDER_A_PATH = '"cache", "storage"', '"cache"'
"""What a browser forgets when a session is over, if our pages come by HTTPS or from this machine. Not its
cookies: it stays known. In its storage nothing is ours, so under a path that of other sites stays."""
HSTS = "max-age=31536000; includeSubDomains"


def content_policy(settings: Settings, *, leads_away: bool = False) -> str:
    """`leads_away`: of a page whose form ends at an address that a company has given."""
    connect = f"connect-src 'self' {origin_of(settings.live_url)}".strip()
    found = "; ".join((*CSP, connect))
    anywhere = "https: http:" if settings.local_issuers else "https:"
    return found.replace("form-action 'self'", f"form-action 'self' {anywhere}") if leads_away else found


def register(app: Flask) -> None:
    settings = app.extensions["berth"].settings
    headers = HEADERS | {"Content-Security-Policy": content_policy(settings)}

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if service_context().settings.is_production:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
            response.headers["Cache-Control"] = FOREVER
        if g.get("is_session_over"):
            response.headers["Clear-Site-Data"] = CLEARED_UNDER_A_PATH if request.script_root else CLEARED
        # What a signed-in person saw must not reappear from the cache after signing out.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
