"""`python -m bench.orders [--posts] [N ...]`: calls at the cloud from the order to AVAILABLE.

Counts the calls of N desktops at the sandbox's true limits on a simulated clock, beside the floor
ceil(N/25)·(1 + looks), and beside a comparator that really creates and polls one desktop at a time, in the
same run on the same sandbox. The poll is the product's own of 30 s. With `--posts` the orders come one by
one, ten a second, as a program posts them.
"""

import math
import sys
from dataclasses import dataclass

from sqlalchemy import func, select

from bench.one_at_a_time import create_and_poll
from bench.simulation import simulated_desk
from tests.desk import Desk
from tests.posts import Posts
from webapp.domain.lifecycle import Phase
from webapp.models import Workspace

BATCH = 25
POLL_S, GATHER_S, POST_EVERY_S = 30, 1.0, 0.1
"""The product's defaults, and a program without haste."""
LIMIT_S = 2 * 3600.0


@dataclass(frozen=True, slots=True)
class Calls:
    """What was sent to the cloud between two moments."""

    by_operation: dict[str, int]
    throttled: int
    seconds: float
    """Simulated."""

    @property
    def total(self) -> int:
        return sum(self.by_operation.values())

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {count}" for name, count in sorted(self.by_operation.items()))
        return f"{self.total} calls ({parts}; throttled {self.throttled}) in {self.seconds / 60:.1f} min"


def main(sizes: list[int]) -> None:
    for size in sizes:
        with simulated_desk(poll_interval_s=POLL_S) as desk:
            engine = by_the_engine(desk, size)
        with simulated_desk(poll_interval_s=POLL_S) as desk:
            before, poll_s = desk.sandbox.ledger(service="workspaces"), desk.engine.poll.total_seconds()
            seconds = create_and_poll(desk, size, every_s=poll_s)
            single = _since(desk, len(before), seconds)
        # The engine begins a batch's looks when its create was sent; each look sees a whole batch.
        looks = engine.seconds / poll_s
        floor = math.ceil(math.ceil(size / BATCH) * (1 + looks))
        print(f"N={size}, engine: {engine}; floor {floor}, ratio {engine.total / floor:.2f}")
        print(
            f"N={size}, one at a time: {single}; the engine sends {engine.total / single.total:.3f} of it",
            flush=True,
        )


def main_posts(sizes: list[int]) -> None:
    for size in sizes:
        with simulated_desk(poll_interval_s=POLL_S) as desk:
            before, started_s = len(desk.sandbox.ledger(service="workspaces")), desk.clock.elapsed_s
            batches = Posts(desk).post(size, every_s=POST_EVERY_S, gather_s=GATHER_S)
            calls = _until_ready(desk, size, before, started_s)
        floor = math.ceil(math.ceil(size / BATCH) * (1 + calls.seconds / POLL_S))
        print(f"N={size} posts, creates of {batches}: {calls}; floor {floor}, {calls.total / floor:.2f}")


def by_the_engine(desk: Desk, size: int) -> Calls:
    """Order so many desktops and let the engine work until all can be used."""
    for _ in range(size):
        desk.order()
    before, started_s = len(desk.sandbox.ledger(service="workspaces")), desk.clock.elapsed_s
    desk.work()
    return _until_ready(desk, size, before, started_s)


def _until_ready(desk: Desk, size: int, before: int, started_s: float) -> Calls:
    while _ready(desk) < size:
        if desk.clock.elapsed_s - started_s > LIMIT_S:
            raise SystemExit(f"only {_ready(desk)} of {size} are ready after {LIMIT_S / 3600:.0f} h")
        desk.live(30, step_s=5)
    return _since(desk, before, desk.clock.elapsed_s - started_s)


def _ready(desk: Desk) -> int:
    with desk.sessions.begin() as session:
        return session.scalar(select(func.count()).where(Workspace.phase == Phase.READY)) or 0


def _since(desk: Desk, before: int, seconds: float) -> Calls:
    counted: dict[str, int] = {}
    throttled = 0
    for call in desk.sandbox.ledger(service="workspaces")[before:]:
        counted[call["operation"]] = counted.get(call["operation"], 0) + 1
        throttled += call["outcome"] == "ThrottlingException"
    return Calls(counted, throttled, seconds)


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:] if argument != "--posts"]
    if "--posts" in sys.argv:
        main_posts(sizes or [1, 25, 100])
    else:
        main(sizes or [25, 100, 500])
