"""Reading and writing workspace rows under a lease: every write is a compare-and-set with its event."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from webapp import metrics
from webapp.database import changed_rows
from webapp.domain.decisions.change import UNCHANGED, RowChange, after
from webapp.domain.decisions.note import Level, Note
from webapp.domain.decisions.row import RowState
from webapp.domain.lifecycle import State, is_legal
from webapp.engine.context import Engine
from webapp.engine.end_records import write_record
from webapp.engine.leases import Lease, LeaseLost
from webapp.engine.mail_notices import invite
from webapp.engine.run import Run
from webapp.engine.usage_log import usage_of, write_usage
from webapp.models import (
    CloudCredential,
    DiskRestore,
    DiskSnapshot,
    Event,
    FileReturn,
    PoolDesktop,
    SystemImage,
    Workspace,
)
from webapp.models.schedule import reschedule
from webapp.models.snapshotted import NO_SNAPSHOTS

log = logging.getLogger(__name__)

Detached = DiskRestore | DiskSnapshot | FileReturn | PoolDesktop | SystemImage
"""Rows that a duty reads, and writes later by their version."""

MOST_IDS_IN_A_LINE = 25
SCHEDULED = ("due_at", "observed_at", "heartbeat_at")
"""Columns of a change that are in the row's schedule."""
_LEVELS = {Level.INFO: logging.INFO, Level.WARNING: logging.WARNING, Level.ERROR: logging.ERROR}


class IllegalTransition(Exception):
    """A bug: the lifecycle table does not allow this step."""


class Stale(Exception):
    """A page or an API call changed the row meanwhile: leave it, and read it again."""


class Line(NamedTuple):
    """The event's message."""

    event: str
    message: str
    code: str | None
    """Our error code, if it reports a failure."""


def row_state(row: Workspace) -> RowState:
    """The row as the decisions read it."""
    return RowState(*_columns_of(row))


_columns_of: Callable[[Workspace], tuple[Any, ...]] = attrgetter(*(one.name for one in fields(RowState)))


def reload(engine: Engine, row: Workspace) -> Workspace:
    """The row as it is now; detached."""
    with engine.sessions.begin() as session:
        fresh = session.scalars(select(Workspace).where(Workspace.id == row.id)).one()
        session.expunge_all()
    return fresh


def last_line(engine: Engine, row: Workspace) -> Line:
    """The newest line in the row's log; empty when it has none."""
    newest = select(Event.event, Event.message, Event.details).where(Event.workspace_id == row.id)
    with engine.sessions.begin() as session:
        found = session.execute(newest.order_by(Event.id.desc()).limit(1)).one_or_none()
    if found is None:
        return Line("", "", None)
    return Line(found.event, found.message, (found.details or {}).get("code"))


def is_reported(engine: Engine, row: Workspace, *, event: str, code: str) -> bool:
    """Does the newest line in the row's log say the same already, for the same cause?"""
    newest = last_line(engine, row)
    return (newest.event, newest.code) == (event, code)


def put_aside(engine: Engine, lease: Lease, row_ids: list[int], *, until: datetime) -> None:
    """Postpone rows whose step failed unexpectedly, so that none can block the account's other work.

    Each a little after the other, so that next time they are handled one by one and only the bad one fails.
    """
    with engine.sessions.begin() as session:
        for place, row_id in enumerate(row_ids):
            done = session.execute(
                update(Workspace)
                .where(Workspace.id == row_id, is_held(lease))
                .values(version=Workspace.version + 1)
                .execution_options(synchronize_session=False)
            )
            if changed_rows(done):
                reschedule(session, [row_id], due_at=until + place * engine.poll)


def change(
    engine: Engine, lease: Lease, row: Workspace, changed: RowChange, note: Note | None = None
) -> None:
    """Write one row and its event in a transaction of its own. Raises Stale, LeaseLost."""
    with engine.sessions.begin() as session:
        change_in(session, engine, lease, row, changed, note)


