"""What a request reads in the database.

PostgreSQL: the rows that every plan took from tables and indexes, those that it threw away too.
SQLite knows no such figure: the steps of its machine, which are as many for each row.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

STEPS = 20
"""SQLite's machine is asked after so many steps: exact enough, and quicker."""


class Reading:
    """Counts while `counted()` is open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self.total = 0
        self.statements: list[tuple[str, Any]] = []
        self._is_open = False
        if self._is_sqlite:
            engine.dispose()
            event.listen(engine, "connect", self._watch)
        else:
            event.listen(engine, "before_cursor_execute", self._note)

    @contextmanager
    def counted(self) -> Iterator["Reading"]:
        self.total, self.statements, self._is_open = 0, [], True
        try:
            yield self
        finally:
            self._is_open = False
            if not self._is_sqlite:
                self.total = sum(count for count, _ in self.plans())

    def plans(self) -> list[tuple[int, str]]:
        """Of each statement: the rows it read, and its text. PostgreSQL only."""
        with self._engine.connect() as connection:
            found = [
                (_rows_read(_explain(connection, statement, values)), statement)
                for statement, values in self.statements
            ]
            connection.rollback()
        return found

    def _watch(self, connection: Any, _record: Any) -> None:  # the driver's own connection
        connection.set_progress_handler(self._step, STEPS)

    def _step(self) -> int:
        if self._is_open:
            self.total += STEPS
        return 0

    def _note(self, _connection: Connection, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if self._is_open and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            self.statements.append((statement, values))


def _explain(connection: Connection, statement: str, values: Any) -> dict[str, Any]:
    cursor = connection.connection.cursor()
    cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
    answer = cursor.fetchone()[0]
    found = json.loads(answer) if isinstance(answer, str) else answer
    plan: dict[str, Any] = found[0]["Plan"]
    return plan


def _rows_read(plan: dict[str, Any]) -> int:
    own = 0.0
    if "Scan" in plan["Node Type"] and plan["Node Type"] not in (
        "Subquery Scan",
        "CTE Scan",
        "Bitmap Heap Scan",
    ):
        thrown = sum(value for name, value in plan.items() if name.startswith("Rows Removed by"))
        own = (plan["Actual Rows"] + thrown) * plan["Actual Loops"]
    return round(own) + sum(_rows_read(one) for one in plan.get("Plans", []))


def rows_of(engine: Engine, work: Callable[[], object]) -> int:
    with Reading(engine).counted() as reading:
        work()
    return reading.total
