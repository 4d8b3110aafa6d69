"""The whole of Berth, as `bin/run` starts it: for tests from end to end."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.process import ends_with_parent, make_folder

ROOT = Path(__file__).resolve().parents[2]


class Stack:
    """`with Stack() as stack: urlopen(stack.url)`: a real bin/run on data of its own."""

    def __init__(self, *arguments: str, port: int | None = None) -> None:
        self.folder = make_folder("stack")
        self.port = port or free_port()
        self._arguments = arguments
        self._log = self.folder / "console.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def home(self) -> Path:
        return self.folder / "data"

    @property
    def person_home(self) -> Path:
        """The HOME of every process; it is not there, and nothing should make it."""
        return self.folder / "no-home"

    def start(self, *, limit_s: float = 240.0) -> Self:
        """Start it and wait for its /healthz. A second start goes on with the same data.

        Only the last start's console is kept.
        """
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, ROOT / "bin" / "run", "--port", str(self.port), *self._arguments],
                env=_environ() | {"BERTH_HOME": str(self.home), "HOME": str(self.person_home)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGTERM),
            )
        give_up_at = time.monotonic() + limit_s
        while "Berth is ready" not in self.console():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                raise AssertionError(f"bin/run did not come up:\n{self.console()}\n{self.logs()}")
            time.sleep(0.05)
        return self

    def console(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def demo_password(self) -> str:
        """Of the demo's people, as the console shows it."""
        return self.console().partition("password: ")[2].split()[0]

    def logs(self) -> str:
        """The last words of every part."""
        parts = sorted((self.home / "log").glob("*.log"))
        return "\n".join(f"--- {part.name}\n{part.read_text(errors='replace')[-1500:]}" for part in parts)

    def get(self, path: str) -> tuple[int, str]:
        """The status and the text of a page, without following it anywhere else."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def health(self) -> dict[str, object]:
        status, text = self.get("/healthz")
        assert status == 200, text
        return json.loads(text)

    def processes(self) -> set[int]:
        """Every living process that works on this stack's data, found by its environment (Linux)."""
        mark = f"BERTH_HOME={self.home}".encode()
        return {int(entry.name) for entry in Path("/proc").iterdir() if _has(entry, mark)}

    def setting(self, name: str) -> str:
        """An environment variable that its processes were started with (Linux)."""
        mark = f"{name}=".encode()
        for pid in self.processes():
            with suppress(OSError):
                for line in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    if line.startswith(mark):
                        return line.removeprefix(mark).decode()
        raise AssertionError(f"no process has {name}")

    def children(self) -> set[int]:
        """The processes that bin/run itself started (Linux); also those that rewrite their environment."""
        assert self._process is not None, "not started"
        return {pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_child(pid)}

    def _is_child(self, pid: int) -> bool:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return False
        return self._process is not None and int(fields[1]) == self._process.pid

    def signal(self, number: signal.Signals) -> int:
        """Send bin/run a signal and wait for its end; its exit code."""
        assert self._process is not None, "not started"
        self._process.send_signal(number)
        return self._process.wait(60)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environ() -> dict[str, str]:
    """Nothing of the tests' own settings reaches the command."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "BERTH_", "PYTEST_", "CREDENTIAL_", "WEBHOOK_"))
        and name not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORT", "TRUSTED_HOSTS")
    }


def _has(entry: Path, mark: bytes) -> bool:
    if not entry.name.isdigit():
        return False
    try:
        return (
            mark in (entry / "environ").read_bytes().split(b"\0")
            and b"Z" not in ((entry / "stat").read_bytes().rpartition(b")")[2].split()[:1])
        )
    except OSError:
        return False