def change_in(
    session: Session,
    engine: Engine,
    lease: Lease,
    row: Workspace,
    changed: RowChange,
    note: Note | None = None,
) -> None:
    """The same inside the caller's transaction; `row` then shows what was written."""
    now = engine.clock.now()
    target = after(row.phase, changed.phase)
    if not is_legal(row.phase, target):
        # A worker that was paused reads rows that its successors have closed: that is no bug.
        raise LeaseLost if is_lost(session, lease) else IllegalTransition(f"{row.phase} → {target}")
    before, billed_before, columns = row.state, usage_of(row), changed.columns()
    phase_before = row.phase
    if row.resize_kind is not None and "resize_kind" in columns:
        columns = row.prices_before | columns  # unless they are written, because it is done
    if changed.move is None:
        columns = row.prices_before_move | columns
    scheduled = {name: columns.pop(name) for name in SCHEDULED if name in columns}
    written = columns | _of_machine(row, changed, now) | {"version": row.version + 1, "updated_at": now}
    done = session.execute(
        update(Workspace)
        .where(Workspace.id == row.id, Workspace.version == row.version, is_held(lease))
        .values(**written)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(done) != 1:
        raise LeaseLost if is_lost(session, lease) else Stale
    _show(row, written)
    _schedule(session, row, scheduled, now)
    write_usage(session, row, billed_before, now)
    if changed.invited_at is not UNCHANGED:
        invite(session, engine, row)
    if row.state is not before:
        metrics.count(metrics.TRANSITIONS, before.value, row.state.value)
    if note is not None:
        _tell(session, row, note, now, before)
    write_record(session, row, phase_before, note.message if note is not None else "", now)


def _of_machine(row: Workspace, changed: RowChange, now: datetime) -> dict[str, Any]:
    """What follows when its state or the machine itself changes: snapshots are the machine's."""
    columns: dict[str, Any] = {}
    if after(row.cloud_state, changed.cloud_state) is not row.cloud_state:
        columns["cloud_state_at"] = now
    if after(row.cloud_workspace_id, changed.cloud_workspace_id) != row.cloud_workspace_id:
        columns |= NO_SNAPSHOTS
    return columns


def _schedule(session: Session, row: Workspace, scheduled: dict[str, Any], now: datetime) -> None:
    """After the row, whose lock everybody takes first who makes it due."""
    if "due_at" in scheduled:
        scheduled["due_at"] = row.due_by(scheduled["due_at"], now)
    reschedule(session, [row.id], **scheduled)
    _show_schedule(row, scheduled)


def _show(row: Workspace, written: Mapping[str, Any]) -> None:
    """Of the detached row, what the database has now."""
    for name, value in written.items():
        setattr(row, name, value)


def _show_schedule(row: Workspace, scheduled: Mapping[str, Any]) -> None:
    for name, value in scheduled.items():
        setattr(row.schedule, name, value)
    row.schedule.version += 1


def _tell(session: Session, row: Workspace, note: Note, now: datetime, before: State) -> None:
    """The event, and the same as a line of the log, with the request that ordered the workspace."""
    event = Event.about(
        row,
        at=now,
        event=note.event,
        message=note.message,
        actor=note.actor,
        level=note.level,
        from_state=before,
        details=note.details,
    )
    # From the latest action of a person: the order, or the action in progress.
    asked = session.scalar(
        select(Event.request_id)
        .where(Event.workspace_id == row.id, Event.request_id.is_not(None))
        .order_by(Event.id.desc())
        .limit(1)
    )
    session.add(event)
    facts = {"event": note.event, "from_state": event.from_state, "to_state": event.to_state}
    more = {"request_id": asked, "code": (note.details or {}).get("code")}
    log.log(
        _LEVELS[note.level],
        "workspace changed",
        extra=facts | rows_in_hand([row]) | {name: value for name, value in more.items() if value},
    )


def write_row(run: Run, row: Workspace, changed: RowChange, note: Note | None = None) -> bool:
    """`change`; False when somebody changed the row meanwhile, such as by an extension: it is read again."""
    try:
        change(run.engine, run.lease, row, changed, note)
    except Stale:
        return False
    return True


def rows_in_hand(rows: Sequence[Workspace]) -> dict[str, Any]:
    """Log fields that identify the rows."""
    if len(rows) == 1:
        return {"workspace_id": rows[0].id, "attempt": rows[0].attempt}
    return {"workspaces": len(rows), "workspace_ids": [row.id for row in rows[:MOST_IDS_IN_A_LINE]]}


def hold_lease(session: Session, lease: Lease) -> None:
    """Fence what the caller's transaction writes besides workspaces. Raises LeaseLost."""
    done = session.execute(
        update(CloudCredential)
        .where(CloudCredential.id == lease.credential_id, CloudCredential.lease_token == lease.token)
        .values(lease_token=lease.token)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(done) != 1:
        raise LeaseLost


def write_detached(run: Run, row: Detached, columns: dict[str, Any]) -> bool:
    """`write_versioned` in a transaction of its own: False if somebody has changed it meanwhile.

    Raises LeaseLost.
    """
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        return write_versioned(session, row, columns)


def write_versioned(session: Session, row: Detached, columns: dict[str, Any]) -> bool:
    """In the caller's transaction, under the lease: a compare-and-set. `row`, detached, then shows it."""
    kind, written = type(row), columns | {"version": row.version + 1}
    done = session.execute(
        update(kind)
        .where(kind.id == row.id, kind.version == row.version)
        .values(**written)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(done) != 1:
        return False
    for name, value in written.items():
        setattr(row, name, value)
    return True


def is_held(lease: Lease) -> ColumnElement[bool]:
    """The fence: true only while this lease is the account's newest."""
    return exists().where(
        CloudCredential.id == lease.credential_id, CloudCredential.lease_token == lease.token
    )


def is_lost(session: Session, lease: Lease) -> bool:
    held = session.scalar(
        select(CloudCredential.lease_token).where(CloudCredential.id == lease.credential_id)
    )
    return held != lease.token
