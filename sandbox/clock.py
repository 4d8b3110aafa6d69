"""The simulated clock: runs `speed` times as fast as the real one, or only moves when it is set.

simulated = origin + (real - started) * speed, all in seconds since 1970. The store keeps the three numbers,
so that simulated time also passes while the server is stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sandbox.store import Store


class Clock:
    def __init__(self, store: Store, *, speed: float | None, real: Callable[[], float] = time.time) -> None:
        self._store = store
        self._real = real
        with store.transaction():
            remembered = store.get_meta("clock", None)
            if remembered is None:
                now = real()
                self._set(now, 60.0 if speed is None else speed)
                return
            self._pace: tuple[float, float, float] = tuple(remembered)
            """Origin, started, speed: one value, so that other threads never see half a change."""
            if speed is not None and speed != self.speed:
                self.set_speed(speed)

    def restart(self) -> None:
        """Return to the real time at the same speed (after the store was wiped)."""
        self._set(self._real(), self.speed)

    def real_now(self) -> float:
        return self._real()

    def now(self) -> float:
        """Simulated seconds since 1970."""
        origin, started, speed = self._pace
        return origin + (self._real() - started) * speed

    def throttle_now(self) -> float:
        """Seconds on the clock of the rate limits: the real one, unless the simulated clock is stopped."""
        return self._real() if self.speed > 0 else self.now()

    @property
    def speed(self) -> float:
        return self._pace[2]

    def advance(self, seconds: float) -> None:
        self._set(self.now() + seconds, self.speed)

    def set_now(self, simulated: float) -> None:
        self._set(simulated, self.speed)

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on; time that has passed is not affected."""
        self._set(self.now(), speed)

    def _set(self, simulated: float, speed: float) -> None:
        with self._store.transaction():
            self._pace = (simulated, self._real(), speed)
            self._store.set_meta("clock", list(self._pace))
