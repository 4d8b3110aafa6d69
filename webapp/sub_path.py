"""Berth under a path of a host, such as https://desks.example.com/berth/, behind a reverse proxy.

The proxy removes the prefix from the path and reports it in X-Forwarded-Prefix; ProxyFix makes it the root
of every address that the application builds. It must look like a path: other text could lead to another host.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = re.compile(r"(/[A-Za-z0-9][A-Za-z0-9._~-]*)+")


class CheckedPrefix:
    """Inside of ProxyFix: a prefix that is no plain path is no prefix."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        prefix = str(environ.get("SCRIPT_NAME", "")).rstrip("/")
        environ["SCRIPT_NAME"] = prefix if _PREFIX.fullmatch(prefix) else ""
        return self._app(environ, start_response)


def behind_proxies(app: "WSGIApplication", hops: int) -> "WSGIApplication":
    """Believe this many proxies in front: the caller's address, scheme, host and prefix."""
    return ProxyFix(CheckedPrefix(app), x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)
