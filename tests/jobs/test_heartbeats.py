"""Real processes are killed, and the probe names the one that is gone."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from flask import Flask

from tests.desk import RecordingNotifier, key_pair, webhook_key_pair
from tests.pages.test_health import age, probe, trouble
from tests.servers.process import ServerProcess
from tests.servers.stack import free_port
from tests.servers.valkey import Valkey
from webapp.config import Settings
from webapp.extensions import db
from webapp.factory import create_app
from webapp.heartbeats import DEAD_AFTER_S, KEY, SINCE, Role

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {
    Role.SCHEDULER: ["jobs.schedule"],
    Role.WORKER_RECONCILE: ["jobs.worker", "reconcile"],
    Role.WORKER_ASK: ["jobs.worker", "ask"],
    Role.WORKER_BACKGROUND: ["jobs.worker", "background"],
    Role.LIVE: ["live", "--bind", f"127.0.0.1:{free_port()}"],
}
LIMIT_S = 60.0


class Berth:
    """A scheduler and one worker a queue, as real processes, and an application that is asked about them."""

    def __init__(self, settings: Settings, valkey: Valkey, folder: Path) -> None:
        self.valkey = valkey
        self.app: Flask = create_app(
            replace(settings, redis_url=valkey.url, live_url="/live/events"), notifier=RecordingNotifier()
        )
        environ = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | {
            "BERTH_ENV": "development",
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": valkey.url,
            "CREDENTIAL_PRIVATE_KEYS": key_pair()[1],
            "WEBHOOK_PRIVATE_KEYS": webhook_key_pair()[1],
        }
        self.processes = {
            role: ServerProcess(
                [sys.executable, "-m", *command], log=folder / f"{role}.log", environ=environ, cwd=ROOT
            )
            for role, command in COMMANDS.items()
        }

    def start(self, role: Role) -> None:
        self.processes[role].start(
            ready=lambda: probe(self.app)[1][role]["message"] == "1 running.", limit_s=LIMIT_S
        )

    def trouble_becomes(self, expected: dict[str, str]) -> None:
        wait_until(lambda: trouble(probe(self.app)[1]) == expected, what=lambda: str(probe(self.app)))

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
        with self.app.app_context():
            db.engine.dispose()


def wait_until(is_so: Callable[[], bool], *, what: Callable[[], str]) -> None:
    give_up_at = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < give_up_at, what()
        time.sleep(0.2)  # each look asks the application, beside the process that is waited for


@pytest.fixture
def berth(settings: Settings, own_valkey: Valkey, tmp_path: Path) -> Iterator[Berth]:
    made = Berth(settings, own_valkey, tmp_path)
    with redis.Redis.from_url(own_valkey.url) as client:
        client.hset(KEY, SINCE, "1 0")
    try:
        for role in COMMANDS:
            made.start(role)
        yield made
    finally:
        made.close()


@pytest.mark.slow
@pytest.mark.crash
def test_who_is_gone_is_named_and_who_lives_is_not(berth: Berth) -> None:
    """One installation lives through all of it: killed, without a queue, wiped, ended on purpose."""
    with redis.Redis.from_url(berth.valkey.url) as client:
        _kill_one_after_the_other(berth, client)
        berth.valkey.stop()
        berth.trouble_becomes({"redis": "dead", **dict.fromkeys(Role, "unknown")})
        berth.valkey.start()
        berth.trouble_becomes({})

        client.flushall()
        client.hset(KEY, SINCE, "1 0")
        berth.trouble_becomes({})
        assert {field.partition(b"|")[0].decode() for field in client.hkeys(KEY)} == {*Role, SINCE}

    for role in (Role.SCHEDULER, Role.WORKER_ASK):
        berth.processes[role].stop(limit_s=30)
    assert trouble(probe(berth.app)[1]) == {Role.SCHEDULER.value: "dead", Role.WORKER_ASK.value: "dead"}


def _kill_one_after_the_other(berth: Berth, client: redis.Redis) -> None:
    """Every heartbeat is made old; a living process sends a new one."""
    for victim, number in (
        (Role.WORKER_RECONCILE, signal.SIGKILL),
        (Role.SCHEDULER, signal.SIGKILL),
        (Role.WORKER_ASK, signal.SIGSTOP),  # hangs
    ):
        berth.trouble_becomes({})
        os.kill(berth.processes[victim].pid, number)
        for role in Role:
            age(client, role, DEAD_AFTER_S + 1)
        berth.trouble_becomes({victim.value: "dead"})
        berth.processes[victim].kill()
        berth.start(victim)
