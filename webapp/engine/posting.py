"""One POST to a company's URL: never into our own network, with a time limit, reading only the status.

The name is resolved here, every address is checked, and the connection goes to one of those: what the
name resolves to a moment later does not matter. Redirects and proxies are not used. Only the status of the
response is read, so that nothing from an internal address can leak.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from webapp.domain.addresses import is_public
from webapp.engine.outbox import hung_up_after

LIMIT_S = 10.0
"""Limit for the whole request; a slower receiver should accept the message and work later."""


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int | None = None
    """The HTTP status; None if there was no response."""
    error: str | None = None
    """Our error code: `address_refused`, `port_refused`, `not_found`, `timed_out`, `tls`, `unreachable`."""
    took_ms: int = 0

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def _addresses_of(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True)
class Poster:
    ports: frozenset[int]
    allowed: frozenset[str] = frozenset()
    """Local addresses that tests listen on; empty in production."""
    look_up: Callable[[str, int], list[str]] = _addresses_of
    limit_s: float = LIMIT_S
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def post(self, url: str, *, headers: dict[str, str], body: bytes) -> Outcome:
        """Never raises; takes at most `limit_s` plus the name resolution."""
        started_s = time.monotonic()
        try:
            outcome = Outcome(status=self._post(url, headers, body))
        except _Refused as refused:
            outcome = Outcome(error=refused.code)
        except socket.gaierror:
            outcome = Outcome(error="not_found")
        except TimeoutError:
            outcome = Outcome(error="timed_out")
        except ssl.SSLError:
            outcome = Outcome(error="tls")
        except (OSError, http.client.HTTPException, ValueError):
            outcome = Outcome(error="unreachable")
        took_s = time.monotonic() - started_s
        if outcome.status is None and outcome.error in ("unreachable", "tls") and took_s >= self.limit_s:
            outcome = Outcome(error="timed_out")
        return Outcome(outcome.status, outcome.error, round(took_s * 1000))

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        parts = urlsplit(url)
        is_tls, host = parts.scheme == "https", parts.hostname or ""
        port = parts.port or (443 if is_tls else 80)
        if port not in self.ports:
            raise _Refused("port_refused")
        address = self._checked_address(host, port)
        kind = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
        with closing(socket.create_connection((address, port), timeout=self.limit_s)) as plain:
            wire = plain
            if is_tls:
                wire = self.tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
            connection = kind(host, port)
            connection.sock = wire
            with closing(connection), hung_up_after(self.limit_s, lambda: wire):
                if isinstance(wire, ssl.SSLSocket):
                    wire.do_handshake()
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("POST", target, body=body, headers=headers)
                return connection.getresponse().status

    def _checked_address(self, host: str, port: int) -> str:
        addresses = self.look_up(host, port)
        if not addresses or not all(one in self.allowed or is_public(one) for one in addresses):
            raise _Refused("address_refused")
        return addresses[0]


class _Refused(Exception):
    """Nothing is sent to this port, or an address of the name is not on the public internet."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
