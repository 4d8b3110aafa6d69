"""The one clock of a world: workers, entry points and the simulated cloud read it, the harness moves it.

It runs `speed` times as fast as the real one, and may be moved ahead while nobody works. Its three numbers
stand in a file that is replaced as a whole, so that every process reads it without a lock.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class WorldClock:
    """A `webapp.domain.clock.Clock`. `skew_s` is what this process's wall clock is wrong by."""

    def __init__(self, path: Path, *, skew_s: float = 0.0) -> None:
        self._path, self._skew = path, timedelta(seconds=skew_s)

    @property
    def _pace(self) -> tuple[float, float, float]:
        """Origin (seconds since 1970), the real moment at which it was set, speed."""
        origin, set_at, speed = self._path.read_text().split()
        return float(origin), float(set_at), float(speed)

    @property
    def speed(self) -> float:
        return self._pace[2]

    def seconds(self) -> float:
        """Seconds since 1970, without the skew: the cloud's time."""
        origin, set_at, speed = self._pace
        return origin + (time.monotonic() - set_at) * speed

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC) + self._skew

    def monotonic_s(self) -> float:
        """Never wrong: a skew is of the wall clock only."""
        return self.seconds()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds / max(self.speed, 0.01))

    def set(self, *, origin: float | None = None, speed: float | None = None) -> None:
        """Begin, change the pace, or stand still (0)."""
        if origin is None:
            origin = self.seconds()
        pace = self.speed if speed is None else speed
        fresh = self._path.with_suffix(".new")
        fresh.write_text(f"{origin!r} {time.monotonic()!r} {pace!r}")
        os.replace(fresh, self._path)

    def jump(self, seconds: float) -> None:
        """Move everybody's time on at once."""
        self.set(origin=self.seconds() + seconds)
