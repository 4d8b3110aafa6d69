"""The notifier: names of background jobs, and `notify()`. The only importer of rq in webapp.

The rows are the truth; a ring only saves the seconds until the next sweep. So a ring never fails: what
goes wrong is logged and forgotten.
"""

import logging
import uuid
from enum import StrEnum
from typing import Protocol

import redis
from rq import Queue
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

JOB_TIMEOUT_S = 300
"""Last resort only; every job bounds itself long before (docs/evidence/queue.md#job-time-outs)."""
NOTIFICATION_TTL_S = 5
"""A second ring for the same thing within this time is left out unless the first was answered."""
QUEUE_LIMIT = 2_000
"""Beyond this no ring is added: the workers are away, and the sweep will ring when they are back."""
SOCKET_TIMEOUT_S = 2.0


class JobName(StrEnum):
    """Every function that a worker may run, by its full name."""

    RECONCILE = "jobs.reconcile"
    ANSWER = "jobs.answer"
    DELIVER = "jobs.deliver"


BACKGROUND = "background"
"""The queue of all small jobs that nobody waits for and that talk to no cloud account."""
OWN_QUEUES = {JobName.RECONCILE: "reconcile", JobName.ANSWER: "ask"}
"""Jobs with a queue and workers of their own: a slow account cannot make a person wait."""
QUEUES = (*OWN_QUEUES.values(), BACKGROUND)

FORMER_QUEUES = {"tend": "reconcile", "deliver": BACKGROUND}
"""Names from before 0.1.0. Workers still serve them, so that processes can be upgraded one by one."""
FORMER_JOB_NAMES = {"jobs.tend": JobName.RECONCILE}


def queue_of(name: JobName) -> str:
    return OWN_QUEUES.get(name, BACKGROUND)


class Notifier(Protocol):
    def notify(self, name: JobName, subject_id: int) -> None:
        """Ask a worker to look at this subject soon; never raises."""
        ...

    def acknowledge(self, name: JobName, subject_id: int) -> None:
        """The worker is there: from now on a ring is a new one; never raises."""
        ...


def connect(redis_url: str) -> "redis.Redis[bytes]":
    """A connection that gives up quickly: a silent Redis must not hold a click."""
    return redis.Redis.from_url(
        redis_url, socket_timeout=SOCKET_TIMEOUT_S, socket_connect_timeout=SOCKET_TIMEOUT_S
    )


def connect_blocking(redis_url: str) -> "redis.Redis[bytes]":
    """A worker's connection: its pop waits for minutes, so it has no read time-out of its own."""
    return redis.Redis.from_url(redis_url, socket_connect_timeout=SOCKET_TIMEOUT_S, health_check_interval=30)


def notification_key(name: JobName, subject_id: int) -> str:
    return f"berth:notify:{queue_of(name)}:{name.value}:{subject_id}"


def notification_pattern(queue: str) -> str:
    """Every notifier of this queue, for SCAN."""
    return f"berth:notify:{queue}:*"


class RedisNotifier:
    """Rings by an RQ job whose only argument is an id."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect(redis_url)
        self._queues = {
            name: Queue(queue_of(name), connection=self._redis, serializer=JSONSerializer) for name in JobName
        }

    def notify(self, name: JobName, subject_id: int) -> None:
        try:
            if not self._is_due(notification_key(name, subject_id)):
                return
            queue = self._queues[name]
            if queue.count >= QUEUE_LIMIT:
                return
            queue.enqueue_call(
                name.value,
                args=(subject_id,),
                job_id=f"{name.name.lower()}-{subject_id}-{uuid.uuid4().hex[:12]}",
                timeout=JOB_TIMEOUT_S,
                result_ttl=0,
                failure_ttl=86_400,
                description=f"{name.value} {subject_id}",
            )
        except redis.RedisError as error:
            log.warning(
                "the notification was not queued", extra={"job": name.value, "reason": type(error).__name__}
            )

    def _is_due(self, key: str) -> bool:
        """True when it was not notified within NOTIFICATION_TTL_S; a longer mark is not one of ours."""
        if self._redis.set(key, 1, nx=True, ex=NOTIFICATION_TTL_S):
            return True
        if 0 <= self._redis.ttl(key) <= NOTIFICATION_TTL_S:
            return False
        return bool(self._redis.set(key, 1, ex=NOTIFICATION_TTL_S))

    def acknowledge(self, name: JobName, subject_id: int) -> None:
        try:
            self._redis.delete(notification_key(name, subject_id))
        except redis.RedisError as error:
            log.warning("the queue is unavailable", extra={"job": name.value, "reason": type(error).__name__})
