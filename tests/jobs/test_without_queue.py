"""Without Redis a worker finds in the database what is due on its queue, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from jobs import runtime, without_queue, worker
from tests.desk import Desk
from webapp.models import Inquiry


@pytest.fixture
def prepared(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_settings", "_database", "_drivers", "_parent_pid"):
        monkeypatch.setattr(runtime, name, getattr(runtime, name))
    monkeypatch.setattr(runtime, "SystemClock", lambda **_: desk.clock)
    worker.prepare("reconcile", replace(desk.settings, redis_url="unix:///nowhere/at/all"))
    yield
    runtime.disconnect()


@pytest.mark.usefixtures("prepared")
def test_what_is_due_is_done_and_the_work_of_other_queues_is_left_to_them(desk: Desk) -> None:
    workspace_id = desk.order()
    with desk.sessions.begin() as session:
        session.execute(update(Inquiry).values(answered_at=None, asked_at=desk.clock.now()))

    was_stopped = without_queue.work("reconcile")

    assert not was_stopped
    assert desk.row(workspace_id).cloud_workspace_id is not None
    with desk.sessions.begin() as session:
        assert set(session.scalars(select(Inquiry.answered_at))) == {None}


@pytest.mark.usefixtures("prepared")
def test_without_a_database_either_a_worker_waits(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    runtime.prepare(replace(desk.settings, database_url="sqlite:////nowhere/at/all"), drivers={})

    assert not without_queue.work("reconcile")

    assert [record.getMessage() for record in caplog.records] == ["the database is unavailable"]
