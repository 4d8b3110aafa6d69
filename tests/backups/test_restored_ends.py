"""After a restore no desktop ends at once: that its end was undone since the backup is not known."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.backups.conftest import Host
from tests.conftest import both_databases
from tests.desk import Desk, StoryClock
from tests.windows import DAY, HOUR, have_window, pass_time, set_grace
from webapp.database import make_engine
from webapp.domain.access import AFTER_RESTORE, Because
from webapp.domain.lifecycle import Action, Desired
from webapp.models import Company, Installation, Workspace


@pytest.fixture
def host(desk: Desk, database_url: str, tmp_path: Path, clock: StoryClock) -> Iterator[Host]:
    yield Host(database_url, tmp_path / "backups", clock)


def rows_of(url: str) -> dict[int, Workspace]:
    engine = make_engine(url)
    with Session(engine, expire_on_commit=False) as session:
        found = {row.id: row for row in session.scalars(select(Workspace))}
    engine.dispose()
    return found


def leave(desk: Desk) -> None:
    desk.session.close()
    desk.database.dispose()


@both_databases
def test_a_desktop_whose_end_was_undone_since_the_backup_is_kept_for_a_day(
    host: Host, desk: Desk, clock: StoryClock, empty_url: str
) -> None:
    set_grace(desk)
    soon, later, ended = desk.available(), desk.available(), desk.available()
    for one in (soon, later):
        desk.press(one, Action.TERMINATE)
    with desk.sessions.begin() as session:
        for one, changes in (
            (soon, {"destroy_at": clock.now() + HOUR}),
            (ended, {"desired": Desired.ABSENT, "suspended_at": clock.now(), "destroy_at": clock.now()}),
        ):
            because = {"suspended_because": Because.TERMINATE_REQUESTED}
            session.execute(update(Workspace).where(Workspace.id == one).values(changes | because))
    before = {one: desk.row(one) for one in (soon, later, ended)}
    leave(desk)
    host.create()
    clock.pause(2 * HOUR.total_seconds())

    said = Host(empty_url, host.folder, clock).type("restore", host.folder)

    after = rows_of(empty_url)
    assert after[soon].destroy_at == clock.now() + AFTER_RESTORE == clock.now() + DAY
    assert after[soon].version == before[soon].version + 1
    for one in (later, ended):
        assert (after[one].destroy_at, after[one].version) == (before[one].destroy_at, before[one].version)
    assert "24 hours" in said and "Starts and ends" in said


@both_databases
def test_a_contract_that_ends_right_after_a_restore_keeps_its_desktop_for_a_day_without_any_grace(
    desk: Desk,
) -> None:
    """The contract may have been extended since the backup."""
    workspace_id = desk.available()
    restored_at = desk.clock.now()
    with desk.sessions.begin() as session:
        session.execute(update(Company).values(contract_grace_days=0))
        session.execute(update(Installation).values(restored_at=restored_at))
    have_window(desk, desk.row(workspace_id).application_id, ends=timedelta(minutes=5))

    pass_time(desk, HOUR)

    row = desk.row(workspace_id)
    assert (row.desired, row.destroy_at) == (Desired.PRESENT, restored_at + AFTER_RESTORE)
    pass_time(desk, DAY)
    assert desk.row(workspace_id).desired is Desired.ABSENT
