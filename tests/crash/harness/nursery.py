"""The process from which a world's workers are forked: `python -m tests.crash.harness.nursery FOLDER`.

Each child runs the product's own entry (`jobs.worker.main`, `jobs.schedule.main`) with three things in place:
the world's clock, the shared rate limit at the clock's pace, and crash points that do what is laid down.
Forking only saves the second that a Python needs to import everything; hundreds of kills need as many.
"""

import ctypes
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import botocore.auth

from jobs import runtime, schedule, worker
from tests.crash.harness import points
from tests.crash.harness.clock import WorldClock
from tests.servers.process import PR_SET_PDEATHSIG
from webapp.clouds.registry import warm
from webapp.domain.rates import Rate
from webapp.engine.limiter import SharedLimiter


def main(folder: Path) -> None:
    """Read lines "role skew" and answer each with the process number of the new worker."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    warm(has_tests=True)
    print("ready", flush=True)
    for line in sys.stdin:
        role, skew_s = line.split()
        pid = os.fork()
        if pid == 0:
            _live(folder, role, float(skew_s))
        print(pid, flush=True)


def _live(folder: Path, role: str, skew_s: float) -> None:
    """Be this worker until the end of its life."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open(folder / "log" / f"{role}.log", "ab") as log, open(os.devnull, "rb") as nothing:
        for descriptor, target in ((0, nothing), (1, log), (2, log)):
            os.dup2(target.fileno(), descriptor)
    points.join(os.getpid())
    _join_world(folder, skew_s)
    code = 1
    try:
        code = schedule.main() if role == "schedule" else worker.main([role])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _join_world(folder: Path, skew_s: float) -> None:
    clock = WorldClock(folder / "clock", skew_s=skew_s)
    cloud_clock = WorldClock(folder / "clock")
    build, speed = runtime.build, clock.speed
    # What counts in real seconds keeps its proportion to what counts in the clock's.
    schedule.SWEEP_EVERY_S = max(schedule.SWEEP_EVERY_S / speed, 0.05)
    schedule.AFTER_TROUBLE_S = max(schedule.AFTER_TROUBLE_S / speed, 0.05)
    runtime.SystemClock = schedule.SystemClock = lambda **_: clock
    runtime.SharedLimiter = lambda url, of: PacedLimiter(SharedLimiter(url, of), of)
    runtime.build = lambda: replace(
        build(), crashpoint=lambda name: points.strike(folder, name, at_s=clock.seconds())
    )
    # Signatures are dated by the same clock as the cloud judges them by, and rightly even under a skew:
    # a refusal for a wrong date would keep the skewed worker from doing any harm at all.
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: (
        cloud_clock.now().replace(tzinfo=None) if remove_tzinfo else cloud_clock.now()
    )


class PacedLimiter:
    """The shared bucket, whose own clock is Redis's real one, filled at the pace of the world's clock."""

    def __init__(self, shared: SharedLimiter, clock: WorldClock) -> None:
        self._shared, self._clock = shared, clock

    def take(self, key: str, rate: Rate) -> float:
        speed = self._clock.speed
        return self._shared.take(key, Rate(rate.per_s * speed, rate.burst)) * speed


if __name__ == "__main__":
    main(Path(sys.argv[1]))
