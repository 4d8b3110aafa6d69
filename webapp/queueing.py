"""The notifier: names of background jobs, and `notify()`. The only importer of rq in webapp.

The database decides; a notification only saves the seconds until the next sweep. So `notify` never fails:
errors are logged and ignored.
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
"""Last resort only; every job stops by itself long before (docs/evidence/queue.md#job-time-outs)."""
NOTIFICATION_TTL_S = 5
"""A second notification for a subject within this time is skipped unless the first was acknowledged."""
QUEUE_LIMIT = 2_000
"""Beyond this nothing is queued: the workers are down, and the sweep will queue it when they are back."""
SOCKET_TIMEOUT_S = 2.0


class JobName(StrEnum):
    """Every function that a worker may run, by its full name."""

    RECONCILE = "jobs.reconcile"
    ANSWER = "jobs.answer"
    DELIVER = "jobs.deliver"
    PRUNE = "jobs.prune"


BACKGROUND = "background"
"""The queue of all small jobs that nobody waits for and that call no cloud."""
OWN_QUEUES = {JobName.RECONCILE: "reconcile", JobName.ANSWER: "ask"}
"""Jobs with their own queue and workers, so that a slow account cannot make a person wait."""
QUEUES = (*OWN_QUEUES.values(), BACKGROUND)

FORMER_QUEUES = {"tend": "reconcile", "deliver": BACKGROUND}
"""Names from before 0.1.0. Workers still serve them, so that processes can be upgraded one by one."""
FORMER_JOB_NAMES = {"jobs.tend": JobName.RECONCILE}


def queue_of(name: JobName) -> str:
    return OWN_QUEUES.get(name, BACKGROUND)


class Notifier(Protocol):
    def notify(self, name: JobName, subject_id: int) -> None:
        """Ask a worker to handle this subject soon; never raises."""
        ...

    def acknowledge(self, name: JobName, subject_id: int) -> None:
        """A worker has started on it: from now on a notification is a new one; never raises."""
        ...


def connect(redis_url: str) -> "redis.Redis[bytes]":
    """A connection with short timeouts: a silent Redis must not delay a click."""
    return redis.Redis.from_url(
        redis_url, socket_timeout=SOCKET_TIMEOUT_S, socket_connect_timeout=SOCKET_TIMEOUT_S
    )


def connect_blocking(redis_url: str) -> "redis.Redis[bytes]":
    """A worker's connection: its pop waits for minutes, so it has no read timeout."""
    return redis.Redis.from_url(redis_url, socket_connect_timeout=SOCKET_TIMEOUT_S, health_check_interval=30)


def notification_key(name: JobName, subject_id: int) -> str:
    return f"berth:notify:{queue_of(name)}:{name.value}:{subject_id}"


def notification_pattern(queue: str) -> str:
    """The key pattern of this queue's notifications, for SCAN."""
    return f"berth:notify:{queue}:*"


class RedisNotifier:
    """Notifies with an RQ job whose only argument is an id."""

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
        """True if there was no notification within NOTIFICATION_TTL_S; a longer TTL is not one of ours."""
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
