"""While the queue is unavailable, full or read-only, a worker reads in the database what is due, and does it.

The queue only notifies (docs/decisions/queue_as_notifier.md): its loss must cost seconds, not the work.
"""

import os
import random
import signal
import time

from sqlalchemy.exc import SQLAlchemyError

from jobs import DUE, JOBS, runtime
from webapp.engine.sweep import find_due
from webapp.queueing import JOB_TIMEOUT_S, JobName, queue_of

ROUND_S = 5.0
"""After this the queue is tried again, and what is due is read again."""


def work(queue_name: str) -> bool:
    """One round of what is due on this queue; True if a signal asked to stop.

    In any order: workers that know nothing of each other then seldom take the same account, which the lease
    would refuse, and no account is always the last.
    """
    stops: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: stops.append(number))
    due = _find_due(queue_name)
    random.shuffle(due)
    end_s = time.monotonic() + ROUND_S
    for name, subject_id in due:
        if stops or time.monotonic() >= end_s:
            break
        _run_in_fork(name, subject_id)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    return bool(stops)


def _find_due(queue_name: str) -> list[tuple[JobName, int]]:
    """Empty while the database is unavailable too."""
    try:
        engine = runtime.build()
        own = [(name, query) for name, query in DUE if queue_of(name) == queue_name]
        return find_due(engine.sessions, own, engine.clock.now())
    except SQLAlchemyError as error:
        runtime.log.warning("the database is unavailable", extra={"reason": type(error).__name__})
        return []
    finally:
        runtime.disconnect()


def _run_in_fork(name: JobName, subject_id: int) -> None:
    """As RQ does, so that a job that hangs or leaks ends alone."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setpgrp()
            random.seed()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(JOB_TIMEOUT_S)
            runtime.run(name, JOBS[name].work, subject_id)
            code = 0
        finally:
            os._exit(code)  # an error is in the log already
    os.waitpid(pid, 0)
