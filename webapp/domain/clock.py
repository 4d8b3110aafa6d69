"""Time as a replaceable part: UTC instants, a monotonic reading, and a bounded pause."""

import time
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


class SystemClock:
    """The host's clock, shifted by a constant.

    `offset` is the database's clock minus the host's, so that leases of several hosts are compared on
    one clock (docs/evidence/reliability.md#clocks-differ); zero for SQLite, which lives on one host.
    """

    def __init__(self, *, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def monotonic_s(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
