"""`python -m jobs.worker tend|ask`: one worker process on one queue."""

import logging
import sys

from rq import Queue, Worker
from rq.serializers import JSONSerializer

from jobs import runtime
from jobs.safe_job import SafeJob
from webapp import logging as berth_logging
from webapp.clouds.registry import warm
from webapp.config import Settings
from webapp.queueing import QUEUES, connect_blocking

log = logging.getLogger(__name__)

# A dead worker is noticed by the rows' leases, not by RQ; these only keep RQ's own books short
# (stack facts, section 3).
WORKER_TTL_S, MAINTENANCE_S, MONITORING_S = 30, 10, 5


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in QUEUES.values():
        print(f"usage: python -m jobs.worker {'|'.join(sorted(QUEUES.values()))}", file=sys.stderr)
        return 2
    queue_name = arguments[0]
    settings = Settings.from_env(process="worker")
    berth_logging.configure(settings.log_level)
    runtime.prepare(settings)
    warm(has_tests=queue_name == "ask")
    make_worker(queue_name, settings).work(with_scheduler=False, logging_level="WARNING")
    return 0


def make_worker(queue_name: str, settings: Settings) -> Worker:
    connection = connect_blocking(settings.redis_url)
    queue = Queue(queue_name, connection=connection, serializer=JSONSerializer, job_class=SafeJob)
    return Worker(
        [queue],
        connection=connection,
        job_class=SafeJob,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_S,
        job_monitoring_interval=MONITORING_S,
        log_job_description=False,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
