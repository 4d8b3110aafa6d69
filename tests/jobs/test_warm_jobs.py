"""What every job needs is done once, in the parent that it is forked from."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.engine.interfaces import CacheStats

from jobs import JOBS, runtime, worker
from tests.conftest import both_databases
from tests.desk import Desk
from tests.servers.valkey import Valkey
from webapp.models import Duty
from webapp.queueing import JobName, queue_of


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_settings", "_database", "_drivers", "_parent_pid"):
        monkeypatch.setattr(runtime, name, getattr(runtime, name))
    yield
    assert runtime._database is not None
    runtime._database.dispose()


@both_databases
@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("name", JobName)
def test_a_job_with_nothing_to_do_finds_all_its_statements_compiled(
    desk: Desk, valkey_server: Valkey, name: JobName
) -> None:
    desk.sweep()
    with desk.sessions.begin() as session:
        session.execute(update(Duty).values(due_at=datetime(2100, 1, 1, tzinfo=UTC)))
    found: list[tuple[str, bool]] = []

    def note(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: Any) -> None:
        if context.compiled is not None:
            found.append((statement, context.cache_hit is CacheStats.CACHE_HIT))

    worker.prepare(queue_of(name), replace(desk.settings, redis_url=valkey_server.url))
    assert runtime._database is not None
    event.listen(runtime._database, "before_cursor_execute", note)
    runtime.run(name, JOBS[name].work, desk.credential_id if name is JobName.RECONCILE else 4711)

    assert found
    assert [statement for statement, is_compiled in found if not is_compiled] == []


@pytest.mark.usefixtures("restored")
def test_a_worker_starts_without_a_database_and_its_jobs_begin_cold(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    worker.prepare("reconcile", replace(desk.settings, database_url="sqlite:////nowhere/at/all"))

    assert [record.getMessage() for record in caplog.records] == ["the jobs begin cold"]
