"""`python -m bench.press [ACCOUNTS] [SECONDS]`: a person presses while all accounts are due, all the time.

Two real workers, the real scheduler and Redis, PostgreSQL; the cloud answers at once. Measured from before
the service that writes and notifies, until a worker begins with the account, and until it calls the cloud.
And how many entries wait meanwhile, and whether any waits twice.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import redis
from sqlalchemy import Engine as Database
from sqlalchemy import select, update
from sqlalchemy.orm import sessionmaker

from bench.databases import AS_IN_PRODUCTION, migrated
from jobs import JOBS, runtime, worker
from tests.desk import key_pair, make_settings, webhook_key_pair
from tests.scale.fleet import OF_FLEET, make_fleet
from tests.scale.settled import NEVER, QuietCloud, StandingClock
from tests.servers.process import ServerProcess
from tests.servers.stack import ROOT
from tests.servers.valkey import Valkey
from webapp.clouds.base import Access
from webapp.config import Settings
from webapp.database import make_engine
from webapp.domain.clock import SystemClock
from webapp.domain.errors import Unavailable
from webapp.domain.observation import MachineRef, Observation
from webapp.models import Duty, Workspace
from webapp.queueing import JobName, RedisNotifier, connect, queue_keys, queue_of
from webapp.services.context import ServiceContext
from webapp.services.workspace_actions import refresh
from webapp.vault.box import Sealer

DESKTOPS_EACH, WORKERS, PRESS_EVERY_S, GIVE_UP_S, WARM_UP_RUNS = 10, 2, 1.0, 60.0, 50
REST_S = 5
"""Much shorter than any installation's, so that each account is due again long before its next turn."""
PRESSED, ANSWERED, RUNS = "bench:pressed", "bench:answered", "bench:runs"
"""In Redis: the machine that a person waits for, when the run began and when it looked; runs so far."""
QUEUE = queue_of(JobName.RECONCILE)


class TimedCloud(QuietCloud):
    """Notes when a run begins, and when it looks at the machine that somebody waits for."""

    redis_url = ""

    def __init__(self, _access: Access, _gate: object) -> None:
        self._began_s, self._redis = time.time(), connect(self.redis_url)
        self._redis.incr(RUNS)

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        pressed = cast("bytes | None", self._redis.get(PRESSED))
        if pressed is not None and pressed.decode() in {one.cloud_workspace_id for one in machines}:
            self._redis.delete(PRESSED)
            self._redis.rpush(ANSWERED, f"{self._began_s} {time.time()}")
        return super().look(machines)


@dataclass
class Figures:
    begun_s: list[float] = field(default_factory=list)
    looked_s: list[float] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    dropped: int = 0
    twice: int = 0


