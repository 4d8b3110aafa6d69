"""Processes that the simulator runs one step at a time, kills and pauses.

Each is a greenlet that runs the product's own code and hands control back at every *point*: before and
after each database transaction, before and after each request to the cloud, and at the engine's named
crash points. Between two points nothing else happens, so a seed replays exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from greenlet import getcurrent, greenlet

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class Dead(BaseException):
    """What a killed process meets when its remains are cleared away: it must not touch anything."""


@dataclass(eq=False)
class Process:
    name: str
    is_reconciling: bool
    greenlet: greenlet
    wake_s: float
    point: str = "begin"
    """Where it stands."""
    tokens: dict[int, int] = field(default_factory=dict)
    """The fencing number that it got for each credential."""


class Hub:
    """The clock and the processes; everything that happens goes through it."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.processes: list[Process] = []
        self.current: Process | None = None
        self._killed: list[Process] = []
        self._main = getcurrent()
        self._is_closed = False
        self._spawned = 0

    # The clock (domain.clock.Clock)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def monotonic_s(self) -> float:
        return self.now_s

    def pause(self, seconds: float) -> None:
        """The process waits, as it does for the rate limit; others go on."""
        if self.current is None:
            self.now_s += seconds
        else:
            self.current.wake_s = self.now_s + seconds
            self.point("waiting")

    # Processes

    def spawn(self, name: str, work: Callable[[], object], *, is_reconciling: bool) -> Process:
        self._spawned += 1
        process = Process(f"{name}.{self._spawned}", is_reconciling, greenlet(work, self._main), self.now_s)
        self.processes.append(process)
        return process

    def runnable(self) -> list[Process]:
        return [process for process in self.processes if process.wake_s <= self.now_s]

    def step(self, process: Process) -> None:
        """Let it run to its next point, or to its end."""
        self.current = process
        process.greenlet.switch()
        self.current = None
        if process.greenlet.dead:
            self.processes.remove(process)

    def point(self, name: str) -> None:
        """Called by the code that runs: hand control back to the scheduler."""
        if self._is_closed:
            raise Dead
        process = self.current
        if process is not None and getcurrent() is process.greenlet:
            process.point = name
            self._main.switch()
            if self._is_closed:
                raise Dead

    def kill(self, process: Process) -> None:
        """As kill -9 does: it never runs again, and cleans nothing up."""
        self.processes.remove(process)
        self._killed.append(process)

    def close(self) -> None:
        """Clear the remains away; from here on no point can be passed."""
        self._is_closed = True
        for process in [*self._killed, *self.processes]:
            if process.greenlet:
                try:
                    process.greenlet.throw(Dead)
                except Dead:
                    continue
