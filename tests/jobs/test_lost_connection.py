"""Workers whose database connection is lost in the middle of a job do it once more, on a new one."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, text, update
from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy.exc import InternalError

from jobs import DUE, runtime
from tests.desk import Desk
from tests.servers.valkey import Valkey
from webapp.database import ASK_AGAIN_S, ASKED_S
from webapp.domain.duties import TAKE_INVENTORY
from webapp.domain.lifecycle import State
from webapp.engine.context import Engine
from webapp.engine.reconcile import reconcile
from webapp.engine.sweep import Sweeper
from webapp.models import Installation
from webapp.queueing import JobName

pytestmark = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def prepared(desk: Desk, valkey_server: Valkey, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_settings", "_database", "_parent_pid"):
        monkeypatch.setattr(runtime, name, getattr(runtime, name))
    runtime.prepare(desk.settings, drivers={})
    yield
    assert runtime._database is not None
    runtime._database.dispose()


@pytest.mark.usefixtures("prepared")
def test_a_job_is_done_once_more_and_not_twice() -> None:
    begun: list[int] = []

    def lose_it_once(engine: Engine, subject_id: int) -> None:
        begun.append(subject_id)
        with engine.sessions.begin() as session:
            if len(begun) == 1:
                session.execute(text("SET TRANSACTION READ ONLY"))
            session.execute(update(Installation).values(uid=Installation.uid))

    def lose_it_always(engine: Engine, subject_id: int) -> None:
        begun.append(subject_id)
        with engine.sessions.begin() as session:
            session.execute(text("SET TRANSACTION READ ONLY"))
            session.execute(update(Installation).values(uid=Installation.uid))

    runtime.run(JobName.RECONCILE, lose_it_once, 7)
    with pytest.raises(RuntimeError, match="InternalError"):
        runtime.run(JobName.RECONCILE, lose_it_always, 8)

    assert begun == [7, 7, 8, 8]


def turn_read_only_once(database: DatabaseEngine, statement_begins: str) -> None:
    done: list[bool] = []

    def listen(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(statement_begins) and not done:
            done.append(True)
            cursor.execute("SET TRANSACTION READ ONLY")

    event.listen(database, "before_cursor_execute", listen)


def test_an_order_does_not_wait_for_the_failover_of_its_worker(desk: Desk) -> None:
    """Trouble of the database says nothing about the rows in hand: they are not put aside."""
    workspace_id = desk.order()
    turn_read_only_once(desk.database, "UPDATE workspaces")

    with pytest.raises(InternalError):
        reconcile(desk.engine, desk.credential_id)
    due_at, now = desk.row(workspace_id).due_at, desk.clock.now()
    reconcile(desk.engine, desk.credential_id)

    assert due_at is not None and due_at <= now
    assert "create_sent" in desk.story(workspace_id)
    desk.live_until(workspace_id, State.AVAILABLE)
    assert len(desk.machines()) == 1


def test_a_duty_does_not_wait_for_the_failover_of_its_worker(desk: Desk) -> None:
    """Broken off is not failed: a failed duty waits for minutes or hours and is shown as trouble."""
    desk.clock.pause(2 * desk.settings.inventory_interval_s)
    turn_read_only_once(desk.database, "UPDATE cloud_credentials SET inventory")

    with pytest.raises(InternalError):
        reconcile(desk.engine, desk.credential_id)
    broken_off = desk.duty(TAKE_INVENTORY)
    reconcile(desk.engine, desk.credential_id)

    assert (broken_off.failures, broken_off.failure_code) == (0, None)
    assert broken_off.due_at <= desk.clock.now()
    assert desk.duty(TAKE_INVENTORY).last_good_at == desk.clock.now()


def _let_a_second_pass(pooled: Connection) -> None:
    pooled.info[ASKED_S] -= ASK_AGAIN_S


def test_small_transactions_in_a_row_do_not_each_ask_whether_the_connection_lives(desk: Desk) -> None:
    with desk.database.connect() as pooled:
        asked_s = pooled.info[ASKED_S] = time.monotonic() + 3600  # no second passes in this test
        backend = pooled.connection.driver_connection.info.backend_pid

    for _ in range(25):
        with desk.sessions.begin() as session:
            session.execute(text("SELECT 1"))

    with desk.database.connect() as pooled:
        assert pooled.info[ASKED_S] == asked_s
        assert pooled.connection.driver_connection.info.backend_pid == backend


def test_a_connection_that_the_server_has_ended_is_replaced_before_it_is_used(desk: Desk) -> None:
    with desk.database.connect() as pooled:
        ended = pooled.connection.driver_connection.info.backend_pid
        _let_a_second_pass(pooled)
        with desk.database.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended})

    with desk.sessions.begin() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != ended


def test_a_sweep_never_reads_from_what_is_a_standby_now(desk: Desk) -> None:
    with desk.database.connect() as pooled:
        pooled.exec_driver_sql("SET default_transaction_read_only = on")
        pooled.commit()
        _let_a_second_pass(pooled)
    seen: list[str] = []

    def listen(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(
            connection.connection.driver_connection.execute("SHOW transaction_read_only").fetchone()[0]
        )

    event.listen(desk.database, "before_cursor_execute", listen)

    Sweeper(desk.sessions, desk.clock, desk.notifier, DUE).sweep()

    assert set(seen) == {"off"}
