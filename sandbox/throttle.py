"""Rate limits: one token bucket per key. A restart forgets them, but a bucket is full again soon anyway."""

from __future__ import annotations

from collections.abc import Hashable


class Throttle:
    def __init__(self) -> None:
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable, *, now: float, calls_per_s: float, burst: float, cost: float = 1.0) -> bool:
        """Whether one more call, or one that counts as `cost` calls, is allowed. A rate of 0: no limit."""
        if calls_per_s <= 0:
            return True
        tokens, filled_at = self._buckets.get(key, (burst, now))
        tokens = min(burst, tokens + max(0.0, now - filled_at) * calls_per_s)
        allowed = tokens >= cost
        self._buckets[key] = (tokens - cost if allowed else tokens, now)
        return allowed

    def left(self, key: Hashable, *, burst: float) -> int:
        """The whole calls left in the bucket after the latest one."""
        return int(self._buckets.get(key, (burst, 0.0))[0])

    def clear(self) -> None:
        self._buckets.clear()
