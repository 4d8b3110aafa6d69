"""`python -m jobs.worker reconcile|ask|background`: one worker process on one queue."""

import logging
import signal
import sys
import time

import redis
from rq.serializers import JSONSerializer

from jobs import JOBS, runtime, without_queue
from jobs.safe_job import SafeJob
from jobs.safe_worker import UNUSABLE, SafeQueue, SafeWorker
from webapp import logging as berth_logging
from webapp.config import Settings
from webapp.heartbeats import WORKER_ROLES, Heart
from webapp.queueing import BACKGROUND, FORMER_QUEUES, QUEUES, connect_blocking, first_queue, queue_of

log = logging.getLogger(__name__)

# Leases detect a dead worker, not RQ; these values only keep RQ's own records short
# (docs/evidence/queue.md#dead-workers).
WORKER_TTL_S, MAINTENANCE_S, MONITORING_S = 20, 10, 5
"""An idle worker waits `WORKER_TTL_S` - 15 s for a job, then sends a heartbeat."""
AFTER_TROUBLE_S = 0.5


def main(arguments: list[str]) -> int:
    queue_name = FORMER_QUEUES.get(arguments[0], arguments[0]) if len(arguments) == 1 else ""
    if queue_name not in QUEUES:
        print(f"usage: python -m jobs.worker {'|'.join(QUEUES)}", file=sys.stderr)
        return 2
    # A background worker talks to the servers of strangers, so it never has the keys to cloud accounts.
    settings = Settings.from_env(process="background" if queue_name == BACKGROUND else "worker")
    berth_logging.configure(settings.log_level)
    prepare(queue_name, settings)
    while not work_on_queue(queue_name, settings) and not without_queue.work(queue_name):
        time.sleep(AFTER_TROUBLE_S)
    return 0


def prepare(queue_name: str, settings: Settings) -> None:
    """Load in this process what its jobs need, because each is forked from it."""
    if queue_name == BACKGROUND:  # that queue calls no cloud
        runtime.prepare(settings, drivers={})
    else:
        from webapp.clouds import registry  # the SDKs: 300 modules, 40 MB

        registry.warm(has_tests=queue_name == "ask")
        runtime.prepare(settings, drivers=registry.DRIVERS)
    runtime.rehearse(job.rehearse for name, job in JOBS.items() if queue_of(name) == queue_name)


def work_on_queue(queue_name: str, settings: Settings) -> bool:
    """Work until a signal stops it (True), or until Redis cannot be used or contains unreadable data (False).

    Unreadable data is deleted: the database says what there is to do, and the sweep queues it.
    """
    worker: SafeWorker | None = None
    try:
        worker = make_worker(queue_name, settings)
        reason = work(worker)
    except redis.RedisError as error:
        reason = type(error).__name__
    if worker is not None and worker.was_asked_to_stop:
        if worker.heart is not None:
            worker.heart.stop()
        return True
    # Between two rounds a signal just ends the process.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    log.warning("the queue cannot be used", extra={"queue": queue_name, "reason": reason})
    return False


def work(worker: SafeWorker) -> str:
    """Work until something ends it; what it was. Raises redis.RedisError."""
    try:
        worker.work(with_scheduler=False, logging_level="WARNING")
    except UNUSABLE:
        raise
    except redis.ResponseError:
        pass  # RQ's own registration, before the first job
    if worker.is_queue_unavailable or worker.was_asked_to_stop:
        return "unavailable"
    worker.forget_queue()
    return "unreadable"


def make_worker(queue_name: str, settings: Settings) -> SafeWorker:
    connection = connect_blocking(settings.redis_url)
    former = [old for old, current in FORMER_QUEUES.items() if current == queue_name]
    worker = SafeWorker(
        [
            SafeQueue(name, connection=connection, serializer=JSONSerializer, job_class=SafeJob)
            for name in (first_queue(queue_name), queue_name, *former)
        ],
        connection=connection,
        job_class=SafeJob,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_S,
        job_monitoring_interval=MONITORING_S,
        log_job_description=False,
    )
    worker.heart = Heart(settings.redis_url, WORKER_ROLES[queue_name])
    return worker


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
