"""Time as a replaceable part: UTC instants, a monotonic reading, and a bounded pause."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The clock of the engine and the services."""

    def now(self) -> datetime:
        """The current instant (UTC-aware)."""
        ...

    def monotonic_s(self) -> float:
        """Seconds on a clock that never jumps; only differences mean anything."""
        ...

    def pause(self, seconds: float) -> None:
        """Let time pass; used only to keep a rate limit inside one bounded run."""
        ...


JUMP = timedelta(seconds=1)
"""More than a running clock is adjusted between two readings: somebody has set it."""


def host_now() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """The host's clock, shifted.

    `measure` gives the database's clock minus the host's, so that leases of several hosts are compared on one
    clock (docs/evidence/reliability.md#clocks-differ); without it nothing is shifted, as for SQLite, which
    lives on one host. It is measured again when the host's clock has jumped, or drifted that far.
    """

    def __init__(
        self,
        *,
        measure: Callable[[], timedelta] | None = None,
        host: Callable[[], datetime] = host_now,
    ) -> None:
        self._measure, self._host = measure, host
        self._offset = timedelta(0)
        self._seen: tuple[datetime, float] | None = None
        self.now()

    def now(self) -> datetime:
        at = self._host()
        if self._measure is not None and self._has_jumped(at):
            self._offset = self._measure()
            at = self._host()
            self._seen = at, self.monotonic_s()
        return at + self._offset

    def _has_jumped(self, at: datetime) -> bool:
        if self._seen is None:
            return True
        then, then_s = self._seen
        return abs(at - then - timedelta(seconds=self.monotonic_s() - then_s)) > JUMP

    def monotonic_s(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
