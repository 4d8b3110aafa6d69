"""The rate limit of a cloud account, shared by every worker through Redis.

A token bucket per account and region. If Redis is unavailable, each job uses its own bucket, empty at first:
one worker reconciles an account, so that its runs one after the other stay below the rate.
"""

import logging
from typing import Protocol

import redis

from webapp.domain.clock import Clock
from webapp.domain.rates import Rate
from webapp.queueing import connect

log = logging.getLogger(__name__)

# Times are Redis's own, so that workers on several hosts share one clock. Returns the wait in ms.
_TAKE = """
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local per_ms, burst = tonumber(ARGV[1]) / 1000, tonumber(ARGV[2])
local stored = redis.call('HMGET', KEYS[1], 'tokens', 'at_ms')
local tokens, at_ms = tonumber(stored[1]) or burst, tonumber(stored[2]) or now_ms
-- Clamp bad values: between no tokens and a full bucket, and never the cause of a long wait.
if not (tokens >= 0) then tokens = 0 end
if not (at_ms <= now_ms) then at_ms = now_ms end
tokens = math.min(burst, tokens + (now_ms - at_ms) * per_ms)
local wait_ms = 0
if tokens >= 1 then tokens = tokens - 1 else wait_ms = math.ceil((1 - tokens) / per_ms) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at_ms', now_ms)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / per_ms) + 1000)
return wait_ms
"""


class Limiter(Protocol):
    def take(self, key: str, rate: Rate) -> float:
        """Take one token, or return the seconds to wait before asking again; 0.0 means taken."""
        ...


class LocalLimiter:
    """A bucket in this process, on the given clock."""

    def __init__(self, clock: Clock, *, is_full: bool = True) -> None:
        self._clock, self._is_full = clock, is_full
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str, rate: Rate) -> float:
        now_s = self._clock.monotonic_s()
        tokens, at_s = self._buckets.get(key, (float(rate.burst) if self._is_full else 0.0, now_s))
        tokens = min(float(rate.burst), tokens + (now_s - at_s) * rate.per_s)
        # Slightly below one is rounding, not a missing token.
        is_taken = tokens >= 1 - 1e-9
        self._buckets[key] = (tokens - 1 if is_taken else tokens, now_s)
        return 0.0 if is_taken else (1 - tokens) / rate.per_s


class SharedLimiter:
    """The bucket in Redis."""

    def __init__(self, redis_url: str, clock: Clock) -> None:
        self._redis = connect(redis_url)
        self._script = self._redis.register_script(_TAKE)
        self._fallback = LocalLimiter(clock, is_full=False)

    def take(self, key: str, rate: Rate) -> float:
        try:
            wait_ms = self._script(keys=[f"berth:rate:{key}"], args=[rate.per_s, rate.burst])
        except redis.RedisError as error:
            log.warning("the shared rate limit is unavailable", extra={"reason": type(error).__name__})
            return self._fallback.take(key, rate)
        return int(wait_ms) / 1000
