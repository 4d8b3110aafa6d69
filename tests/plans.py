"""How SQLite finds what the product asks for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, scoped_session

Asked = list[tuple[str, Any]]
"""Statements and their values."""


@contextmanager
def noted(database: Engine, containing: str) -> Iterator[Asked]:
    """The statements with these words in them, as they are sent."""
    asked: Asked = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        if containing in text:
            asked.append((text, values))

    event.listen(database, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database, "before_cursor_execute", note)


def plans_of(session: Session | scoped_session[Session], asked: Asked) -> list[list[str]]:
    """The steps of each."""
    connection = session.connection()
    return [
        [step[3] for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
        for text, values in asked
    ]
