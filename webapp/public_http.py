"""Requests to addresses that companies give: never into our own network, in limited time, without redirects.

The name is resolved here, every address is checked, and the connection goes to one of those: what the
name resolves to a moment later does not matter. Proxies are not used.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from webapp.domain.addresses import is_public

MOST_BYTES = 256 * 1024
"""Of an answer that is read."""


class Refused(Exception):
    """`port_refused`: nothing is sent there. `address_refused`: the name leads into some private network.
    `answer_too_large`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


FAILURES = (Refused, OSError, http.client.HTTPException, ValueError)
"""What a request may raise; `code_of` has its code."""


def code_of(failure: Exception) -> str:
    """Those of `Refused`, or `not_found`, `timed_out`, `tls`, `unreachable`."""
    match failure:
        case Refused():
            return failure.code
        case socket.gaierror():
            return "not_found"
        case TimeoutError():
            return "timed_out"
        case ssl.SSLError():
            return "tls"
        case _:
            return "unreachable"


def _addresses_of(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublicHttp:
    ports: frozenset[int]
    allowed: frozenset[str] = frozenset()
    """Local addresses that may be reached all the same; empty in production."""
    look_up: Callable[[str, int], list[str]] = _addresses_of
    limit_s: float = 10.0
    """For the whole request, without the resolution of the name."""
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def ask(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """With the body, up to MOST_BYTES. Raises FAILURES; a redirect is an answer like others."""
        with self.connected(url) as (connection, target):
            connection.request(method, target, body=body, headers=dict(headers))
            response = connection.getresponse()
            read = response.read(MOST_BYTES + 1)
            if len(read) > MOST_BYTES:
                raise Refused("answer_too_large")
            return Answer(response.status, dict(response.getheaders()), read)

    @contextmanager
    def connected(self, url: str) -> Iterator[tuple[http.client.HTTPConnection, str]]:
        """An open connection to a checked address, and what to ask it for. Raises FAILURES."""
        parts = urlsplit(url)
        is_tls, host = parts.scheme == "https", parts.hostname or ""
        port = parts.port or (443 if is_tls else 80)
        if port not in self.ports:
            raise Refused("port_refused")
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
                yield connection, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _checked_address(self, host: str, port: int) -> str:
        addresses = self.look_up(host, port)
        if not addresses or not all(one in self.allowed or is_public(one) for one in addresses):
            raise Refused("address_refused")
        return addresses[0]


@contextmanager
def hung_up_after(limit_s: float, wire: Callable[[], socket.socket | None]) -> Iterator[None]:
    """A limit for a whole conversation: a socket's own time-out begins again with each byte."""

    def hang_up() -> None:
        with suppress(OSError):
            if (found := wire()) is not None:
                found.shutdown(socket.SHUT_RDWR)

    alarm = threading.Timer(limit_s, hang_up)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
