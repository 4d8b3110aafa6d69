"""An RQ worker that obeys only operating system signals, and discards what it cannot read.

RQ lets anyone who can write to Redis suspend every worker, or kill or stop it with a message, and stops for
good at a key of the wrong type. Redis is only used to notify workers; here nothing in it can stop the work.
"""

from contextlib import suppress
from types import FrameType
from typing import Any

import redis
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.group import Group
from rq.worker_registration import REDIS_WORKER_KEYS, WORKERS_BY_QUEUE_KEY

from webapp.heartbeats import Heart
from webapp.queueing import QUEUES, first_queue

FIRST_QUEUES = frozenset(first_queue(queue) for queue in QUEUES)
SILENT_S = 3
MOST_FIRST_IN_A_ROW = 8
"""Otherwise people who never stop pressing would keep everybody else's routine from ever being done."""


UNUSABLE = (redis.ConnectionError, redis.TimeoutError, OutOfMemoryError, ReadOnlyError)
"""Redis is down, silent, full or read-only: it is not this queue's content that is at fault."""


class QueueUnavailable(StopRequested):
    """Ends RQ's loop at once, without a word. RQ itself would wait for Redis, and the work with it."""


class SafeQueue(Queue):
    @classmethod
    def dequeue_any(cls, *args: Any, **kwargs: Any) -> Any:
        """Raises QueueUnavailable."""
        try:
            return super().dequeue_any(*args, **kwargs)
        except UNUSABLE as error:
            raise QueueUnavailable from error


class SafeWorker(Worker):
    queue_class = SafeQueue

    first_in_a_row = 0
    """Jobs that people pressed for, since the last of the others."""

    was_asked_to_stop = False
    """Did a signal end `work`? Otherwise it was unreadable data in Redis."""

    heart: Heart | None = None
    """Where the worker records its heartbeat, in addition to RQ's own records."""

    is_queue_unavailable = False
    """Did `work` end because Redis cannot be used?"""

    @property
    def connection_timeout(self) -> int:
        """How long a Redis that has gone silent is waited for."""
        return self.dequeue_timeout + SILENT_S

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Raises QueueUnavailable."""
        try:
            super().heartbeat(timeout, pipeline)
        except UNUSABLE as error:
            self.is_queue_unavailable = True
            raise QueueUnavailable from error
        if self.heart is not None:
            self.heart.beat()

    def maintain_heartbeats(self, job: Any, execution: Any) -> None:
        """A job goes on without Redis; what has become of it is asked when it ends."""
        with suppress(redis.RedisError, QueueUnavailable):
            super().maintain_heartbeats(job, execution)

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None) -> Any:
        """Raises QueueUnavailable."""
        try:
            return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        except (QueueUnavailable, *UNUSABLE) as error:
            self.is_queue_unavailable = True
            raise QueueUnavailable from error

    def reorder_queues(self, reference_queue: Any) -> None:
        """People first; but after so many of theirs in a row, routine has its turn."""
        is_first = reference_queue.name in FIRST_QUEUES
        self.first_in_a_row = self.first_in_a_row + 1 if is_first else 0
        first, *others = self.queues
        self._ordered_queues = (
            [*others, first] if self.first_in_a_row >= MOST_FIRST_IN_A_ROW else [first, *others]
        )

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.was_asked_to_stop = True
        super().request_stop(signum, frame)

    def subscribe(self) -> None:
        """No channel: messages cannot stop a job, its process or the worker."""

    def check_for_suspension(self, burst: bool) -> None:
        """Nobody can suspend the workers through Redis."""

    def forget_queue(self) -> None:
        """Delete everything that RQ keeps for this queue; the sweep queues what is due again.

        Raises redis.RedisError.
        """
        for queue in self.queues:
            name = queue.name
            own = [f"rq:{kind}:{name}" for kind in _REGISTRIES]
            self.connection.delete(
                queue.key,
                queue.intermediate_queue.key,
                *own,
                WORKERS_BY_QUEUE_KEY % name,
                REDIS_WORKER_KEYS,
                queue.redis_queues_keys,
                Group.REDIS_GROUP_KEY,
            )


_REGISTRIES = ("wip", "finished", "failed", "deferred", "scheduled", "canceled", "clean_registries")
