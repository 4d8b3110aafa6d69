"""docs/deploy/nginx.conf in front of the web server as production starts it."""

import http.client
import re
import shutil
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from socket import create_connection

import pytest
from sqlalchemy import create_engine, text

from live.streams import MOST_OF_A_PERSON
from tests.installation.release import Start
from tests.installation.signed_in import signed_in
from tests.servers import nginx
from tests.servers.nginx import NAME, Nginx
from tests.servers.stack import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(nginx.find() is None, reason="nginx is not installed: bin/test installs it"),
]

HALF_SENT, OPEN_PAGES = 60, 120
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


@pytest.mark.parametrize(
    ("method", "path", "length", "status"),
    [
        ("GET", "/sign-in", 0, 200),
        ("GET", "/nowhere", 0, 404),
        ("POST", "/live/events", 2, 401),
        ("POST", "/sign-in", 2_000_000, 413),
    ],
    ids=["a page", "an error", "live", "nginx itself"],
)
def test_every_answer_keeps_browsers_to_https_and_to_its_type(
    proxy: Nginx, method: str, path: str, length: int, status: int
) -> None:
    connection = http.client.HTTPSConnection(NAME, context=proxy.context, timeout=PATIENCE_S)
    connection.sock = _connect(proxy)
    connection.putrequest(method, path)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    if 0 < length < 10:
        connection.send(b"x" * length)
    answer = connection.getresponse()
    connection.close()

    assert answer.status == status
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000; includeSubDomains"]
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]


def test_the_log_of_the_proxy_has_no_link_of_a_mail_and_no_search(proxy: Nginx) -> None:
    paths = ("/password/new?link=single-use-canary", "/workspaces/?q=name-canary", "/calendar/canary.ics")
    _get(proxy, *paths, "/healthz")  # a request is logged when the next one on its connection is answered

    logged = proxy.access_log.read_text()
    assert '"GET /password/new" 410' in logged and '"GET /workspaces/" 302' in logged
    assert '"GET /calendar/" 404' in logged
    assert "canary" not in logged


@pytest.mark.parametrize("path", ["/api/workspaces/workspaces/", "/live/events"])
def test_a_program_that_calls_without_tls_is_refused_and_not_led_on(proxy: Nginx, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=PATIENCE_S)
    connection.request("GET", path, headers={"Host": NAME, "Authorization": "Bearer canary"})
    answer = connection.getresponse()
    connection.close()

    assert (answer.status, answer.headers["Location"]) == (403, None)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_is_new_and_its_ciphers_have_forward_secrecy(proxy: Nginx, version: ssl.TLSVersion) -> None:
    own = _context(proxy, version)

    with own.wrap_socket(create_connection(("127.0.0.1", proxy.port)), server_hostname=NAME) as wire:
        name, spoken, bits = wire.cipher() or ("", "", 0)

    assert spoken == wire_name(version)
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in nginx.SHIPPED.read_text(), (
        "whatever this host's own default is"
    )
    assert name.startswith(("TLS_AES", "TLS_CHACHA20", "ECDHE-")) and bits >= 128


@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        (ssl.TLSVersion.TLSv1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "AES128-SHA:AES256-SHA256:AES128-GCM-SHA256:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"),
    ],
    ids=["TLS 1.0", "TLS 1.1", "no forward secrecy", "CBC"],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_and_weak_ciphers_are_refused(proxy: Nginx, version: ssl.TLSVersion, ciphers: str) -> None:
    own = _context(proxy, version)
    own.set_ciphers(ciphers)

    with pytest.raises((ssl.SSLError, ConnectionError)):
        own.wrap_socket(create_connection(("127.0.0.1", proxy.port)), server_hostname=NAME)


def _context(proxy: Nginx, version: ssl.TLSVersion) -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.load_verify_locations(
        cadata="".join(map(ssl.DER_cert_to_PEM_cert, proxy.context.get_ca_certs(True)))
    )
    made.minimum_version = made.maximum_version = version
    return made


def wire_name(version: ssl.TLSVersion) -> str:
    return {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]


def _raw(proxy: Nginx, request: bytes) -> list[bytes]:
    """The status lines of all answers to what is sent as it is."""
    with _connect(proxy) as wire:
        wire.sendall(request)
        got = b""
        with suppress(OSError):
            while part := wire.recv(65_536):
                got += part
    return re.findall(rb"HTTP/1\.1 \d{3}", got)


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
    ],
    ids=["both", "unknown", "two lengths", "a sign"],
)
def test_a_request_whose_end_is_in_doubt_hides_no_second_one(proxy: Nginx, header: bytes) -> None:
    hidden = f"GET /healthz HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode()
    first = f"POST /sign-in HTTP/1.1\r\nHost: {NAME}\r\n".encode() + header + b"\r\n0\r\n\r\n"

    assert _raw(proxy, first + hidden) == [b"HTTP/1.1 400"] or _raw(proxy, first + hidden) == [
        b"HTTP/1.1 501"
    ]


def test_a_change_passes_the_proxy_at_once(proxy: Nginx, common: dict[str, str]) -> None:
    """Long before the stream ends, and before anything could have filled a buffer."""
    database = create_engine(common["DATABASE_URL"])
    ticket = signed_in(database)
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


def test_many_open_pages_of_one_address_leave_room_for_more(proxy: Nginx, common: dict[str, str]) -> None:
    """A company's people are behind one address: each open page holds a stream of its own."""
    database = create_engine(common["DATABASE_URL"])
    with ExitStack() as streams:
        for number in range(OPEN_PAGES):
            if number % MOST_OF_A_PERSON == 0:
                ticket = signed_in(database)
            connection = http.client.HTTPSConnection(NAME, context=proxy.context, timeout=PATIENCE_S)
            connection.sock = streams.enter_context(_connect(proxy))
            connection.request("POST", "/live/events", f"{ticket}\nlists")
            assert connection.getresponse().status == 200, number
        ((page, _),) = _get(proxy, "/sign-in")
    database.dispose()

    assert page.status == 200


POSTING = """INSERT INTO job_postings (company_id, title, location, description, status, created_at)
SELECT id, 'Analyst', '', '', 'open', CURRENT_TIMESTAMP FROM companies"""
