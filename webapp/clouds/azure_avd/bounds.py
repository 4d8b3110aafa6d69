"""A time limit for a request's whole response.

A socket timeout restarts with each byte, so a response that trickles in could block a worker for ever.
An alarm shuts the connection down instead, as `engine/posting.py` does; under requests the socket has to be
caught where urllib3 creates it. Only the name resolution is not limited here.
"""

import socket
import threading
import weakref
from contextlib import suppress
from typing import Any

from azure.core.exceptions import AzureError, ServiceResponseTimeoutError
from azure.core.pipeline.transport import RequestsTransport
from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPSConnection


class Lines:
    """The open connections of one transport, each by a second handle that TLS does not take away."""

    def __init__(self) -> None:
        self._handles: weakref.WeakKeyDictionary[HTTPSConnection, socket.socket] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self.is_hung_up = False

    def add(self, connection: HTTPSConnection, wire: socket.socket) -> None:
        handle = wire.dup()
        weakref.finalize(connection, handle.close)
        with self._lock:
            self._handles[connection] = handle
            if self.is_hung_up:
                _shut(handle)

    def hang_up(self) -> None:
        """All of them: one request is under way at a time, and an idle connection is made again."""
        with self._lock:
            self.is_hung_up = True
            for handle in self._handles.values():
                _shut(handle)

    def tidy(self) -> None:
        """Drop what the pool has closed."""
        with self._lock:
            for connection in [one for one in self._handles if one.sock is None]:
                self._handles.pop(connection).close()


class BoundedTransport(RequestsTransport):
    """azure-core's own, whose requests are over after connect and read time-out together."""

    def __init__(
        self, *, connect_s: float, read_s: float, verify: str | bool, use_env_settings: bool
    ) -> None:
        self._lines = Lines()
        session = Session()
        session.trust_env = use_env_settings
        session.mount("https://", _Adapter(self._lines))
        super().__init__(
            session=session,
            connection_timeout=connect_s,
            read_timeout=read_s,
            connection_verify=verify,
            use_env_settings=use_env_settings,
        )

    def send(self, request: Any, **named: Any) -> Any:
        """Raises what azure-core raises; ServiceResponseTimeoutError for what is not over in time."""
        named.pop("stream", None)  # what is read later would be read without a bound
        config = self.connection_config
        limit_s = config.timeout + named.get("read_timeout", config.read_timeout)
        lines = self._lines
        lines.is_hung_up = False
        alarm = threading.Timer(limit_s, lines.hang_up)
        alarm.start()
        try:
            answer = super().send(request, **named)
        except AzureError as error:
            if lines.is_hung_up:
                raise _not_in_time(error) from error
            raise
        finally:
            alarm.cancel()
            lines.tidy()
        if lines.is_hung_up:  # it may be cut short
            raise _not_in_time()
        return answer


class _Adapter(HTTPAdapter):
    """Without retries, as it comes."""

    def __init__(self, lines: Lines) -> None:
        self._classes = _pool_classes(lines)
        super().__init__()

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = self._classes

    def proxy_manager_for(self, proxy: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = self._classes
        return manager


def _pool_classes(lines: Lines) -> dict[str, type[HTTPConnectionPool]]:
    class Connection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            with suppress(OSError):  # urllib3 tells of it in its own words
                # It tries every address of the name, each with the whole time-out.
                addresses = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
                if isinstance(self.timeout, (int, float)):
                    self.timeout = self.timeout / len(addresses)
            wire = super()._new_conn()
            lines.add(self, wire)
            return wire

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection  # pyright: ignore[reportAssignmentType]  # urllib3 does the same

    return {"http": HTTPConnectionPool, "https": Pool}


def _not_in_time(error: AzureError | None = None) -> ServiceResponseTimeoutError:
    return ServiceResponseTimeoutError("the answer did not end in time", error=error)


def _shut(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
