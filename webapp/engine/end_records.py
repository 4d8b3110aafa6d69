"""Writing the record of an end: with the end, later for desktops that ended before there were records, and
once more when its costs are final."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.lifecycle import Phase
from webapp.engine.context import Engine
from webapp.engine.hourly import claim
from webapp.models import EndRecord, Installation, User, Workspace
from webapp.queries.end_costs import costs_of_end
from webapp.queries.end_records import make_record
from webapp.queries.workspaces import last_message

SETTLED = timedelta(hours=1)
"""What ended so recently may still be written by a worker of the release before."""
RECENT = timedelta(days=1)
BITE = 50
BITES = 20
"""Of one run; what is left is the next run's."""


def write_record(session: Session, row: Workspace, before: Phase, message: str, now: datetime) -> None:
    """In the transaction that ends the row."""
    if row.phase is not Phase.GONE or before is Phase.GONE:
        return
    record = make_record(session, row, before=before, message=message, now=now)
    if record is not None:
        session.add(record)


def keep_records(engine: Engine, installation_id: int) -> None:
    """What is missing, and what costs have become final. Needs no lease: each is written once."""
    if not claim(engine, installation_id, Installation.records_due_at):
        return
    with engine.sessions.begin() as session:
        _forget_removed(session, engine.clock.now())
    for bite in (_write_missing, _close_costs):
        for _ in range(BITES):
            with engine.sessions.begin() as session:
                if not bite(session, engine.clock.now()):
                    break


def _write_missing(session: Session, now: datetime) -> bool:
    """Of desktops that ended without one. How far it has come is written down: see `pruning._Details`."""
    known_to = session.scalar(select(Installation.records_known_to)) or datetime.min.replace(tzinfo=UTC)
    ended = (
        select(Workspace)
        .where(
            Workspace.phase == Phase.GONE,
            Workspace.terminated_at > known_to,
            Workspace.terminated_at <= now - SETTLED,
        )
        .order_by(Workspace.terminated_at, Workspace.id)
    )
    rows = session.scalars(ended.limit(BITE)).all()
    if not rows:
        return False
    # Desktops that ended together stay together: the mark is a moment.
    last = rows[-1].terminated_at
    rows = session.scalars(ended.where(Workspace.terminated_at <= last)).all()
    known = set(
        session.scalars(
            select(EndRecord.workspace_id).where(EndRecord.workspace_id.in_(row.id for row in rows))
        )
    )
    _add_partial(session, [row for row in rows if row.id not in known], now)
    session.execute(update(Installation).values(records_known_to=last))
    return True


def _add_partial(session: Session, rows: Sequence[Workspace], now: datetime) -> None:
    for row in rows:
        message = last_message(session, row)
        record = make_record(session, row, before=Phase.GONE, message=message, now=now, is_partial=True)
        if record is not None:
            session.add(record)


def _close_costs(session: Session, now: datetime) -> bool:
    due = (
        select(EndRecord)
        .where(EndRecord.costs_closed_at.is_(None), EndRecord.costs_final_at <= now)
        .order_by(EndRecord.costs_final_at, EndRecord.id)
        .limit(BITE)
    )
    records = session.scalars(due).all()
    for record in records:
        record.costs, record.costs_closed_at = costs_of_end(session, record), now
    return bool(records)


def _forget_removed(session: Session, now: datetime) -> None:
    """A record that was written at the moment in which somebody's account was removed may still name them."""
    columns = (
        (EndRecord.person_id, EndRecord.person_name, EndRecord.person_email),
        (EndRecord.ordered_by_id, EndRecord.ordered_by_name, EndRecord.ordered_by_email),
        (EndRecord.ended_by_id, EndRecord.ended_by, None),
    )
    for of, name, email in columns:
        removed = select(User.name).where(User.id == of, User.removed_at.is_not(None))
        values = {name: removed.scalar_subquery()}
        if email is not None:
            values[email] = removed.with_only_columns(User.email).scalar_subquery()
        session.execute(
            update(EndRecord)
            .where(EndRecord.made_at > now - RECENT, removed.exists(), name != removed.scalar_subquery())
            .values(values)
            .execution_options(synchronize_session=False)
        )
