"""Heartbeats of the workers and the scheduler, in Redis, on Redis's own clock.

Like everything in Redis they are a hint: they decide nothing, and a wiped Redis has them back within
seconds. They only show an operator which kind of process has stopped responding.
"""

import logging
import os
import socket
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import redis

from webapp.queueing import FORMER_QUEUES, QUEUES, connect, queue_keys

log = logging.getLogger(__name__)

KEY = "berth:heartbeats"
"""A hash: `<role>|<host>|<process id>` → `<Redis's time> <host's clock minus Redis's>`, in seconds."""
SINCE = "since"
"""The field with the time since which heartbeats are known; a wipe resets it."""
EVERY_S = 2.0
LATE_AFTER_S, DEAD_AFTER_S = 15.0, 30.0
"""An idle worker sends one at least every 15 s, a busy one every 5 s, the scheduler and `live` every 2 s."""
FORGOTTEN_AFTER_S = 3600.0


class Role(StrEnum):
    """The kinds of process that an installation needs besides the web server."""

    SCHEDULER = "scheduler"
    WORKER_RECONCILE = "worker:reconcile"
    WORKER_ASK = "worker:ask"
    WORKER_BACKGROUND = "worker:background"
    LIVE = "live"

    @classmethod
    def _missing_(cls, value: object) -> "Role | None":
        """A worker that was started under the former name of its queue."""
        current = FORMER_QUEUES.get(str(value).removeprefix("worker:"))
        return None if current is None else cls(f"worker:{current}")


WORKER_ROLES = {queue: Role(f"worker:{queue}") for queue in QUEUES}


@dataclass(frozen=True, slots=True)
class Beat:
    """The newest heartbeat of one process."""

    role: Role
    age_s: float
    skew_s: float
    """Its host's clock minus Redis's."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What Redis reports about itself and the processes."""

    beats: list[Beat]
    known_for_s: float
    """Since when silence means something: since Redis was emptied."""
    skew_s: float
    """This host's clock minus Redis's."""
    keeps_all_keys: bool
    """False if Redis may evict keys to make room (docs/evidence/queue.md#eviction)."""
    queued_jobs: dict[str, int]
    """Jobs that wait, by queue."""

    def of(self, role: Role) -> list[Beat]:
        """The processes of this kind, the newest heartbeat first."""
        return sorted((beat for beat in self.beats if beat.role is role), key=lambda beat: beat.age_s)


class Heart:
    """One process that sends heartbeats every few seconds."""

    def __init__(self, redis_url: str, role: Role) -> None:
        self._redis = connect(redis_url)
        self._pid = os.getpid()
        self._field = f"{role}|{socket.gethostname()}|{self._pid}"
        self._beaten_s: float | None = None

    def beat(self) -> None:
        """Send one, at most every two seconds; never raises. A forked child does not send for its parent."""
        now_s = time.monotonic()
        if os.getpid() != self._pid or (self._beaten_s is not None and now_s - self._beaten_s < EVERY_S):
            return
        try:
            at_s, skew_s = _their_time(self._redis)
            if self._beaten_s is None:
                self._forget_the_dead(at_s)
            self._redis.hset(KEY, self._field, f"{at_s:.3f} {skew_s:.3f}")
        except redis.RedisError as error:
            log.debug("no heartbeat", extra={"reason": type(error).__name__})
        self._beaten_s = now_s

    def stop(self) -> None:
        """This process stops on purpose; never raises."""
        try:
            self._redis.hdel(KEY, self._field)
        except redis.RedisError:
            return

    def _forget_the_dead(self, now_s: float) -> None:
        stored = cast("dict[bytes, bytes]", self._redis.hgetall(KEY))
        old = [
            field
            for field, text in stored.items()
            if field != SINCE.encode() and now_s - _numbers(text)[0] > FORGOTTEN_AFTER_S
        ]
        if old:
            self._redis.hdel(KEY, *old)


def listen(redis_url: str) -> Pulse:
    """Read all heartbeats and Redis's state. Raises redis.RedisError."""
    with connect(redis_url) as client:
        now_s, skew_s = _their_time(client)
        asked = client.pipeline(transaction=False)
        asked.hsetnx(KEY, SINCE, f"{now_s:.3f} 0")
        asked.hgetall(KEY)
        asked.info("memory")
        for queue in QUEUES:
            for key in queue_keys(queue):
                asked.llen(key)
        _, stored, memory, *lengths = asked.execute()
    since_s = _numbers(stored.pop(SINCE.encode(), b""))[0]
    return Pulse(
        beats=[beat for field, text in stored.items() if (beat := _beat(field, text, now_s)) is not None],
        known_for_s=now_s - since_s,
        skew_s=skew_s,
        keeps_all_keys=_text(memory.get("maxmemory_policy", "noeviction")) == "noeviction",
        queued_jobs=dict(zip(QUEUES, map(sum, zip(lengths[::2], lengths[1::2], strict=True)), strict=True)),
    )


def _their_time(client: "redis.Redis[bytes]") -> tuple[float, float]:
    """Redis's time, and this host's clock minus it, less half the round trip."""
    before_s = time.time()
    seconds, micros = cast("tuple[int, int]", client.time())
    after_s = time.time()
    theirs_s = seconds + micros / 1e6
    return theirs_s, (before_s + after_s) / 2 - theirs_s


def _beat(field: bytes, text: bytes, now_s: float) -> Beat | None:
    """None for what this version does not know."""
    try:
        role = Role(_text(field).partition("|")[0])
    except ValueError:
        return None
    at_s, skew_s = _numbers(text)
    return Beat(role, age_s=max(now_s - at_s, 0.0), skew_s=skew_s)


def _numbers(text: bytes) -> tuple[float, float]:
    """Parse a field of the hash; an unreadable value counts as very old."""
    try:
        first, second = text.split()
        return float(first), float(second)
    except ValueError:
        return 0.0, 0.0


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
