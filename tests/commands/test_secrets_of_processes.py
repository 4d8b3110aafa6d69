"""What each process of bin/run can see of the keys: in its environment, and in all of its memory."""

import base64
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import _services
import pytest
from _supervisor import Service

from tests.desk import key_pair, webhook_key_pair
from tests.servers.process import ServerProcess
from tests.servers.stack import free_port
from tests.servers.valkey import Valkey
from webapp.config import Settings
from webapp.heartbeats import Role, listen

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory through /proc"),
]

SECRETS = {
    "SECRET_KEY": "a signing key that is nowhere else",
    "CREDENTIAL_PRIVATE_KEYS": key_pair()[1],
    "WEBHOOK_PRIVATE_KEYS": webhook_key_pair()[1],
}
ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0
WITHOUT_NEW_CODE = """
import ctypes, os, sys
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""What MemoryDenyWriteExecute of the units asks of the kernel; no effect before Linux 6.3."""


@pytest.fixture
def services(settings: Settings, own_valkey: Valkey) -> dict[str, Service]:
    """Every process, as bin/run starts it."""
    environ = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | {
        "BERTH_ENV": "development",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": own_valkey.url,
        "CREDENTIAL_PUBLIC_KEY": key_pair()[0],
        "WEBHOOK_PUBLIC_KEY": webhook_key_pair()[0],
        **SECRETS,
    }
    python = Path(sys.executable)
    web = _services.web(python, environ, host="127.0.0.1", port=free_port())
    live = _services.live(python, environ, host="127.0.0.1", port=free_port())
    return {one.name: one for one in (web, live, *_services.workers(python, environ))}


def test_each_process_sees_only_its_own_secrets(
    services: dict[str, Service], own_valkey: Valkey, tmp_path: Path
) -> None:
    """And comes up where no memory becomes code, as in the units."""
    running = {name: _start(one, tmp_path) for name, one in services.items()}
    try:
        for process in running.values():
            process.start(ready=lambda: True)
        _wait_until_all_are_up(running, own_valkey, services["web"])

        seen = {name: _seen_by(process.pid) for name, process in running.items()}
    finally:
        for process in running.values():
            process.kill()

    assert seen == {
        "web": {"SECRET_KEY"},
        "worker-reconcile": {"CREDENTIAL_PRIVATE_KEYS"},
        "worker-ask": {"CREDENTIAL_PRIVATE_KEYS"},
        "worker-background": {"WEBHOOK_PRIVATE_KEYS"},
        "scheduler": set(),
        "live": set(),
    }


def test_where_no_memory_becomes_code_it_is_refused() -> None:
    program = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)"
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NEW_CODE, sys.executable, "-c", program],
        capture_output=True,
        text=True,
    )

    release = tuple(int(part) for part in platform.release().split(".")[:2])
    assert ("PermissionError" in done.stderr) is (release >= (6, 3))


def _start(service: Service, folder: Path) -> ServerProcess:
    return ServerProcess(
        [sys.executable, "-c", WITHOUT_NEW_CODE, *(str(part) for part in service.command)],
        log=folder / f"{service.name}.log",
        environ=service.environ,
        cwd=ROOT,
    )


def _wait_until_all_are_up(running: dict[str, ServerProcess], valkey: Valkey, web: Service) -> None:
    address = str(web.command[web.command.index("--bind") + 1])
    give_up_at = time.monotonic() + LIMIT_S
    while {beat.role for beat in listen(valkey.url).beats} != set(Role) or not _services.answers_http(
        f"http://{address}/healthz"
    ):
        words = {name: one.words()[-500:] for name, one in running.items()}
        assert time.monotonic() < give_up_at, words
        time.sleep(0.05)


def _seen_by(group: int) -> set[str]:
    """The secrets that are in the environment or the memory of a process of this group."""
    texts = list(_texts_of(group))
    return {
        name for name, value in SECRETS.items() for text in texts if any(p in text for p in _forms(value))
    }


def _forms(value: str) -> tuple[bytes, ...]:
    """As text, and as the bytes that a key is in use."""
    raw = () if " " in value else (base64.b64decode(value),)
    return (value.encode(), *raw)


def _texts_of(group: int) -> Iterator[bytes]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _group_of(entry) == group:
            yield (entry / "environ").read_bytes()
            yield from _memory_of(entry)


def _group_of(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:  # it has just ended
        return 0


def _memory_of(entry: Path) -> Iterator[bytes]:
    with (entry / "mem").open("rb", buffering=0) as memory:
        for line in (entry / "maps").read_text().splitlines():
            span, rights, *_ = line.split()
            start, end = (int(part, 16) for part in span.split("-"))
            # A secret is never in what a library's file maps read-only; some of the kernel's cannot be read.
            if rights.startswith("rw"):
                with suppress(OSError, OverflowError):
                    memory.seek(start)
                    yield memory.read(end - start)
