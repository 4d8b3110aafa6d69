"""Waiting for what a worker will write: for a short time, and not with every thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TypeVar

from webapp.services.context import ServiceContext

T = TypeVar("T")

PATIENCE_S = 10.0
"""How long a page or a call waits for a worker before it says "not answered yet"."""
FIRST_LOOK_S, SLOWEST_LOOK_S = 0.05, 0.4
MAY_WAIT = 3
"""How many may wait at once in one web process: each holds one of its few threads, and
while a cloud hangs the pages must keep working for everyone else."""
_PLACES = BoundedSemaphore(MAY_WAIT)


def wait_until(
    context: ServiceContext, look: Callable[[], T], is_done: Callable[[T], bool], *, patience_s: float
) -> T:
    """Poll until it is done or the time is up; return the last value.

    If too many already wait, do not wait: read once.
    """
    with waiting_place() as may_wait:
        give_up_at = context.clock.monotonic_s() + (patience_s if may_wait else 0.0)
        wait_s = FIRST_LOOK_S
        while True:
            seen = look()
            # No transaction may stay open while we wait: the worker has to write.
            context.session.commit()
            if is_done(seen) or context.clock.monotonic_s() + wait_s > give_up_at:
                return seen
            context.clock.pause(wait_s)
            wait_s = min(wait_s * 1.5, SLOWEST_LOOK_S)


@contextmanager
def waiting_place() -> Iterator[bool]:
    """Whether the caller may wait: it then holds one of the few places."""
    may_wait = _PLACES.acquire(blocking=False)
    try:
        yield may_wait
    finally:
        if may_wait:
            _PLACES.release()
