"""An RQ job that can only call the functions in Berth's own list, whatever is in Redis.

With a JSON serializer alone, anyone who can write to Redis can name any importable function; callbacks and
webhooks are two more ways (docs/evidence/queue.md#functions-by-name). Here the worst that such a writer can
cause is a redundant check of a row.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from rq.job import Job

import jobs
from jobs import runtime
from webapp.queueing import FORMER_JOB_NAMES, JobName


class Refused(Exception):
    """The job is not one of ours."""


class SafeJob(Job):
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
