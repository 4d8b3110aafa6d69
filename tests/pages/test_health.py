"""The probes name the part that is dead, and show strangers nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import text

from tests.conftest import both_databases
from tests.desk import RecordingNotifier
from tests.servers.valkey import Valkey
from webapp.config import Settings
from webapp.extensions import db
from webapp.factory import create_app
from webapp.heartbeats import DEAD_AFTER_S, KEY, LATE_AFTER_S, SINCE, Heart, Role
from webapp.metrics_settings import MetricsSettings

ANCIENT = "1 0"


@pytest.fixture
def store(valkey_server: Valkey) -> Iterator["redis.Redis[bytes]"]:
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        yield client
        client.config_set("maxmemory-policy", "noeviction")


@pytest.fixture
def probed(settings: Settings, valkey_server: Valkey) -> Iterator[Flask]:
    """An application whose Redis is real."""
    app = create_app(
        replace(settings, redis_url=valkey_server.url, live_url="/live/events"), notifier=RecordingNotifier()
    )
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def alive(store: "redis.Redis[bytes]", valkey_server: Valkey) -> None:
    """Every kind of process has just said that it lives, in a Redis that is old enough to be believed."""
    for role in Role:
        Heart(valkey_server.url, role).beat()
    store.hset(KEY, SINCE, ANCIENT)


def probe(app: Flask) -> tuple[int, dict[str, Any]]:
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()["parts"]


SILENT = {role: "late" if role in (Role.WORKER_BACKGROUND, Role.LIVE) else "dead" for role in Role}
"""Webhooks that come late take nobody's desktop away, and a page that hears nothing polls."""
WORKERS = ("worker:reconcile", "worker:ask", "worker:background")


def age(store: "redis.Redis[bytes]", role: Role, seconds: float) -> None:
    """The process was last heard of so long ago."""
    for field, value in store.hgetall(KEY).items():
        if field.startswith(f"{role}|".encode()):
            at_s, skew = value.split()
            store.hset(KEY, field, f"{float(at_s) - seconds} {skew.decode()}")


def trouble(parts: dict[str, Any]) -> dict[str, str]:
    return {name: part["status"] for name, part in parts.items() if part["status"] != "ok"}


@both_databases
@pytest.mark.usefixtures("alive")
def test_an_installation_whose_parts_all_live_is_ready(probed: Flask) -> None:
    status, parts = probe(probed)

    assert status == 200
    assert trouble(parts) == {}
    assert set(parts) == {"database", "redis", "scheduler", "clocks", "live", *WORKERS}
    assert all(part["message"] for part in parts.values())


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize("role", Role)
def test_the_one_that_fell_silent_is_named_and_no_other(
    probed: Flask, store: "redis.Redis[bytes]", role: Role
) -> None:
    age(store, role, LATE_AFTER_S + 1)
    late = probe(probed)
    age(store, role, DEAD_AFTER_S)
    dead = probe(probed)

    assert (late[0], trouble(late[1])) == (200, {role.value: "late"})
    expected = 200 if SILENT[role] == "late" else 503
    assert (dead[0], trouble(dead[1])) == (expected, {role.value: SILENT[role]})
    assert dead[1][role.value]["age_s"] > DEAD_AFTER_S


@pytest.mark.usefixtures("alive")
def test_one_living_worker_of_two_is_enough(
    probed: Flask, store: "redis.Redis[bytes]", valkey_server: Valkey
) -> None:
    store.hset(KEY, f"{Role.WORKER_RECONCILE}|elsewhere|1", ANCIENT)

    status, parts = probe(probed)

    assert (status, trouble(parts)) == (200, {})
    assert parts["worker:reconcile"]["message"] == "1 running."


@pytest.mark.usefixtures("alive")
def test_a_wiped_redis_makes_nobody_dead(
    probed: Flask, store: "redis.Redis[bytes]", valkey_server: Valkey
) -> None:
    store.flushall()
    wiped = probe(probed)
    for role in Role:
        Heart(valkey_server.url, role).beat()
    back = probe(probed)

    assert (wiped[0], trouble(wiped[1])) == (200, dict.fromkeys(Role, "unknown"))
    assert (back[0], trouble(back[1])) == (200, {})


def test_silence_that_lasts_longer_than_since_a_wipe_is_death(
    probed: Flask, store: "redis.Redis[bytes]"
) -> None:
    store.hset(KEY, SINCE, ANCIENT)

    status, parts = probe(probed)

    assert status == 503
    assert trouble(parts) == SILENT


