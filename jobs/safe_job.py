"""An RQ job that can only call the functions in Berth's own list, whatever is in Redis.

With a JSON serializer alone, anyone who can write to Redis can name any importable function; callbacks and
webhooks are two more ways (docs/evidence/queue.md#functions-by-name). Here the worst that such a writer can
cause is a redundant check of a row.
"""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from rq.job import Job

import jobs
from jobs import runtime
from webapp.queueing import FORMER_JOB_NAMES, JOB_TIMEOUT_S, JobName, queue_of, read_entry


class Refused(Exception):
    """The job is not one of ours."""


KEPT_S = 3600
"""RQ's record of a job that was taken and never begun."""
FAILURE_KEPT_S = 86_400


class SafeJob(Job):
    @classmethod
    def fetch(cls, id: str, connection: Any = None, serializer: Any = None) -> Job:
        """The job that an entry of the queue names: nothing but the entry is read from Redis.

        RQ keeps its record of it under a name of its own, so that two runs never share one. Anything else in
        the queue is a job of an older version, or nobody's, and is read as RQ does.
        """
        found = read_entry(id)
        if found is None:
            return super().fetch(id, connection=connection, serializer=serializer)
        name, subject_id = found
        job = cls.create(
            name.value,
            args=(subject_id,),
            id=f"{id}-{uuid.uuid4().hex[:12]}",
            connection=connection,
            serializer=serializer,
            origin=queue_of(name),
            timeout=JOB_TIMEOUT_S,
            result_ttl=0,
            failure_ttl=FAILURE_KEPT_S,
            description=f"{name.value} {subject_id}",
        )
        job.save()
        connection.expire(job.key, KEPT_S)
        return job

    @property
    def func(self) -> Callable[[int], None]:
        """The work that the job names, from our list. Raises Refused."""
        known = {name.value: name for name in JobName} | FORMER_JOB_NAMES
        is_plain = not self.kwargs and len(self.args) == 1 and type(self.args[0]) is int
        if self.instance is not None or self.func_name not in known or not is_plain:
            raise Refused("not a job of Berth")
        name = known[self.func_name]
        return partial(runtime.run, name, jobs.JOBS[name].work)

    @property
    def success_callback(self) -> Any:
        return None

    @property
    def failure_callback(self) -> Any:
        return None

    @property
    def stopped_callback(self) -> Any:
        return None

    def send_webhooks(self, *_args: Any, **_kwargs: Any) -> None:
        """Berth's jobs have none."""
