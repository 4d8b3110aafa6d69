"""When to try again: the waits between attempts, with jitter."""

import random
from dataclasses import dataclass
from datetime import timedelta

JITTER = 0.2


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `len(delays_s)` retries of one attempt, after the given waits (seconds)."""

    delays_s: tuple[int, ...] = (30, 60, 120)

    def delay_after(self, attempt: int, *, rng: random.Random, at_least_s: float = 0.0) -> timedelta | None:
        """Wait before attempt `attempt + 1`, ±20 % jitter; None when all retries are used.

        `at_least_s` is the cloud's own Retry-After: it applies if it is longer.
        """
        if attempt < 1 or attempt > len(self.delays_s):
            return None
        base_s = self.delays_s[attempt - 1]
        jittered_s = base_s * rng.uniform(1 - JITTER, 1 + JITTER)
        return timedelta(seconds=max(jittered_s, at_least_s))

    def wait_before(self, attempt: int) -> timedelta:
        """The plain wait between attempt `attempt` and the previous one; none before the first."""
        return timedelta(seconds=self.delays_s[attempt - 2] if attempt > 1 else 0)
