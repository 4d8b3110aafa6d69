"""/metrics: closed unless opened, true to the database, cheap, and without a stranger's words."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from flask import Flask
from sqlalchemy import event

from tests.conftest import both_databases
from tests.desk import Desk, RecordingNotifier
from tests.servers.valkey import Valkey
from webapp.clouds.registry import DRIVERS
from webapp.config import Settings
from webapp.domain.lifecycle import State
from webapp.engine.account import AccountGate
from webapp.extensions import db
from webapp.factory import create_app
from webapp.heartbeats import Heart, Role
from webapp.metrics_settings import MetricsSettings

TOKEN = "a token of at least thirty-two characters"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def scrape(app: Flask) -> dict[str, float]:
    """Every sample, by name and labels."""
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    lines = [line for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture
def guarded(settings: Settings) -> Iterator[Flask]:
    app = create_app(replace(settings, metrics=MetricsSettings(TOKEN)), notifier=RecordingNotifier())
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"]
)
def test_without_the_token_nothing_is_shown(guarded: Flask, header: str) -> None:
    answer = guarded.test_client().get("/metrics", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert "berth_" not in answer.get_data(as_text=True)


def test_the_token_opens_from_everywhere(guarded: Flask) -> None:
    answer = guarded.test_client().get(
        "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, environ_base=ELSEWHERE
    )

    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert TOKEN not in answer.get_data(as_text=True)


def test_without_a_token_only_this_machine_reads_and_never_in_production(
    app: Flask, settings: Settings
) -> None:
    production = create_app(replace(settings, environment="production"), notifier=RecordingNotifier())

    assert app.test_client().get("/metrics").status_code == 200
    assert app.test_client().get("/metrics", environ_base=ELSEWHERE).status_code == 404
    assert production.test_client().get("/metrics").status_code == 404


@both_databases
def test_states_and_due_rows_are_those_of_the_database(app: Flask, desk: Desk) -> None:
    desk.available()
    desk.order()
    desk.order()
    desk.clock.pause(45)

    found = scrape(app)

    assert found['berth_workspaces{state="AVAILABLE"}'] == 1
    assert found['berth_workspaces{state="PENDING"}'] == 2
    assert {name for name in found if name.startswith("berth_workspaces{")} == {
        f'berth_workspaces{{state="{state}"}}' for state in State
    }
    assert found['berth_due_rows{account="open"}'] >= 2
    assert found["berth_oldest_due_age_seconds"] == 45


@both_databases
def test_rows_of_an_account_in_trouble_are_not_called_overdue(app: Flask, desk: Desk) -> None:
    desk.order()
    with desk.sessions.begin() as session:
        credential = session.get_one(type(desk.credential()), desk.credential_id)
        credential.blocked_code, credential.blocked_at = "cloud_unreachable", desk.clock.now()
        credential.blocked_until = desk.clock.now() + timedelta(hours=1)
    desk.clock.pause(45)

    found = scrape(app)

    assert found["berth_oldest_due_age_seconds"] == 0
    assert (found['berth_due_rows{account="open"}'], found['berth_due_rows{account="blocked"}']) == (0, 1)
    assert found['berth_accounts_blocked{code="cloud_unreachable"}'] == 1


def test_five_queries_are_enough(app: Flask, desk: Desk) -> None:
    for _ in range(30):
        desk.order()
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))

    scrape(app)

    assert len([one for one in statements if one.lstrip().startswith("SELECT")]) == 5, statements


def test_a_throttled_and_retried_order_is_counted(app: Flask, desk: Desk) -> None:
    before = scrape(app)
    desk.sandbox.add_fault("throttle", operation="CreateWorkspaces")
    desk.available()

    after = scrape(app)
    grown = {name: after[name] - before.get(name, 0) for name in after}

    assert grown['berth_cloud_calls_total{cloud="aws",operation="CreateWorkspaces",outcome="throttled"}'] == 1
    assert grown['berth_cloud_calls_total{cloud="aws",operation="CreateWorkspaces",outcome="ok"}'] == 1
    assert grown['berth_cloud_call_duration_seconds_count{cloud="aws",operation="CreateWorkspaces"}'] == 2
    assert grown['berth_retries_total{code="throttled"}'] == 1
    assert grown['berth_transitions_total{from="PENDING",to="AVAILABLE"}'] == 1
    assert grown['berth_reconcile_duration_seconds_count{outcome="done"}'] >= 1


def test_waiting_for_the_rate_limit_is_counted(app: Flask, desk: Desk) -> None:
    name = 'berth_throttle_wait_seconds_total{cloud="aws"}'
    before = scrape(app).get(name, 0.0)
    desk.clock.pause(60)  # the bucket is full
    gate = AccountGate(desk.engine, desk.credential(), None)
    rate = DRIVERS["aws"].rate
    for _ in range(rate.burst + 4):
        gate("workspaces.DescribeWorkspaces")

    assert scrape(app)[name] - before == pytest.approx(4 / rate.per_s)


def test_what_strangers_write_becomes_no_label(app: Flask, desk: Desk) -> None:
    browser = app.test_client()
    for number in range(5):
        browser.get(f"/nowhere/{number}")
        browser.open("/sign-in", method=f"X{number}")

    names = "\n".join(scrape(app))

    assert "nowhere" not in names
    assert not re.search(r'method="X', names)
    assert 'endpoint="none",le="+Inf",method="GET",status="4xx"' in names


def test_what_is_unavailable_is_reported_and_the_rest_is_measured(app: Flask, desk: Desk) -> None:
    found = scrape(app)

    assert (found['berth_up{part="database"}'], found['berth_up{part="redis"}']) == (1, 0)
    assert 'berth_workspaces{state="PENDING"}' in found


def test_queues_heartbeats_and_clocks_are_measured(settings: Settings, valkey_server: Valkey) -> None:
    app = create_app(replace(settings, redis_url=valkey_server.url), notifier=RecordingNotifier())
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        client.rpush("rq:queue:reconcile", "one")
        client.rpush("rq:queue:reconcile-first", "two")
    Heart(valkey_server.url, Role.SCHEDULER).beat()

    found = scrape(app)

    assert found['berth_queue_jobs{queue="reconcile"}'] == 2
    assert found['berth_processes{process="scheduler"}'] == 1
    assert found['berth_processes{process="worker:ask"}'] == 0
    assert found['berth_heartbeat_age_seconds{process="scheduler"}'] < 5
    assert abs(found["berth_redis_clock_skew_seconds"]) < 1
