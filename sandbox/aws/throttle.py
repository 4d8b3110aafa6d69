"""The account's rate limit: WorkSpaces takes about 2 calls a second, 5 in a burst, per account and region."""

from __future__ import annotations

CALLS_PER_S = 2.0
BURST = 5.0


class Throttle:
    """One token bucket per (account, region). Forgotten at a restart: a full bucket is soon true again."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, account_id: str, region: str, *, now: float, calls_per_s: float, burst: float) -> bool:
        """Whether one more call fits. A rate of 0 means: no limit."""
        if calls_per_s <= 0:
            return True
        tokens, filled_at = self._buckets.get((account_id, region), (burst, now))
        tokens = min(burst, tokens + max(0.0, now - filled_at) * calls_per_s)
        allowed = tokens >= 1
        self._buckets[account_id, region] = (tokens - 1 if allowed else tokens, now)
        return allowed

    def clear(self) -> None:
        self._buckets.clear()
