"""Starting processes so that they stop with us, and finding what they left behind."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

PR_SET_PDEATHSIG = 1


def ends_with_parent() -> Callable[[], None] | None:
    """What a child does before exec: on Linux, request SIGTERM when its parent dies.

    The kernel watches the *thread* that started the child, so start children from the main thread.
    """
    if not sys.platform.startswith("linux"):
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return ask


def start(
    command: list[str | Path],
    *,
    environ: Mapping[str, str],
    cwd: Path,
    log: Path,
    answer: Path | None = None,
    keep: Iterable[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start `command` in its own session, so that Ctrl-C reaches only us.

    Its output is appended to `log`, which may be truncated (docs/evidence/reliability.md#log-rotation); with
    `answer`, its standard output goes there instead.
    """
    with log.open("ab") as errors, (answer or log).open("ab") as output:
        return subprocess.Popen(
            command,
            env=dict(environ),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
            pass_fds=tuple(keep),
            preexec_fn=ends_with_parent(),
        )


def session_members(sessions: set[int]) -> set[int]:
    """The live processes of these sessions: our children and everything they started.

    A worker's child leaves its process group but not its session, so groups would not be enough.
    """
    if not Path("/proc/self/stat").exists():
        return _descendants(sessions)
    members = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _session_of(entry) in sessions:
            members.add(int(entry.name))
    return members


def _session_of(entry: Path) -> int | None:
    try:
        # After the name, which may contain anything but ends at the last ")": state ppid pgrp session
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[3])


def _descendants(roots: set[int]) -> set[int]:
    """The same without /proc (macOS): parents and groups as ps reports them."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,pgid="], capture_output=True, text=True).stdout
    rows = [tuple(int(field) for field in line.split()) for line in listing.splitlines()]
    found = {pid for pid, _, group in rows if pid in roots or group in roots}
    while more := {pid for pid, parent, _ in rows if parent in found} - found:
        found |= more
    return found


def kill(pids: Iterable[int], number: signal.Signals = signal.SIGKILL) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