def test_an_unavailable_redis_is_distinguished_from_dead_workers(app: Flask) -> None:
    status, parts = probe(app)

    assert status == 503
    assert trouble(parts) == {"redis": "dead", **dict.fromkeys(set(Role) - {Role.LIVE}, "unknown")}


@both_databases
@pytest.mark.usefixtures("alive")
def test_a_database_that_is_not_migrated_is_reported(probed: Flask) -> None:
    with probed.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
        db.session.commit()

    status, parts = probe(probed)

    assert (status, trouble(parts)) == (503, {"database": "dead"})


@pytest.mark.usefixtures("alive")
def test_an_unavailable_database_is_reported_and_the_process_still_lives(
    settings: Settings, valkey_server: Valkey
) -> None:
    away = replace(settings, database_url="sqlite:////nowhere/berth.sqlite3", redis_url=valkey_server.url)
    app = create_app(away, notifier=RecordingNotifier())

    status, parts = probe(app)
    alive = app.test_client().get("/healthz")

    assert (status, trouble(parts)) == (503, {"database": "dead"})
    assert (alive.status_code, alive.get_json()) == (200, {"status": "ok"})


@pytest.mark.usefixtures("alive")
def test_a_redis_that_may_throw_keys_away_is_not_ready(probed: Flask, store: "redis.Redis[bytes]") -> None:
    store.config_set("maxmemory-policy", "allkeys-lru")

    status, parts = probe(probed)

    assert (status, trouble(parts)) == (503, {"redis": "dead"})


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize(
    ("seconds", "status", "word"), [(3.0, 200, "late"), (-3.0, 200, "late"), (61.0, 503, "dead")]
)
def test_a_worker_whose_clock_is_off_is_reported(
    probed: Flask, store: "redis.Redis[bytes]", seconds: float, status: int, word: str
) -> None:
    for field, value in store.hgetall(KEY).items():
        if field.startswith(b"worker:reconcile"):
            store.hset(KEY, field, f"{value.split()[0].decode()} {seconds}")

    assert (probe(probed)[0], trouble(probe(probed)[1])) == (status, {"clocks": word})


@pytest.mark.usefixtures("alive")
def test_readyz_tells_strangers_only_yes_or_no(probed: Flask, store: "redis.Redis[bytes]") -> None:
    """The parts are for who may read /metrics: this machine in development, elsewhere by the token."""
    token = "t" * 40
    away = {"REMOTE_ADDR": "203.0.113.9"}
    client = probed.test_client()
    ready = client.get("/readyz", environ_base=away)
    age(store, Role.SCHEDULER, DEAD_AFTER_S + 1)
    not_ready = client.get("/readyz", environ_base=away)
    context = probed.extensions["berth"]
    known = replace(context.settings, metrics=MetricsSettings(token), environment="production")
    probed.extensions["berth"] = replace(context, settings=known)
    by_token = client.get("/readyz", environ_base=away, headers={"Authorization": f"Bearer {token}"})
    local = client.get("/readyz", headers={"Authorization": "Bearer another"})

    assert (ready.status_code, ready.get_json()) == (200, {"status": "ready"})
    assert (not_ready.status_code, not_ready.get_json()) == (503, {"status": "not ready"})
    assert by_token.get_json()["parts"]["scheduler"]["status"] == "dead"
    assert local.get_json() == {"status": "not ready"}


@pytest.mark.usefixtures("alive")
def test_an_operator_sees_the_parts_by_command(probed: Flask, store: "redis.Redis[bytes]") -> None:
    ready = probed.test_cli_runner().invoke(args=["ready"])
    age(store, Role.SCHEDULER, DEAD_AFTER_S + 1)
    not_ready = probed.test_cli_runner().invoke(args=["ready"])

    assert (ready.exit_code, not_ready.exit_code) == (0, 1)
    assert "scheduler          dead" in not_ready.output


def test_rubbish_in_redis_is_nobody_s_sign_of_life(probed: Flask, store: "redis.Redis[bytes]") -> None:
    store.hset(KEY, mapping={"": "", "nobody|x|1": "1 1", "scheduler|x|1": "rubbish", SINCE: "rubbish"})

    assert "scheduler" in trouble(probe(probed)[1])
