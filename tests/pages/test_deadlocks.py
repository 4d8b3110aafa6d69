"""A window's change and the end of a desktop take the same two rows in different order: a real deadlock.

The change locks the application and then writes its desktops; the end writes the desktop, whose trigger
writes the application. PostgreSQL ends one of the two, which is then done once more from its beginning.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.pages.test_database_trouble import engine_of, on_postgresql
from tests.windows import DAY, set_window
from webapp.database_trouble import may_try_again
from webapp.domain.lifecycle import Action, Phase
from webapp.engine.reconcile import reconcile

pytestmark = [pytest.mark.own_app, on_postgresql]

IS_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
DEADLOCK = "40P01"
CHANGE = "UPDATE workspaces SET"


class Rival(Thread):
    """Another connection that does these statements in one transaction, and is never the one to be ended."""

    def __init__(self, desk: Desk, *statements: str, waits_before_last: bool = False) -> None:
        super().__init__(name="rival")
        self.desk, self.statements, self.waits = desk, statements, waits_before_last

    def run(self) -> None:
        with self.desk.database.begin() as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '60s'"))
            *first, last = self.statements
            for statement in first:
                connection.execute(text(statement))
            if self.waits:
                wait_for_somebody_who_waits(self.desk)
            connection.execute(text(last))


def wait_for_somebody_who_waits(desk: Desk) -> None:
    with desk.database.connect() as connection:
        watching = connection.execution_options(isolation_level="AUTOCOMMIT")
        while not watching.execute(text(IS_WAITING)).scalar_one():
            pass


@contextmanager
def once_before(engine: Engine, step: Callable[[], None]) -> Iterator[list[str]]:
    """Before the first write of a desktop there; the list has all of them."""
    seen: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(CHANGE):
            seen.append(statement)
            if len(seen) == 1:
                step()

    event.listen(engine, "before_cursor_execute", listen)
    yield seen
    event.remove(engine, "before_cursor_execute", listen)


def test_a_change_of_a_window_that_is_ended_by_a_deadlock_is_done_once_more(
    app: Flask, desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.order()
    application_id = desk.row(workspace_id).application_id
    desk.session.commit()
    provider.read(f"/contracts/{application_id}/")
    closing = f"UPDATE workspaces SET phase = 'gone', version = version + 1 WHERE id = {workspace_id}"
    rival = Rival(desk, closing)

    def close_it_meanwhile() -> None:
        rival.start()
        wait_for_somebody_who_waits(desk)

    with once_before(engine_of(app), close_it_meanwhile) as changes:
        answer = provider.post(f"/contracts/{application_id}/", {"zone": "UTC", "last_day": "2027-03-01"})
    rival.join()

    assert (answer.status_code, len(changes)) == (303, 1), "the desktop was over at the second try"
    assert desk.row(workspace_id).phase is Phase.GONE
    page = provider.read(f"/contracts/{application_id}/")
    assert page.by_id("last_day")["value"] == "2027-03-01"


def test_a_step_that_is_ended_by_a_deadlock_may_be_repeated_and_is_not_put_aside(desk: Desk) -> None:
    workspace_id = desk.order()
    row = desk.row(workspace_id)
    set_window(desk, row.application_id, ends=DAY)
    desk.press(workspace_id, Action.TERMINATE)
    rival = Rival(
        desk,
        f"SELECT id FROM applications WHERE id = {row.application_id} FOR NO KEY UPDATE",
        f"UPDATE workspaces SET updated_at = updated_at WHERE id = {workspace_id}",
        waits_before_last=True,
    )

    def change_the_window_meanwhile() -> None:
        rival.start()
        with desk.database.connect() as connection:
            held = text("SELECT 1 FROM applications FOR NO KEY UPDATE SKIP LOCKED")
            while connection.execute(held).first() is not None:
                connection.rollback()

    with once_before(desk.database, change_the_window_meanwhile), pytest.raises(OperationalError) as ended:
        reconcile(desk.engine, desk.credential_id)
    rival.join()

    assert getattr(ended.value.orig, "sqlstate", "") == DEADLOCK and may_try_again(ended.value)
    assert desk.row(workspace_id).due_at == row.due_at
    reconcile(desk.engine, desk.credential_id)  # as `jobs.runtime` does at once
    assert desk.row(workspace_id).phase is Phase.GONE
