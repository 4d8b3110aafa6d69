"""The notifier: names of background jobs, and `notify()`.

The database decides; a notification only saves the seconds until the next sweep. So `notify` never fails:
errors are logged and ignored. Why the queue is made of bare names: docs/decisions/one_entry_a_subject.md.
"""

import logging
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, cast

import redis

log = logging.getLogger(__name__)

JOB_TIMEOUT_S = 300
"""Last resort only; every job stops by itself long before (docs/evidence/queue.md#job-time-outs)."""
SOCKET_TIMEOUT_S = 2.0


class JobName(StrEnum):
    """Every function that a worker may run, by its full name."""

    RECONCILE = "jobs.reconcile"
    ANSWER = "jobs.answer"
    PASSWORD = "jobs.set_password"
    DELIVER = "jobs.deliver"
    MAIL = "jobs.send_mails"
    TRAIL = "jobs.chain_trail"
    PRUNE = "jobs.prune"
    RECORDS = "jobs.keep_records"
    DIGEST = "jobs.write_digests"


BACKGROUND = "background"
"""The queue of all small jobs that nobody waits for and that call no cloud."""
OWN_QUEUES = {JobName.RECONCILE: "reconcile", JobName.ANSWER: "ask", JobName.PASSWORD: "ask"}
"""Jobs with their own queue and workers, so that a slow account cannot make a person wait."""
QUEUES = (*dict.fromkeys(OWN_QUEUES.values()), BACKGROUND)

FORMER_QUEUES = {"tend": "reconcile", "deliver": BACKGROUND}
"""Names from before 0.1.0. Workers still serve them, so that processes can be upgraded one by one."""
FORMER_JOB_NAMES = {"jobs.tend": JobName.RECONCILE}

_ENTRY = re.compile(r"([a-z]{1,20})-([0-9]{1,18})")
_PRESSED = """
if redis.call('LPOS', KEYS[1], ARGV[1]) then return 0 end
redis.call('LREM', KEYS[2], 0, ARGV[1])
return redis.call('RPUSH', KEYS[1], ARGV[1])
"""
"""At the end of the first queue, and no longer in the other."""
_DUE = """
local waiting, added = {}, 0
for _, key in ipairs(KEYS) do
  for _, entry in ipairs(redis.call('LRANGE', key, 0, -1)) do waiting[entry] = true end
end
for _, entry in ipairs(ARGV) do
  if not waiting[entry] then
    redis.call('RPUSH', KEYS[2], entry)
    waiting[entry], added = true, added + 1
  end
end
return added
"""
"""What waits in neither queue, at the end of the second."""


def queue_of(name: JobName) -> str:
    return OWN_QUEUES.get(name, BACKGROUND)


def first_queue(queue: str) -> str:
    """The queue of what people have pressed, which the same workers serve first."""
    return f"{queue}-first"


def queue_keys(queue: str) -> tuple[str, str]:
    """The lists of both, as RQ names them."""
    return f"rq:queue:{first_queue(queue)}", f"rq:queue:{queue}"


def entry_of(name: JobName, subject_id: int) -> str:
    """What waits in the queue: a name and a number, and nothing beside it in Redis."""
    return f"{name.name.lower()}-{subject_id}"


def read_entry(entry: str) -> tuple[JobName, int] | None:
    """None for what is not one of ours."""
    found = _ENTRY.fullmatch(entry)
    if found is None or found[1].upper() not in JobName.__members__:
        return None
    return JobName[found[1].upper()], int(found[2])


class Notifier(Protocol):
    """None of these ever raises."""

    def notify(self, name: JobName, subject_id: int) -> None:
        """A person pressed something: a worker is to handle this subject before all routine."""
        ...

    def notify_due(self, found: Sequence[tuple[JobName, int]]) -> None:
        """Workers are to handle these subjects in their turn."""
        ...

    def is_other_pressed(self, name: JobName, subject_id: int) -> bool:
        """Does a person wait for another subject than this? False if nobody can say."""
        ...


def connect(redis_url: str) -> "redis.Redis[bytes]":
    """A connection with short timeouts: a silent Redis must not delay a click."""
    return redis.Redis.from_url(
        redis_url, socket_timeout=SOCKET_TIMEOUT_S, socket_connect_timeout=SOCKET_TIMEOUT_S
    )


def connect_blocking(redis_url: str) -> "redis.Redis[bytes]":
    """A worker's connection: its pop waits for minutes, so it has no read timeout."""
    return redis.Redis.from_url(redis_url, socket_connect_timeout=SOCKET_TIMEOUT_S, health_check_interval=30)


class RedisNotifier:
    """Keeps one waiting entry for a subject, however often it is notified."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect(redis_url)
        self._pressed, self._due = self._redis.register_script(_PRESSED), self._redis.register_script(_DUE)

    def notify(self, name: JobName, subject_id: int) -> None:
        try:
            self._pressed(keys=queue_keys(queue_of(name)), args=[entry_of(name, subject_id)])
        except redis.RedisError as error:
            _was_not_queued(queue_of(name), error)

    def notify_due(self, found: Sequence[tuple[JobName, int]]) -> None:
        """One request for each queue, however many are due."""
        for queue in QUEUES:
            entries = [entry_of(name, subject_id) for name, subject_id in found if queue_of(name) == queue]
            try:
                if entries:
                    self._due(keys=queue_keys(queue), args=entries)
            except redis.RedisError as error:
                _was_not_queued(queue, error)

    def is_other_pressed(self, name: JobName, subject_id: int) -> bool:
        try:
            waiting = cast("list[bytes]", self._redis.lrange(queue_keys(queue_of(name))[0], 0, 1))
        except redis.RedisError:
            return False
        return any(entry != entry_of(name, subject_id).encode() for entry in waiting)


def _was_not_queued(queue: str, error: redis.RedisError) -> None:
    log.warning("the notification was not queued", extra={"queue": queue, "reason": type(error).__name__})
