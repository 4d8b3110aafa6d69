"""docs/deploy/nginx.conf in front of the web server as production starts it."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from socket import create_connection

import pytest

from tests.installation.release import Release, Start
from tests.servers import nginx
from tests.servers.nginx import NAME, Nginx
from tests.servers.stack import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(nginx.find() is None, reason="nginx is not installed: bin/test installs it"),
]

HALF_SENT = 60
PATIENCE_S = 8.0
"""Less than nginx gives a caller for the rest of a request."""


@pytest.fixture
def proxy(tmp_path: Path, release: Release, for_web: dict[str, str], start: Start) -> Iterator[Nginx]:
    settings = {**for_web, "TRUSTED_PROXIES": "1", "TRUSTED_HOSTS": NAME}
    release.run("-m", "flask", "--app", "wsgi", "db", "upgrade", settings=settings)
    upstream = free_port()

    def is_up() -> bool:
        with suppress(OSError), create_connection(("127.0.0.1", upstream), timeout=0.2):
            return True
        return False

    start(
        "gunicorn",
        "--bind",
        f"127.0.0.1:{upstream}",
        "--worker-class",
        "gthread",
        "--threads",
        "8",
        "--workers",
        "2",
        "wsgi:app",
        settings=settings,
        ready=is_up,
    )
    made = Nginx(tmp_path, port=free_port(), plain_port=free_port(), upstream_port=upstream)
    made.start()
    yield made
    made.stop()


def _connect(proxy: Nginx) -> ssl.SSLSocket:
    return proxy.context.wrap_socket(
        create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_S), server_hostname=NAME
    )


def _get(proxy: Nginx, *targets: str) -> list[tuple[http.client.HTTPResponse, str]]:
    """All over one connection."""
    connection = http.client.HTTPSConnection(NAME, context=proxy.context, timeout=PATIENCE_S)
    connection.sock = _connect(proxy)
    answers = []
    for target in targets:
        connection.request("GET", target)
        answer = connection.getresponse()
        answers.append((answer, answer.read().decode()))
    connection.close()
    return answers


def test_pages_are_served_while_sixty_callers_never_finish_their_requests(proxy: Nginx) -> None:
    with ExitStack() as half_sent:
        for number in range(HALF_SENT):
            caller = half_sent.enter_context(_connect(proxy))
            length = "Content-Length: 100\r\n\r\nhalf a" if number % 2 else ""
            caller.sendall(f"POST /sign-in HTTP/1.1\r\nHost: {NAME}\r\n{length}".encode())

        (health, _), (page, text), (away, _) = _get(proxy, "/healthz", "/sign-in", "/workspaces/")

    assert (health.status, page.status, away.status) == (200, 200, 302)
    assert "Sign in" in text
    assert page.headers["Set-Cookie"].startswith("__Host-"), "it knows that people use HTTPS"
    assert "nginx/" not in page.headers["Server"]

    plain = http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=PATIENCE_S)
    plain.request("GET", "/workspaces/?q=a", headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/workspaces/?q=a")
    plain.close()