def main(accounts: int = 1000, seconds: int = 180) -> None:
    print(
        f"{accounts} accounts due, {WORKERS} workers, {seconds} s; {os.cpu_count()} cores,"
        f" load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    with ExitStack() as stack:
        valkey = stack.enter_context(Valkey())
        url, _ = stack.enter_context(migrated("postgresql", **AS_IN_PRODUCTION))
        database = make_engine(url)
        make_fleet(
            database, url, StandingClock(), accounts=accounts, desktops=accounts * DESKTOPS_EACH, restless=0
        )
        with database.begin() as connection:
            connection.execute(update(Duty).values(due_at=NEVER))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for process in _start(url, valkey.url, folder):
            stack.callback(process.stop)
        waiting = connect(valkey.url)
        while _runs(waiting) < WARM_UP_RUNS:
            time.sleep(0.2)
        figures, began_s, before = Figures(), time.monotonic(), _runs(waiting)
        _press_for(seconds, database, valkey.url, waiting, figures)
        runs, took_s = _runs(waiting) - before, time.monotonic() - began_s
        database.dispose()
    _print(figures, runs / took_s)


def _start(url: str, redis_url: str, folder: Path) -> list[ServerProcess]:
    environ = {"PATH": os.environ["PATH"], "BERTH_ENV": "development", "LOG_LEVEL": "WARNING"} | {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "OBSERVE_INTERVAL_S": str(REST_S),
    }
    private = {
        "CREDENTIAL_PRIVATE_KEYS": key_pair()[1],
        "WEBHOOK_PRIVATE_KEYS": webhook_key_pair()[1],
    }
    commands = [("schedule", ["jobs.schedule"], environ)]
    commands += [
        (f"worker{number}", ["bench.press", "--as-worker"], environ | private) for number in range(WORKERS)
    ]
    made = []
    for name, command, of_process in commands:
        process = ServerProcess(
            [sys.executable, "-m", *command], log=folder / name, environ=of_process, cwd=ROOT
        )
        process.start(ready=lambda: True)
        made.append(process)
    return made


def be_worker() -> None:
    """`jobs.worker reconcile`, with a cloud that answers at once instead of the SDKs."""
    settings = Settings.from_env(process="worker")
    TimedCloud.redis_url = settings.redis_url
    runtime.prepare(settings, drivers={TimedCloud.key: TimedCloud})  # type: ignore[dict-item]  # looks only
    runtime.rehearse([JOBS[JobName.RECONCILE].rehearse])
    worker.work_on_queue(QUEUE, settings)


def _press_for(
    seconds: int, database: Database, redis_url: str, waiting: "redis.Redis[bytes]", figures: Figures
) -> None:
    settings = make_settings("postgresql://", redis_url=redis_url)
    sessions, notifier, rng = sessionmaker(database), RedisNotifier(redis_url), random.Random(7)
    columns = (Workspace.id, Workspace.company_id, Workspace.cloud_workspace_id)
    with sessions() as session:
        desktops = session.execute(select(*columns).where(OF_FLEET)).all()
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        workspace_id, company_id, machine_id = rng.choice(desktops)
        next_s = time.monotonic() + PRESS_EVERY_S
        waiting.set(PRESSED, machine_id or "")
        pressed_s = time.time()
        with sessions() as session, suppress(Unavailable):
            sealer = Sealer(settings.credential_public_key)
            context = ServiceContext(session, SystemClock(), notifier, settings, sealer)
            refresh(context, workspace_id, company_id=company_id, patience_s=0.0)
        _wait(pressed_s, waiting, figures)
        _look_at_queue(waiting, figures)
        time.sleep(max(0.0, next_s - time.monotonic()))


def _wait(pressed_s: float, waiting: "redis.Redis[bytes]", figures: Figures) -> None:
    """Until it was looked at; a run that was under way already began before the press."""
    answer = cast("tuple[bytes, bytes] | None", waiting.blpop([ANSWERED], timeout=GIVE_UP_S))
    if answer is None:
        figures.dropped += 1
        return
    begun_s, looked_s = (float(part) for part in answer[1].split())
    figures.begun_s.append(max(0.0, begun_s - pressed_s))
    figures.looked_s.append(looked_s - pressed_s)


def _look_at_queue(waiting: "redis.Redis[bytes]", figures: Figures) -> None:
    entries = [one for key in queue_keys(QUEUE) for one in cast("list[bytes]", waiting.lrange(key, 0, -1))]
    figures.lengths.append(len(entries))
    figures.twice += len(entries) - len(set(entries))


def _runs(waiting: "redis.Redis[bytes]") -> int:
    return int(cast("bytes | None", waiting.get(RUNS)) or 0)


def _print(figures: Figures, runs_a_s: float) -> None:
    print(f"{runs_a_s:.1f} runs a second; {len(figures.looked_s)} presses, {figures.dropped} dropped")
    for name, values in (("worker begins", figures.begun_s), ("looked at", figures.looked_s)):
        late = sorted(values)
        print(
            f"press to {name:13}: median {statistics.median(late) * 1000:.0f} ms,"
            f" p95 {late[int(len(late) * 0.95)] * 1000:.0f} ms, max {late[-1] * 1000:.0f} ms"
        )
    print(f"entries waiting: {min(figures.lengths)} to {max(figures.lengths)}, {figures.twice} of them twice")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-worker"]:
        be_worker()
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
