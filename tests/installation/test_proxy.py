"""docs/deploy/nginx.conf in front of the web server as production starts it."""

import http.client
import shutil
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import timedelta
from pathlib import Path
from socket import create_connection

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from tests.installation.release import Start
from tests.servers import nginx
from tests.servers.nginx import NAME, Nginx
from tests.servers.stack import free_port
from webapp.domain.clock import SystemClock
from webapp.domain.live_tickets import ticket_of
from webapp.domain.roles import CompanyRole, Role
from webapp.models import Company, User, UserSession

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(nginx.find() is None, reason="nginx is not installed: bin/test installs it"),
]

HALF_SENT = 60
PATIENCE_S = 8.0
"""Less than nginx gives a caller for the rest of a request."""


@pytest.fixture(scope="module")
def proxy(
    tmp_path_factory: pytest.TempPathFactory,
    migrated_sqlite: Path,
    for_web: dict[str, str],
    common: dict[str, str],
    start: Start,
) -> Iterator[Nginx]:
    settings = {**for_web, "TRUSTED_PROXIES": "1", "TRUSTED_HOSTS": NAME}
    shutil.copy(migrated_sqlite, common["DATABASE_URL"].removeprefix("sqlite:///"))
    upstream = free_port()
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
        ready=lambda: _is_served(upstream),
    )
    live = free_port()
    start("live", "--bind", f"127.0.0.1:{live}", settings=common, ready=lambda: _is_up(live))
    folder = tmp_path_factory.mktemp("nginx")
    made = Nginx(folder, port=free_port(), plain_port=free_port(), upstream_port=upstream, live_port=live)
    made.start()
    yield made
    made.stop()


def _is_up(port: int) -> bool:
    with suppress(OSError), create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False


def _is_served(port: int) -> bool:
    """gunicorn listens long before its first worker has loaded the pages."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    with suppress(OSError, http.client.HTTPException), closing(connection):
        connection.request("GET", "/healthz", headers={"Host": NAME})
        return connection.getresponse().status == 200
    return False


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


def test_a_change_passes_the_proxy_at_once(proxy: Nginx, common: dict[str, str]) -> None:
    """Long before the stream ends, and before anything could have filled a buffer."""
    database = create_engine(common["DATABASE_URL"])
    ticket = _sign_in(database)
    connection = http.client.HTTPSConnection(NAME, context=proxy.context, timeout=PATIENCE_S)
    connection.sock = _connect(proxy)
    connection.request("POST", "/live/events", f"{ticket}\nlists", {"Cookie": "__Host-berth=x"})
    answer = connection.getresponse()
    heard = [answer.readline() for _ in range(5)]

    with database.begin() as session:
        session.execute(text(POSTING))
    heard += [answer.readline()]
    connection.close()
    database.dispose()

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert heard == [b"retry: 2000\n", b"\n", b"event: lists\n", b"data: 0\n", b"\n", b"event: lists\n"]


POSTING = """INSERT INTO job_postings (company_id, title, location, description, status, created_at)
SELECT id, 'Analyst', '', '', 'open', CURRENT_TIMESTAMP FROM companies"""


def _sign_in(database: Engine) -> str:
    """A company, its person, a session as the web server makes it; its ticket."""
    now = SystemClock().now()
    with Session(database) as session, session.begin():
        company = Company(name="Quayside", created_at=now)
        person = User(
            email="provider@example.com",
            name="Provider",
            password_hash="",
            role=Role.PROVIDER,
            company_role=CompanyRole.OWNER,
            company=company,
            created_at=now,
        )
        session.add(person)
        session.flush()
        made = UserSession(
            token_hash="0" * 64,
            user_id=person.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=1),
        )
        session.add(made)
        session.flush()
        return ticket_of(made.id, made.token_hash)
