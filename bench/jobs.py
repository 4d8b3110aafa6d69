"""`python -m bench.jobs [sqlite|postgresql]`: the CPU of a job that finds nothing to do.

A real worker, in a process of its own, takes real notifications and forks a job for each, as in production;
the kernel says what the forked processes used.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import update

from bench.simulation import ROOT, simulated_desk
from jobs import worker
from tests.servers.postgres import PostgresCluster
from tests.servers.valkey import Valkey
from webapp.config import Settings
from webapp.models import Duty
from webapp.queueing import BACKGROUND, JobName, RedisNotifier, queue_of

TIMES = 30


def main(kind: str = "sqlite") -> None:
    with Valkey() as valkey, _database(kind) as changes, simulated_desk(**changes) as desk:
        desk.sweep()  # the account's duties get their rows
        with desk.sessions.begin() as session:
            session.execute(update(Duty).values(due_at=datetime(2100, 1, 1, tzinfo=UTC)))
        for name in JobName:
            _measure(name, desk.settings, valkey.url)


@contextmanager
def _database(kind: str) -> Iterator[dict[str, str]]:
    if kind == "sqlite":
        yield {}
    else:
        with PostgresCluster() as cluster:
            yield {"database_url": cluster.create_database("bench")}


def _measure(name: JobName, settings: Settings, redis_url: str) -> None:
    environ = {"PATH": os.environ["PATH"], "BERTH_ENV": "development"} | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": redis_url,
        "CREDENTIAL_PRIVATE_KEYS": settings.credential_private_keys[0],
        "WEBHOOK_PRIVATE_KEYS": settings.webhook_private_keys[0],
    }
    program = [sys.executable, "-m", "bench.jobs", "--as-worker", name.value]
    subprocess.run(program, env=environ, cwd=ROOT, check=True)


def be_worker(name: JobName) -> None:
    settings = Settings.from_env(process="background" if queue_of(name) == BACKGROUND else "worker")
    worker.prepare(queue_of(name), settings)
    notifier = RedisNotifier(settings.redis_url)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(TIMES):
        notifier.notify(name, 1)
        worker.make_worker(queue_of(name), settings).work(burst=True, logging_level="WARNING")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    database = "SQLite" if settings.database_url.startswith("sqlite") else "PostgreSQL"
    print(f"{database}, {name.value} with nothing to do: {used_s / TIMES * 1000:.0f} ms of CPU", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-worker"]:
        be_worker(JobName(sys.argv[2]))
    else:
        main(*sys.argv[1:])
