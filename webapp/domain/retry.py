"""When to try again: the waits between attempts, with jitter."""

import random
from dataclasses import dataclass
from datetime import timedelta

JITTER = 0.2
LONG_PAUSE_S = 60.0
"""A cloud that limits the rate and asks for at least this long gets no other call of the account meanwhile:
the limit is the account's, and each further call makes it longer."""


def draw_jitter(rng: random.Random) -> float:
    """A factor for a wait, ±20 %, so that a cohort does not come back at once."""
    return rng.uniform(1 - JITTER, 1 + JITTER)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `len(delays_s)` retries of one attempt, after the given waits (seconds)."""

    delays_s: tuple[int, ...] = (30, 60, 120)

    def delay_after(self, attempt: int, *, jitter: float, at_least_s: float = 0.0) -> timedelta | None:
        """Wait before attempt `attempt + 1`; None when all retries are used.

        `jitter` is a factor (`draw_jitter`). `at_least_s` is the cloud's own Retry-After: it is obeyed when
        it is longer.
        """
        if attempt < 1 or attempt > len(self.delays_s):
            return None
        base_s = self.delays_s[attempt - 1]
        return timedelta(seconds=max(base_s * jitter, at_least_s))

    def wait_before(self, attempt: int) -> timedelta:
        """The plain wait between attempt `attempt` and the previous one; none before the first."""
        return timedelta(seconds=self.delays_s[attempt - 2] if attempt > 1 else 0)
