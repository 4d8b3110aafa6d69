"""Locks on cloud resources that several credentials share, held in Redis for all workers.

They only avoid sending the cloud the same request twice at once; correctness depends on leases and the
database. So if Redis is unavailable, each process uses its own locks, and a lock that would never expire,
which only somebody else can have written, is removed.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol

import redis
from redis.exceptions import LockError

from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.queueing import connect

log = logging.getLogger(__name__)

HELD_S = 120
"""A lock whose holder died expires after this; longer than two calls may take."""
PATIENCE_S = 10
FREE_IF_ENDLESS = """
local left_ms = redis.call('pttl', KEYS[1])
if left_ms == -1 or left_ms > tonumber(ARGV[1]) then return redis.call('del', KEYS[1]) end
return 0
"""
"""Ours expire within `HELD_S`. What lasts longer was written by somebody else, and nobody would free it."""


class Locks(Protocol):
    def hold(self, name: str) -> AbstractContextManager[None]:
        """Hold `name` exclusively. Raises a transient CloudError if it is not released soon."""
        ...


class LocalLocks:
    """Of this process."""

    def __init__(self) -> None:
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        if not lock.acquire(timeout=PATIENCE_S):
            raise _busy()
        try:
            yield
        finally:
            lock.release()


class SharedLocks:
    """In Redis."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect(redis_url)
        self._fallback = LocalLocks()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        key = f"berth:lock:{name}"
        lock = self._redis.lock(key, timeout=HELD_S, blocking_timeout=PATIENCE_S)
        try:
            if self._redis.eval(FREE_IF_ENDLESS, 1, key, HELD_S * 1000):
                log.warning("a lock that would never expire was removed", extra={"lock": name})
            is_taken = lock.acquire()
        except redis.RedisError as error:
            log.warning("the shared locks are unavailable", extra={"reason": type(error).__name__})
            with self._fallback.hold(name):
                yield
            return
        if not is_taken:
            raise _busy()
        try:
            yield
        finally:
            with suppress(LockError, redis.RedisError):  # expired, or Redis lost it: nothing to release
                lock.release()


def _busy() -> CloudError:
    return CloudError(Failure("operation_in_progress", Trouble.TRANSIENT))
