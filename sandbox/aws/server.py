"""The loopback server: sockets and threads around the dispatch. Bound to this machine only.

`start()` runs it in a thread, for tests; `python -m sandbox.aws` runs it as a process.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.aws import admin
from sandbox.aws.accounts import add_demo_account
from sandbox.aws.call import World
from sandbox.aws.dispatch import HttpRequest, perform, receive
from sandbox.aws.errors import ControlError
from sandbox.aws.wire import Reply
from sandbox.control import Sandbox

CONTROL_PREFIX = "/_sandbox/"
MAX_BODY = 2 * 1024 * 1024
_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
_LOOPBACK_NAMES = ("127.0.0.1", "localhost")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], world: World, *, demo: bool, quiet: bool) -> None:
        self.world = world
        self.demo = demo
        self.quiet = quiet
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to tell; everything else is a bug worth its traceback."""
        if not self.stopping.is_set() and not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        """End kept-alive connections too: a stopped server must not answer any more."""
        with self._open_lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    disable_nagle_algorithm = True
    wbufsize = -1
    """Buffered, so that head and body leave in one segment."""

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_DELETE = do_GET

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
        world = self.server.world
        plan = receive(world, HttpRequest(self.command, self.path, headers, body))
        if plan.wait_s:
            self.server.stopping.wait(plan.wait_s)
        if self.server.stopping.is_set():
            plan.reply = Reply(0, b"", "", drop=True)
        reply = plan.reply or perform(world, plan)
        self._log(
            f"{plan.protocol.service} {plan.operation or '-'} {'dropped' if reply.drop else reply.status}"
        )
        self._send(reply)

    def _control(self, body: bytes) -> None:
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host not in _LOOPBACK_NAMES:  # a page in a browser must not reach this by a name of its own
            self._send(_json(403, {"error": "the control API is for loopback names only"}))
            return
        try:
            value = json.loads(body) if body else {}
            result = admin.handle(
                self.server.world,
                method=self.command,
                target=self.path[len(CONTROL_PREFIX) :],
                body=value,
                demo=self.server.demo,
            )
            self._send(_json(200, result))
        except (ControlError, ValueError, KeyError, TypeError) as error:
            self._send(_json(400, {"error": f"{type(error).__name__}: {error}"}))

    def _send(self, reply: Reply) -> None:
        if reply.drop:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.truncate else reply.body)
        self.close_connection = self.close_connection or reply.truncate

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the dispatch's own line says more."""

    def _log(self, line: str) -> None:
        if not self.server.quiet:
            print(f"sandbox: {line}", file=sys.stderr, flush=True)


def _json(status: int, value: Any) -> Reply:
    return Reply(status, json.dumps(value).encode(), "application/json")


@dataclass(slots=True)
class Handle:
    """A running sandbox."""

    url: str
    control: Sandbox
    world: World
    _server: _Server
    _thread: threading.Thread

    def stop(self) -> None:
        """Answer nobody any more and close the state file. May be called twice."""
        if self._server.stopping.is_set():
            return
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self._thread.join(timeout=5)
        self.world.store.close()

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    port: int = 0,
    state: str | None = None,
    *,
    speed: float | None = 0.0,
    demo: bool = True,
    host: str = "127.0.0.1",
    quiet: bool = True,
    real: Callable[[], float] = time.time,
) -> Handle:
    """A sandbox in a thread of this process.

    `port` 0 takes a free one. `state` is the SQLite file that remembers everything (None: memory only).
    `speed` is simulated seconds in a real one; 0 stands still until the control API moves it; None keeps what
    the file remembers (60 in a new one). `real` is the clock of the callers' signatures and of the rate
    limits, in seconds since 1970: a test whose processes all run on a clock of its own hands that one in.

    Raises ValueError for any address but loopback, OSError for a busy port.
    """
    if ipaddress.ip_address(host) not in _LOOPBACK:
        raise ValueError(f"the sandbox listens on 127.0.0.0/8 only, not on {host}")
    if speed is not None and speed < 0:
        raise ValueError("speed must not be negative")
    world = World(state=state, speed=speed, real=real)
    try:
        server = _Server((host, port), world, demo=demo, quiet=quiet)
    except OSError:
        world.store.close()
        raise
    if demo:
        with world.store.transaction():
            if world.store.one("SELECT 1 FROM account") is None:
                add_demo_account(world.accounts, now=world.clock.now())
    url = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return Handle(url, Sandbox(url), world, server, thread)
