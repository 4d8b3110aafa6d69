"""One server process of the tests: own session, ends with us, its words kept for the error message."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
PREFIX = "berth-test-"
LOOK_EVERY_S = 0.05
"""Whether a server is ready: to ask more often takes the time that it needs to start."""


class ServerDidNotStart(RuntimeError):
    """The server ended or stayed silent; the text holds its last words."""


class ServerProcess:
    """Start, wait until ready, stop, kill. A killed server may be started again."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self._command, self._log, self._environ, self._cwd = command, log, environ, cwd
        self._user, self._stop_signal = user, stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, ready: Callable[[], bool], limit_s: float = 20.0) -> None:
        """Start it and return when `ready` says so. Raises ServerDidNotStart."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                env=dict(self._environ) if self._environ is not None else None,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ends_with_parent(self._stop_signal),
                **as_user(self._user),
            )
        give_up_at = time.monotonic() + limit_s
        while not ready():
            if not self.is_running or time.monotonic() > give_up_at:
                self.kill()
                raise ServerDidNotStart(f"{self._command[0]}: {self.words()[-2000:]}")
            time.sleep(LOOK_EVERY_S)

    def words(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def stop(self, *, limit_s: float = 10.0) -> None:
        """Ask it to end, and make it end; harmless when it already has."""
        if not self.is_running or self._process is None:
            return
        self._process.send_signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(limit_s)
        self.kill()

    def wait(self, *, limit_s: float = 30.0) -> None:
        """Until it has ended by itself, or by somebody's signal."""
        assert self._process is not None, "not started"
        self._process.wait(limit_s)

    def kill(self) -> None:
        """End it at once, with everything in its process group."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def ends_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """On Linux, ask the kernel to signal the child when the thread that started it dies."""
    if not sys.platform.startswith("linux"):
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def as_user(name: str | None) -> dict[str, object]:
    """The arguments that make subprocess run a program as another user."""
    if name is None:
        return {}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def make_folder(kind: str) -> Path:
    """A short temporary folder (socket paths must stay under 108 characters) that names its owner's process.

    Folders of the same kind whose process is gone are removed: those of tests that were killed.
    """
    for stale in Path(tempfile.gettempdir()).glob(f"{PREFIX}{kind}-*-*"):
        owner = stale.name.removeprefix(f"{PREFIX}{kind}-").partition("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(stale, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-{os.getpid()}-"))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
