"""The clock of the month: it jumps to whatever happens next, and whoever waits goes on then.

Workers are greenlets. One that waits, for the rate or for an answer, lets time pass for all others too, as
workers in processes of their own do. No transaction of the product is open while it waits.
"""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from greenlet import getcurrent, greenlet

START = datetime(2027, 3, 6, 6, 0, tzinfo=UTC)
"""A Saturday. Both sides of the Atlantic change their clocks in the four weeks that follow."""


class Timeline:
    """`domain.clock.Clock`, and what is to happen when."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._main = getcurrent()
        self._coming: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def monotonic_s(self) -> float:
        return self.now_s

    def pause(self, seconds: float) -> None:
        """Whoever calls this goes on so much later."""
        if seconds <= 0:
            return
        here = getcurrent()
        if here is self._main:
            raise RuntimeError("only a worker may wait")
        self.at(self.now_s + seconds, here.switch)
        self._main.switch()

    def at(self, at_s: float, do: Callable[[], object]) -> None:
        """Things of one instant happen in the order in which they were planned."""
        heapq.heappush(self._coming, (max(at_s, self.now_s), next(self._numbers), do))

    def start(self, work: Callable[[], object]) -> None:
        """Somebody who may wait begins now."""
        greenlet(work, self._main).switch()

    def run_until(self, end_s: float) -> None:
        while self._coming and self._coming[0][0] <= end_s:
            self.now_s, _, do = heapq.heappop(self._coming)
            do()
        self.now_s = end_s


def seconds_of(at: datetime) -> float:
    """On the clock of the month."""
    return (at - START).total_seconds()
