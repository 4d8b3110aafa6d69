"""The worker processes of a world: started, watched, killed, stopped, started again."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.crash.harness import points
from tests.crash.harness.points import Blow
from tests.servers.process import ends_with_parent

ROOT = Path(__file__).resolve().parents[3]
MARK = "BERTH_CRASH_WORLD"
"""In the environment of every process of a world: nothing of it outlives the world."""


class Workers:
    """One process a name. A name is a role ("reconcile", "ask", "schedule") and a number."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._skews: dict[str, float] = {}
        self._pids: dict[str, int] = {}
        self._orphans: set[int] = set()
        self._stopped: set[int] = set()
        for name in ("log", "points", "taken"):
            (folder / name).mkdir()
        with (folder / "log" / "nursery.log").open("ab") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.harness.nursery", str(folder)],
                cwd=ROOT,
                env={**environ, MARK: str(folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGKILL),
            )
        assert self._answer() == "ready", (folder / "log" / "nursery.log").read_text()

    def _answer(self) -> str:
        assert self._nursery.stdout is not None
        return self._nursery.stdout.readline().strip()

    def start(self, name: str, *, skew_s: float = 0.0) -> int:
        """Bring a worker up; its process number."""
        assert self._nursery.stdin is not None
        self._skews[name] = skew_s
        self._nursery.stdin.write(f"{name.partition('-')[0]} {skew_s}\n")
        self._nursery.stdin.flush()
        self._pids[name] = int(self._answer())
        return self._pids[name]

    @property
    def names(self) -> list[str]:
        return list(self._pids)

    def reconcilers(self) -> list[str]:
        """The workers on cloud accounts."""
        return [name for name in self._pids if name.startswith("reconcile-")]

    def pid(self, name: str) -> int:
        return self._pids[name]

    def restart_dead(self) -> list[str]:
        """Start every dead worker again, as a supervisor does; their names."""
        dead = [name for name, pid in self._pids.items() if not is_alive(pid)]
        for name in dead:
            self.start(name, skew_s=self._skews[name])
        return dead

    def freeze(self) -> None:
        """Kill every worker with its horse but for those whose horse is stopped: they sleep as well.

        `restart_dead` brings back the dead, `resume_all` the sleeping.
        """
        for name, pid in self._pids.items():
            if any(is_stopped(horse) for horse in children(pid)):
                self.stop(pid)
            else:
                self.kill(name, Blow.BOTH)

    def dismiss(self, name: str) -> None:
        """Kill a worker with its horse, and do not start it again."""
        self.kill(name, Blow.BOTH)
        del self._pids[name], self._skews[name]

    def kill(self, name: str, blow: Blow) -> bool:
        """Kill -9 the parent, its horse or both; False when the horse to be killed was not there."""
        horses = children(self._pids[name])
        targets = [self._pids[name]] if blow in (Blow.PARENT, Blow.BOTH) else []
        targets += horses if blow in (Blow.HORSE, Blow.BOTH) else []
        if blow is Blow.PARENT:
            self._orphans.update(horses)
        for pid in targets:
            send(pid, signal.SIGKILL)
        return bool(horses) or blow is Blow.PARENT

    def stop(self, pid: int) -> None:
        """SIGSTOP: it sleeps until `resume`."""
        send(pid, signal.SIGSTOP)
        self._stopped.add(pid)

    def resume(self, pid: int) -> None:
        send(pid, signal.SIGCONT)
        self._stopped.discard(pid)

    def resume_all(self) -> None:
        """Also those that stopped themselves at a crash point."""
        self._gather_taken()
        for pid in list(self._stopped):
            self.resume(pid)

    def _gather_taken(self) -> None:
        for one in points.taken(self._folder):
            if one.blow is Blow.STOP and is_stopped(one.horse_pid):
                self._stopped.add(one.horse_pid)
            if one.blow is Blow.PARENT and is_alive(one.horse_pid):
                self._orphans.add(one.horse_pid)

    def horses(self) -> set[int]:
        """Every process that is inside a job now, orphans too; not those that are stopped."""
        self._gather_taken()
        self._orphans = {pid for pid in self._orphans if is_alive(pid)}
        found = {horse for pid in self._pids.values() for horse in children(pid)} | self._orphans
        return found - self._stopped

    def close(self) -> None:
        """End every process of this world, whatever became of its parents."""
        for pid in self._pids.values():
            send(pid, signal.SIGKILL)
        send(self._nursery.pid, signal.SIGKILL)
        self._nursery.wait()
        for stream in (self._nursery.stdin, self._nursery.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        mark = f"{MARK}={self._folder}".encode()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _has(entry, mark):
                send(int(entry.name), signal.SIGKILL)


def send(pid: int, number: signal.Signals) -> None:
    """Harmless when the process is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def is_alive(pid: int) -> bool:
    return _state(pid) not in ("", "Z", "X")


def is_stopped(pid: int) -> bool:
    return _state(pid) == "T"


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split() if is_alive(int(child))]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def _has(entry: Path, mark: bytes) -> bool:
    try:
        return mark in (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
