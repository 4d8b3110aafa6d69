"""The loopback server: sockets and threads around a simulated cloud. It accepts local connections only."""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import quote

from sandbox.errors import ControlError
from sandbox.wire import HttpRequest, Plan, Reply, json_reply, no_answer

CONTROL_PREFIX = "/_sandbox/"
MAX_BODY = 2 * 1024 * 1024
CONTROL_HEADER = "X-Sandbox-Control"
"""With JSON, the proof that no page of a browser sent it: neither passes to another origin unasked."""
_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
_LOOPBACK_NAMES = ("127.0.0.1", "localhost")
_PLAIN = "".join(map(chr, range(128)))
"""What stands in a header as it is: all of ASCII."""


class Cloud(Protocol):
    """What the server needs from a cloud. The cloud knows nothing of sockets."""

    def receive(self, request: HttpRequest) -> Plan:
        """Check a call. Either the plan contains its reply, or the server calls `perform` after the wait."""
        ...

    def perform(self, plan: Plan) -> Reply:
        """Execute the call and record it in the ledger."""
        ...

    def control(self, *, method: str, target: str, body: Any) -> Any:
        """Handle one control request. Raises ControlError, KeyError, TypeError or ValueError."""
        ...

    def name_of(self, plan: Plan) -> str:
        """The name of the call in the server's own log."""
        ...


def check_address(host: str, speed: float | None) -> None:
    """Raises ValueError for an address outside loopback or a negative speed."""
    if ipaddress.ip_address(host) not in _LOOPBACK:
        raise ValueError(f"the sandbox listens on 127.0.0.0/8 only, not on {host}")
    if speed is not None and speed < 0:
        raise ValueError("speed must not be negative")


class LoopbackServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], cloud: Cloud, *, quiet: bool, context: ssl.SSLContext | None = None
    ) -> None:
        """With a `context`, the server uses TLS."""
        self.cloud = cloud
        self.quiet = quiet
        self.stopping = threading.Event()
        self._context = context
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> bool:
        """Stop serving. False if it was already stopped."""
        if self.stopping.is_set():
            return False
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._close_connections()
        self._thread.join(timeout=5)
        return True

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._context is not None:
            # The connection's own thread performs the handshake, at its first read.
            connection = self._context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect; everything else is a bug and gets a traceback."""
        if not self.stopping.is_set() and not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def _close_connections(self) -> None:
        """Close kept-alive connections too: a stopped server must not respond."""
        with self._open_lock:
            for one in self._open:
                with suppress(OSError):
                    socket.socket.shutdown(one, socket.SHUT_RDWR)


class _Drip:
    """Sends a response byte by byte, until the reader disconnects."""

    def __init__(self, wire: Any, wait: Callable[[], object]) -> None:
        self._wire, self._wait = wire, wait
        self.closed = False

    def write(self, data: bytes) -> int:
        with suppress(OSError):
            for place in range(len(data)):
                self._wait()
                self._wire.write(data[place : place + 1])
                self._wire.flush()
        return len(data)

    def flush(self) -> None:
        """Each byte has already been sent."""

    def close(self) -> None:
        self.closed = True
        with suppress(OSError):
            self._wire.close()


class _Handler(BaseHTTPRequestHandler):
    server: LoopbackServer  # pyright: ignore[reportIncompatibleVariableOverride]  # only LoopbackServer creates it
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    disable_nagle_algorithm = True
    wbufsize = -1
    """Buffered, so that head and body are sent in one segment."""

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_GET

    def _handle(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        if self.path.startswith(CONTROL_PREFIX):
            self._control(body)
        else:
            self._cloud(body)

    def _cloud(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        cloud = self.server.cloud
        plan = cloud.receive(HttpRequest(self.command, self.path, headers, body))
        if plan.wait_s:
            self.server.stopping.wait(plan.wait_s)
        if self.server.stopping.is_set():
            plan.reply = no_answer()
        reply = plan.reply or cloud.perform(plan)
        self._log(f"{cloud.name_of(plan)} {'dropped' if reply.drop else reply.status}")
        self._send(reply)

    def _control(self, body: bytes) -> None:
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host not in _LOOPBACK_NAMES:  # DNS rebinding: a web page has its own host name
            self._send(json_reply(403, {"error": "the control API is for loopback names only"}))
            return
        is_json = self.headers.get_content_type() == "application/json"
        if self.command not in ("GET", "HEAD") and not (is_json and CONTROL_HEADER in self.headers):
            reason = f"send JSON as application/json, with the header {CONTROL_HEADER}: 1"
            self._send(json_reply(403, {"error": reason}))
            return
        try:
            value = json.loads(body) if body else {}
            target = self.path[len(CONTROL_PREFIX) :]
            result = self.server.cloud.control(method=self.command, target=target, body=value)
            self._send(json_reply(200, result))
        except (ControlError, ValueError, KeyError, TypeError) as error:
            self._send(json_reply(400, {"error": f"{type(error).__name__}: {error}"}))

    def _send(self, reply: Reply) -> None:
        if reply.drop:
            self.close_connection = True
            with suppress(OSError):
                socket.socket.shutdown(self.connection, socket.SHUT_RDWR)
            return
        if reply.drip_s:
            self.close_connection = True
            self.wfile = _Drip(self.wfile, lambda: self.server.stopping.wait(reply.drip_s))
        self.send_response_only(reply.status)
        self.send_header("Server", self.version_string())
        if "Date" not in reply.headers:  # a cloud may send its own, simulated time
            self.send_header("Date", self.date_time_string())
        if reply.content_type:
            self.send_header("Content-Type", reply.content_type)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, quote(value, safe=_PLAIN))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.truncate else reply.body)
        self.close_connection = self.close_connection or reply.truncate

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the cloud's own log line says more."""

    def _log(self, line: str) -> None:
        if not self.server.quiet:
            print(f"sandbox: {line}", file=sys.stderr, flush=True)
