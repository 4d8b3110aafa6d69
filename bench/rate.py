"""`python -m bench.rate [SECONDS]`: how well the account's rate limit is kept, and how fully it is used.

500 orders on one account, whose sandbox allows 2 calls a second and 5 in a burst as Amazon does. The poll
interval is short, so that more looks are due than the limit lets through: work is waiting all the time.
Once on the simulated clock, once in real time with the limiter in Redis, a scheduler and two real workers.
"""

import os
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from bench.simulation import ROOT, simulated_desk
from sandbox.control import Json
from tests.desk import Desk
from tests.servers.process import ServerProcess
from tests.servers.valkey import Valkey
from webapp.engine.reconcile import reconcile
from webapp.models import Schedule

ORDERS, POLL_S = 500, 5
CALLS_PER_S, BURST = 2.0, 5
SAMPLE_S = 0.25


@dataclass(frozen=True, slots=True)
class Use:
    calls: int
    throttled: int
    seconds: float
    """While work was waiting."""

    @property
    def throttled_share(self) -> float:
        return self.throttled / max(self.calls, 1)

    @property
    def share_of_limit(self) -> float:
        return (self.calls - self.throttled) / (BURST + CALLS_PER_S * self.seconds)

    def __str__(self) -> str:
        return (
            f"{self.calls} calls in {self.seconds:.0f} s with work waiting, {self.throttled} throttled "
            f"({self.throttled_share:.2%}), {self.share_of_limit:.1%} of the limit used"
        )


def main(seconds: float = 75.0) -> None:
    with simulated_desk(poll_interval_s=POLL_S) as desk:
        order(desk, ORDERS)
        print(f"simulated clock, {ORDERS} orders: {use_on_simulated_clock(desk, 300)}", flush=True)
    print(f"real time, two workers, {ORDERS} orders: {_use_in_real_time(seconds)}", flush=True)


def order(desk: Desk, count: int) -> None:
    for _ in range(count):
        desk.order()
    desk.clock.pause(60)  # the bucket is full


def use_on_simulated_clock(desk: Desk, seconds: float) -> Use:
    """Let the workers work for so long; what they sent while something was due."""
    begun, waited_s = len(_ledger(desk)), 0.0
    end_s = desk.clock.elapsed_s + seconds
    while desk.clock.elapsed_s < end_s:
        before_s = desk.clock.elapsed_s
        reconcile(desk.engine, desk.credential_id)  # one run: while work is waiting, notifications never end
        desk.notifier.notifications.clear()
        waited_s += desk.clock.elapsed_s - before_s
        if desk.clock.elapsed_s == before_s:
            desk.clock.pause(SAMPLE_S)  # nothing was due
    return _use(_ledger(desk)[begun:], waited_s)


def _use_in_real_time(seconds: float) -> Use:
    with Valkey() as valkey, _real_desk(valkey) as desk, ExitStack() as ending:
        order(desk, ORDERS)
        desk.sandbox.set_settings(calls_per_s=CALLS_PER_S, burst=BURST)
        begun = len(_ledger(desk))
        _start_processes(desk, valkey, ending)
        while len(_ledger(desk)) == begun:
            time.sleep(0.02)
        first_s, waited_s, last_s = time.time(), 0.0, time.time()
        while time.time() < first_s + seconds:
            time.sleep(SAMPLE_S)
            now_s = time.time()
            waited_s += now_s - last_s if _due(desk) else 0.0
            last_s = now_s
        sent = [call for call in _ledger(desk)[begun:] if float(call["real_at"]) <= last_s]
    return _use(sent, waited_s)


def _real_desk(valkey: Valkey) -> AbstractContextManager[Desk]:
    return simulated_desk(speed=1, redis_url=valkey.url, poll_interval_s=POLL_S)


def _start_processes(desk: Desk, valkey: Valkey, ending: ExitStack) -> None:
    settings = desk.settings
    environ = {"PATH": os.environ["PATH"], "BERTH_ENV": "development", "NO_PROXY": "127.0.0.1"} | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": valkey.url,
        "CREDENTIAL_PRIVATE_KEYS": settings.credential_private_keys[0],
        "AWS_ENDPOINT_URL": desk.stage.endpoint.url,
        "POLL_INTERVAL_S": str(POLL_S),
    }
    for name, command in (
        ("one", "jobs.worker reconcile"),
        ("two", "jobs.worker reconcile"),
        ("sweep", "jobs.schedule"),
    ):
        process = ServerProcess(
            [sys.executable, "-m", *command.split()],
            log=valkey.folder / f"{name}.log",
            environ=environ,
            cwd=ROOT,
        )
        ending.callback(process.stop)
        process.start(ready=lambda: True)


def _due(desk: Desk) -> int:
    with desk.sessions.begin() as session:
        query = select(func.count()).where(Schedule.due_at <= datetime.now(UTC))
        return session.scalar(query) or 0


def _ledger(desk: Desk) -> list[Json]:
    return desk.sandbox.ledger(service="workspaces")


def _use(calls: list[Json], seconds: float) -> Use:
    throttled = sum(call["outcome"] == "ThrottlingException" for call in calls)
    return Use(len(calls), throttled, seconds)


if __name__ == "__main__":
    main(*(float(argument) for argument in sys.argv[1:]))
