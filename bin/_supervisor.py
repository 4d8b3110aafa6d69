"""Keeps a list of services alive until a signal, then stops every process of theirs."""

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import _processes
from _console import Refusal, say, short

TICK_S = 0.1
STOP_S = 10.0
"""How long a service may take to stop by itself; a worker finishes its current job."""
HEALTHY_S = 20.0
"""A service that lived this long did start successfully."""
CRASH_LIMIT = 6
"""This many short lives in a row are a crash loop."""
FIRST_CRASH_LIMIT = 2
"""The same while Berth starts: then something is wrong with the setup, and waiting does not help."""


@dataclass(frozen=True)
class Service:
    """One process to keep alive."""

    name: str
    title: str
    command: list[str | Path]
    environ: Mapping[str, str] = field(repr=False)


@dataclass
class _Running:
    service: Service
    process: "Popen[bytes] | None" = None
    started_at: float = 0.0
    restart_at: float = 0.0
    crashes: int = 0


class Stopped(Exception):
    """A signal asked us to stop."""


class Supervisor:
    def __init__(self, *, cwd: Path, logs: Path, keep: tuple[int, ...] = ()) -> None:
        self._cwd, self._logs, self._keep = cwd, logs, keep
        self._running: list[_Running] = []
        self._sessions: set[int] = set()
        self._stop_asked = False
        self._crash_limit = FIRST_CRASH_LIMIT
        logs.mkdir(exist_ok=True)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_stop)

    def _ask_stop(self, number: int, frame: object) -> None:
        self._stop_asked = True

    def start(self, service: Service) -> None:
        log = self.log_of(service.name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        running = _Running(service)
        self._running.append(running)
        self._launch(running)

    def log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def run_once(self, service: Service) -> str:
        """Run a step to its end and return what it printed. Raises Refusal with its last line."""
        log, answer = self.log_of(service.name), self._logs / f"{service.name}.out"
        log.unlink(missing_ok=True)
        answer.unlink(missing_ok=True)
        process = self._popen(service, answer=answer)
        while process.poll() is None:
            self._pause()
        self._forget(process.pid)
        said = answer.read_text(errors="replace")
        answer.unlink()
        if process.returncode != 0:
            raise Refusal(f"{service.title} failed: {last_words(log)} (full log: {short(log)})")
        return said

    def wait_until(self, ready: Callable[[], bool], *, title: str, limit_s: float) -> None:
        """Supervise the services until `ready`. Raises Refusal if that takes longer than `limit_s`."""
        give_up_at = time.monotonic() + limit_s
        while not ready():
            if time.monotonic() > give_up_at:
                raise Refusal(f"{title} did not answer within {limit_s:.0f} s; see {short(self._logs)}/.")
            self._watch()
            self._pause()

    def run_for_ever(self) -> None:
        self._crash_limit = CRASH_LIMIT
        while True:
            self._watch()
            self._pause()

    def _pause(self) -> None:
        if self._stop_asked:
            raise Stopped
        time.sleep(TICK_S)

    def _popen(self, service: Service, *, answer: Path | None = None) -> "Popen[bytes]":
        process = _processes.start(
            service.command,
            environ=service.environ,
            cwd=self._cwd,
            log=self.log_of(service.name),
            answer=answer,
            keep=self._keep,
        )
        self._sessions.add(process.pid)
        return process

    def _launch(self, running: _Running) -> None:
        try:
            running.process = self._popen(running.service)
        except OSError as error:
            raise Refusal(f"{running.service.title} cannot be started: {error.strerror}.") from error
        running.started_at = time.monotonic()

    def _watch(self) -> None:
        now = time.monotonic()
        for running in self._running:
            if running.process is None:
                if now >= running.restart_at:
                    self._launch(running)
            elif running.process.poll() is not None:
                self._note_death(running, now)

    def _forget(self, session: int) -> None:
        """Stop what a process left behind. Its number may belong to another program from now on."""
        _processes.kill(_processes.session_members({session}))
        self._sessions.discard(session)

    def _note_death(self, running: _Running, now: float) -> None:
        service, code = running.service, running.process.returncode if running.process else 0
        if running.process:
            self._forget(running.process.pid)
        running.process = None
        running.crashes = 1 if now - running.started_at > HEALTHY_S else running.crashes + 1
        if running.crashes >= self._crash_limit:
            log = self.log_of(service.name)
            raise Refusal(
                f"{service.title} keeps stopping, so Berth stops; "
                f"its last line: {last_words(log)} (full log: {short(log)})"
            )
        delay_s = min(2.0 ** (running.crashes - 1), 30.0) / 2
        running.restart_at = now + delay_s
        say(f"{service.title} stopped ({_reason(code)}); restarting it in {delay_s:.1f} s.")

    def stop(self) -> None:
        """Stop the services, last started first, and then whatever they left behind."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        # The queue server starts first and stops last: without it a worker cannot stop cleanly.
        for batch in (self._running[:0:-1], self._running[:1]):
            _end([running.process for running in batch if running.process is not None])
        give_up_at = time.monotonic() + 2
        while (left := _processes.session_members(self._sessions)) and time.monotonic() < give_up_at:
            _processes.kill(left)
            time.sleep(TICK_S / 2)


def _end(processes: "list[Popen[bytes]]") -> None:
    for process in processes:
        _processes.kill([process.pid] if process.poll() is None else [], signal.SIGTERM)
    give_up_at = time.monotonic() + STOP_S
    while any(process.poll() is None for process in processes) and time.monotonic() < give_up_at:
        time.sleep(TICK_S / 2)
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.wait()


def last_words(log: Path) -> str:
    """The last non-empty line, which usually has the reason of a failing program."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    return lines[-1] if lines else "none"


def _reason(code: int) -> str:
    if code < 0:
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
