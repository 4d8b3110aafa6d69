"""Looks that find nothing: what they write, and how little."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import event, select, text, update

from tests.conftest import both_databases
from tests.scale.settled import NEVER, NOW, QuietCloud, engine_of, settle_fleet
from webapp.database import make_engine
from webapp.engine.context import Engine
from webapp.engine.reconcile import reconcile
from webapp.models import Schedule, Workspace

pytestmark = both_databases
BATCH = QuietCloud.look_size


class Fleet:
    """Two batches of settled desktops."""

    def __init__(self, url: str) -> None:
        self.database: Database = make_engine(url)
        self.account_id = settle_fleet(self.database, url, 2 * BATCH)
        self.engine: Engine = engine_of(self.database, url)

    def statements_of_a_run(self, due: int) -> list[str]:
        """What a run says to the database when so many desktops are due."""
        with self.engine.sessions.begin() as session:
            session.execute(update(Schedule).values(due_at=NEVER))
            ids = select(Schedule.workspace_id).order_by(Schedule.workspace_id).limit(due)
            session.execute(update(Schedule).where(Schedule.workspace_id.in_(ids)).values(due_at=NOW))
        QuietCloud.looks.clear()
        said: list[str] = []

        def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith("BEGIN"):
                said.append(" ".join(statement.split()[:2]))

        event.listen(self.database, "before_cursor_execute", listen)
        reconcile(self.engine, self.account_id)
        event.remove(self.database, "before_cursor_execute", listen)
        assert sum(QuietCloud.looks) == due
        return said

    def rows(self) -> list[tuple[Any, ...]]:
        """Every workspace, whole; on PostgreSQL also where it is stored, which any write changes."""
        place = ", ctid::text, xmin::text" if self.database.dialect.name == "postgresql" else ""
        with self.database.connect() as connection:
            return [
                tuple(row) for row in connection.execute(text(f"SELECT *{place} FROM workspaces ORDER BY id"))
            ]


@pytest.fixture
def fleet(database_url: str) -> Iterator[Fleet]:
    made = Fleet(database_url)
    yield made
    made.database.dispose()


def test_each_batch_costs_two_statements_however_many_there_are(fleet: Fleet) -> None:
    """Beside what a run costs once: lease, account, duties, orphans."""
    fleet.statements_of_a_run(BATCH)  # once an hour the trail gets a line that the secret is used
    nothing, one, two = (fleet.statements_of_a_run(count * BATCH) for count in (0, 1, 2))

    assert len(two) - len(one) == 2
    assert one.count("UPDATE schedules") == 1 and two.count("UPDATE schedules") == 2
    assert len(two) < 20 and not nothing.count("UPDATE schedules")


def test_the_rows_of_the_workspaces_and_their_indexes_are_not_touched(fleet: Fleet) -> None:
    before = fleet.rows()

    said = fleet.statements_of_a_run(2 * BATCH)

    assert fleet.rows() == before
    assert "UPDATE workspaces" not in said
    with fleet.engine.sessions.begin() as session:
        seen = set(session.execute(select(Schedule.observed_at, Schedule.due_at).distinct()))
    assert seen == {(NOW, NOW + fleet.engine.rest)}


def test_what_is_new_about_one_of_them_is_written_in_its_row(fleet: Fleet) -> None:
    with fleet.engine.sessions.begin() as session:
        changed = session.scalars(select(Workspace).order_by(Workspace.id)).first()
        assert changed is not None
        changed.ip_address = "10.9.9.9"
        changed_id, version = changed.id, changed.version

    said = fleet.statements_of_a_run(BATCH)

    assert said.count("UPDATE workspaces") == 1
    with fleet.engine.sessions.begin() as session:
        row = session.get_one(Workspace, changed_id)
        assert (row.ip_address, row.version, row.due_at) == (
            "10.0.0.1",
            version + 1,
            NOW + fleet.engine.rest,
        )
