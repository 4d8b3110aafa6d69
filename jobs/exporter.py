"""`python -m jobs.exporter`: /metrics of a host that has workers and no web server.

A separate process: workers fork, so they must have no threads, and must open no port with a private key.
Without a token and a certificate it answers only on this machine.
"""

import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from webapp import logging as berth_logging
from webapp import metrics
from webapp.config import Settings
from webapp.database import make_engine, read_only_transactions
from webapp.domain.clock import SystemClock
from webapp.services.gauges import gauges

CALLER_TIMEOUT_S = 10


def main() -> int:
    settings = Settings.from_env(process="scheduler")
    if settings.metrics.port is None:
        print("Berth cannot start: BERTH_METRICS_PORT is missing.", file=sys.stderr)
        return 2
    berth_logging.configure(settings.log_level)
    with make_server(settings, settings.metrics.port) as server:
        server.serve_forever()
    return 0


def make_server(settings: Settings, port: int) -> ThreadingHTTPServer:
    """A listening server; on all addresses only if a token is required, and TLS keeps it secret."""
    database = make_engine(settings.database_url)

    class Handler(_Handler):
        def measure(self) -> bytes:
            return _measure(settings, database)

        def may_read(self) -> bool:
            token = settings.metrics.token
            return not token or metrics.is_token(self.headers.get("Authorization", ""), token)

    certificate = settings.metrics.certificate
    address = "0.0.0.0" if settings.metrics.token and certificate else "127.0.0.1"
    server = ThreadingHTTPServer((address, port), Handler)
    if certificate:
        protected = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        protected.load_cert_chain(certificate)
        # A caller's own thread shakes hands, so that one who never does keeps nobody waiting.
        server.socket = protected.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def _measure(settings: Settings, database: Engine) -> bytes:
    with read_only_transactions(), Session(database) as session:
        return metrics.exposition(gauges(session, settings.redis_url, SystemClock().now()))


class _Handler(BaseHTTPRequestHandler):
    timeout = CALLER_TIMEOUT_S

    def measure(self) -> bytes:
        raise NotImplementedError

    def may_read(self) -> bool:
        raise NotImplementedError

    def do_GET(self) -> None:
        if self.path != "/metrics":
            self._answer(404, b"Page not found.\n")
        elif not self.may_read():
            self._answer(401, b"A token is required.\n")
        else:
            self._answer(200, self.measure(), metrics.CONTENT_TYPE)

    def _answer(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "berth"

    def log_message(self, format: str, *arguments: object) -> None:
        """Scraped all the time, so not worth a log line."""


if __name__ == "__main__":
    sys.exit(main())
