"""How Authlib reaches an issuer: on the public internet only, by HTTPS, no redirects, in limited time."""

import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from webapp.config import Settings
from webapp.domain.addresses import is_inside, split_url
from webapp.public_http import FAILURES, PublicHttp, code_of

LIMIT_S = 5.0
"""Of one request; an attempt makes two, and occupies a thread of the web server meanwhile."""
AT_ONCE = 4
"""Requests of this process to one address: a slow issuer does not take the threads of other companies."""
ALL_AT_ONCE = 6
"""To all of them: a process has eight threads."""
URL_LENGTH = 500


class NotReached(requests.RequestException):
    """With the reason as a code: those of `public_http.code_of`, `redirected`, `busy`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def address_problem(settings: Settings, url: str) -> str:
    """Why Berth would send nothing there, in words; empty if it would. A name is not resolved here."""
    parts = split_url(url, most=URL_LENGTH)
    host = (parts.hostname or "") if parts else ""
    is_local = host in settings.local_issuers
    if parts is None or parts.scheme not in ("https", *(("http",) if is_local else ())):
        return "It must be a full address that begins with https://."
    if parts.username or parts.password or parts.fragment:
        return "It must have no user name, no password and no “#”."
    if (parts.port or (443 if parts.scheme == "https" else 80)) not in settings.webhook_ports:
        return "Its port is not one to which Berth connects."
    if is_inside(host) and not is_local:
        return "It must be reachable from the public internet, not inside a private network."
    return ""


def open_session(settings: Settings, **client: Any) -> Any:
    """Authlib's `OAuth2Session`, which has no types, with `client`; each request passes the checks above."""
    session: Any = OAuth2Session(code_challenge_method="S256", **client)
    session.trust_env = False
    # No compression: a short answer must not become a long one.
    session.headers["Accept-Encoding"] = "identity"
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _PublicAdapter(settings))
    return session


class _PublicAdapter(BaseAdapter):
    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._http = PublicHttp(
            settings.webhook_ports, allowed=settings.local_issuers, limit_s=LIMIT_S, tls=_tls()
        )

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Whatever requests has read from the environment is not used. Raises NotReached."""
        url = request.url or ""
        if address_problem(self._settings, url):
            raise NotReached("address_refused")
        body = request.body.encode() if isinstance(request.body, str) else None
        headers = {name: str(value) for name, value in request.headers.items()}
        with _turn(url):
            try:
                answer = self._http.ask(request.method or "GET", url, headers=headers, body=body)
            except FAILURES as failure:
                raise NotReached(code_of(failure)) from None
        if 300 <= answer.status < 400:
            raise NotReached("redirected")
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status, url, request
        response.headers = CaseInsensitiveDict(answer.headers)
        response._content = answer.body
        return response

    def close(self) -> None: ...


_busy: Counter[str] = Counter()
_counting = threading.Lock()


@contextmanager
def _turn(url: str) -> Iterator[None]:
    with _counting:
        if _busy[url] >= AT_ONCE or _busy.total() >= ALL_AT_ONCE:
            raise NotReached("busy")
        _busy[url] += 1
    try:
        yield
    finally:
        with _counting:
            _busy[url] -= 1
            if not _busy[url]:
                del _busy[url]


@lru_cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
