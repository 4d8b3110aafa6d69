"""What changes nothing but when to look again, written for many rows in one statement.

It touches the schedule only: no row of a workspace, no version, no index of theirs. A row whose schedule
somebody else has written since it was read is left alone, and read again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, case, literal, tuple_, update

from webapp.database import UtcDateTime
from webapp.domain.decisions.change import RowChange
from webapp.engine.context import Engine
from webapp.engine.leases import Lease, LeaseLost
from webapp.engine.rows import SCHEDULED, is_held, is_lost
from webapp.models import Schedule, Workspace
from webapp.models.schedule import MOST_AT_ONCE


def is_quiet(row: Workspace, changed: RowChange) -> bool:
    """Does the change leave everything as it is, but for the schedule?"""
    columns = changed.columns().items()
    return all(name in SCHEDULED or getattr(row, name) == value for name, value in columns)


def write_quietly(
    engine: Engine, lease: Lease, quiet: Sequence[tuple[Workspace, RowChange]]
) -> list[Workspace]:
    """Write them, and return the rows that were written: no one else changed them. Raises LeaseLost."""
    written: list[Workspace] = []
    for start in range(0, len(quiet), MOST_AT_ONCE):
        written += _write(engine, lease, quiet[start : start + MOST_AT_ONCE])
    return written


def _write(engine: Engine, lease: Lease, quiet: Sequence[tuple[Workspace, RowChange]]) -> list[Workspace]:
    now = engine.clock.now()
    values = {row.id: _schedule_of(row) | changed.columns() for row, changed in quiet}
    for row, _ in quiet:
        values[row.id]["due_at"] = row.due_by(values[row.id]["due_at"], now)
    with engine.sessions.begin() as session:
        done = set(session.scalars(_statement(lease, [row.schedule for row, _ in quiet], values)))
        if len(done) < len(quiet) and is_lost(session, lease):
            raise LeaseLost
    for row, _ in quiet:
        if row.id in done:
            for name in SCHEDULED:
                setattr(row.schedule, name, values[row.id][name])
    return [row for row, _ in quiet if row.id in done]


def _schedule_of(row: Workspace) -> dict[str, Any]:
    return {name: getattr(row.schedule, name) for name in SCHEDULED}


def _statement(lease: Lease, read: Iterable[Schedule], values: Mapping[int, Mapping[str, Any]]) -> Update:
    ids = sorted(values)
    as_read = tuple_(Schedule.workspace_id, Schedule.version).in_(
        [(one.workspace_id, one.version) for one in read]
    )
    return (
        update(Schedule)
        .where(Schedule.workspace_id.in_(ids), as_read, is_held(lease))
        .values({name: _one_of({key: values[key][name] for key in ids}) for name in SCHEDULED})
        .returning(Schedule.workspace_id)
        .execution_options(synchronize_session=False)
    )


def _one_of(values: Mapping[int, datetime | None]) -> ColumnElement[datetime | None]:
    """The value of each row; most often all have the same."""
    if len(set(values.values())) == 1:
        return literal(next(iter(values.values())), UtcDateTime())
    return case(
        {key: literal(value, UtcDateTime()) for key, value in values.items()}, value=Schedule.workspace_id
    )
