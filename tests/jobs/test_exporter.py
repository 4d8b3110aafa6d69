"""Metrics of web, workers and forked jobs add up; a host without a web server shows its own."""

import json
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from jobs.exporter import make_server
from tests.servers.stack import Stack
from webapp.config import Settings
from webapp.metrics_settings import MetricsSettings

TOKEN = "a token of at least thirty-two characters"


@contextmanager
def exporter(settings: Settings) -> Iterator[str]:
    with make_server(settings, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            scheme = "https" if settings.metrics.certificate else "http"
            yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def ask(url: str, token: str = "", *, trusting: ssl.SSLContext | None = None) -> tuple[int, str]:
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(asked, timeout=10, context=trusting) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_host_of_workers_shows_its_metrics_to_itself(settings: Settings) -> None:
    with make_server(settings, 0) as server:
        assert server.server_address[0] == "127.0.0.1"
    with exporter(settings) as url:
        assert ask(f"{url}/metrics")[0] == 200
        assert 'berth_workspaces{state="PENDING"} 0.0' in ask(f"{url}/metrics")[1]
        assert ask(f"{url}/")[0] == 404


def test_with_a_token_it_shows_them_to_whoever_has_it(settings: Settings) -> None:
    guarded = replace(settings, metrics=MetricsSettings(TOKEN))
    with exporter(guarded) as url:
        assert [ask(f"{url}/metrics", token)[0] for token in ("", "wrong", TOKEN)] == [401, 401, 200]


def test_others_on_the_network_are_answered_under_tls_only(settings: Settings, tmp_path: Path) -> None:
    authority, trusting = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusting)
    certificate = tmp_path / "exporter.pem"
    certificate.write_bytes(authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.bytes())
    with make_server(replace(settings, metrics=MetricsSettings(TOKEN)), 0) as server:
        assert server.server_address[0] == "127.0.0.1", "a token in the clear stays on this machine"
    guarded = replace(settings, metrics=MetricsSettings(TOKEN, certificate=str(certificate)))

    with make_server(guarded, 0) as server:
        assert server.server_address[0] == "0.0.0.0"
    with exporter(guarded) as url, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))):
        assert [ask(f"{url}/metrics", one, trusting=trusting)[0] for one in ("", TOKEN)] == [401, 200]
        with pytest.raises(OSError):
            ask(f"{url}/metrics".replace("https:", "http:"), TOKEN)
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            ask(f"{url}/metrics", TOKEN)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bin/run as the tests start it")
def test_the_web_shows_what_the_workers_counted_and_jobs_leave_no_files_behind(running_stack: Stack) -> None:
    """The demo's key is tested and its bundles are read by forked jobs of the worker for questions."""
    stack, give_up_at = running_stack, time.monotonic() + 90
    while _jobs(found := stack.get("/metrics")[1]) < 2:
        assert time.monotonic() < give_up_at, found
        time.sleep(0.1)
    files = sorted(path.name for path in (stack.home / "metrics").iterdir())
    status, said = stack.get("/readyz")

    assert 'operation="DescribeWorkspaceBundles",outcome="ok"' in found
    assert 'berth_http_request_duration_seconds_count{endpoint="health.show"' in found
    # One for each worker, however many jobs it has run.
    assert len([name for name in files if "-job" in name and name.startswith("counter")]) <= 3, files
    assert (status, json.loads(said)["status"]) == (200, "ready"), said


def _jobs(text: str) -> float:
    wanted = 'berth_jobs_total{job="jobs.answer",outcome="done"} '
    return sum(float(line.removeprefix(wanted)) for line in text.splitlines() if line.startswith(wanted))
