"""Processes and jobs under the names from before 0.1.0 go on working while an installation is upgraded."""

import os
import sys
import time
from pathlib import Path

import pytest
import redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from jobs import runtime
from jobs.safe_job import SafeJob
from tests.desk import key_pair, webhook_key_pair
from tests.servers.process import ServerProcess
from tests.servers.valkey import Valkey
from webapp.config import Settings
from webapp.heartbeats import KEY, Role, listen
from webapp.queueing import JobName

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0
NOBODY = 4711
"""An id of nothing: every job may be called with it, and does nothing."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("former", "current", "jobs"),
    [
        ("tend", "reconcile", ("jobs.tend", "jobs.reconcile")),
        ("deliver", "background", ("jobs.deliver", "jobs.deliver")),
    ],
)
def test_a_worker_named_by_the_former_queue_serves_the_former_and_the_current_one(
    settings: Settings,
    own_valkey: Valkey,
    tmp_path: Path,
    former: str,
    current: str,
    jobs: tuple[str, str],
) -> None:
    with redis.Redis.from_url(own_valkey.url) as client:
        waiting = [
            Queue(name, connection=client, serializer=JSONSerializer).enqueue_call(
                function, args=(NOBODY,), result_ttl=300
            )
            for name, function in zip((former, current), jobs, strict=True)
        ]
        worker = ServerProcess(
            [sys.executable, "-m", "jobs.worker", former],
            log=tmp_path / "worker.log",
            environ={name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
            | {
                "BERTH_ENV": "development",
                "DATABASE_URL": settings.database_url,
                "REDIS_URL": own_valkey.url,
                "CREDENTIAL_PRIVATE_KEYS": key_pair()[1],
                "WEBHOOK_PRIVATE_KEYS": webhook_key_pair()[1],
            },
            cwd=ROOT,
        )
        try:
            worker.start(
                ready=lambda: [beat.role for beat in listen(own_valkey.url).beats] == [f"worker:{current}"],
                limit_s=LIMIT_S,
            )
            give_up_at = time.monotonic() + LIMIT_S
            while not all(job.get_status() in ("finished", "failed") for job in waiting):
                assert time.monotonic() < give_up_at, worker.words()
                time.sleep(0.05)
        finally:
            worker.kill()

        assert [job.get_status() for job in waiting] == ["finished", "finished"], worker.words()


def test_a_job_queued_under_its_former_name_runs(
    valkey_server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[JobName, int]] = []
    monkeypatch.setattr(runtime, "run", lambda name, _work, subject_id: ran.append((name, subject_id)))
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        queue = Queue("tend", connection=client, serializer=JSONSerializer, job_class=SafeJob)
        queue.enqueue_call("jobs.tend", args=(7,))

        worker = SimpleWorker([queue], connection=client, job_class=SafeJob, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="CRITICAL")

    assert ran == [(JobName.RECONCILE, 7)]


@pytest.mark.parametrize(
    ("former", "role"),
    [("worker:tend", Role.WORKER_RECONCILE), ("worker:deliver", Role.WORKER_BACKGROUND)],
)
def test_a_heartbeat_under_a_former_name_counts_for_the_current_one(
    valkey_server: Valkey, former: str, role: Role
) -> None:
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        client.hset(KEY, f"{former}|host|1", f"{client.time()[0]} 0")

        (beat,) = listen(valkey_server.url).of(role)

    assert beat.age_s < LIMIT_S
