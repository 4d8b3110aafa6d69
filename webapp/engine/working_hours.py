"""Power by hours: an edge in the row, what a look then asks for, and the question right before a stop."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.domain.connections import ConnectionState, Known, Seen
from webapp.domain.decisions import hours as decisions
from webapp.domain.decisions.change import NO_CHANGE, RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.power import START_DONE, TOOK_S
from webapp.domain.errors import CloudError
from webapp.domain.estimate import estimate_of
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.hours.turns import slot_of, start_ahead
from webapp.domain.observation import Observation
from webapp.engine import connection_rows
from webapp.engine.account import raise_if_account
from webapp.engine.hours_messages import send_hours_message, send_warning
from webapp.engine.quiet import write_quietly
from webapp.engine.rows import Stale, change, row_state, write_row
from webapp.engine.run import Run
from webapp.models import DesktopConnection, Event, Workspace

STARTS_MEASURED = 20
"""The newest starts of a desktop say how long its next one takes."""
MOST_WARNED = 20
"""So many are shown a message after one look; what is more urgent comes before the others."""
MOST_SIGNED_OUT = 5
"""Where people are signed out before a stop, one by one, no more are stopped after one question."""


def turn(run: Run, row: Workspace) -> None:
    """The hours begin or end, or are new: into the row only, so that the look that follows acts on it."""
    hours = row.hours
    if hours is None:
        return
    decision = decisions.turned(
        row_state(row),
        hours,
        ahead=start_ahead(_usual_start_s(run, row)),
        slot=slot_of(row.uid),
        warns=run.driver.messages is not None,
        now=run.engine.clock.now(),
    )
    with suppress(Stale):
        change(run.engine, run.lease, row, *decision)


def settle(run: Run, seen: Sequence[tuple[Workspace, Observation]]) -> None:
    """After a look: ask for a start or a stop, which are sent like any other.

    No call but the messages to who is at work when the hours end, or soon will.
    """
    _warn(run, seen)
    now = run.engine.clock.now()
    mine = [(row, one) for row, one in seen if decisions.may_act(row_state(row), now)]
    known = _known(run, [row.id for row, _ in mine if row.hours_duty is not HoursDuty.START])
    waiting = list[tuple[Workspace, RowChange]]()
    for row, observation in mine:
        hours = row.hours
        if hours is None:
            continue
        state, one_known, slot = row_state(row), known.get(row.id), slot_of(row.uid)
        step = decisions.step_of(
            state,
            observation.state,
            one_known,
            is_busy=observation.is_busy,
            idle=timedelta(minutes=hours.idle_min),
            slot=slot,
            up_since=row.cloud_state_at,
            now=now,
        )
        if step is decisions.Step.WAITS and one_known is not None:
            waiting.append((row, RowChange(due_at=decisions.gone_at(one_known, slot))))
        decision = decisions.taken(step, state, now)
        if decision is not None:
            is_connected = one_known is not None and one_known.is_connected
            _write(run, row, decision, is_connected=is_connected)
    write_quietly(run.engine, run.lease, waiting)


def _warn(run: Run, seen: Sequence[tuple[Workspace, Observation]]) -> None:
    """Say a stop that comes soon to who is at work: it is written first, so it is never said twice."""
    now = run.engine.clock.now()
    due = [(row, one) for row, one in seen if row.hours_warn_at is not None and row.hours_warn_at <= now]
    known = _known(run, [row.id for row, _ in due])
    for place, (row, observation) in enumerate(due):
        if place >= MOST_WARNED:
            write_row(run, row, RowChange(due_at=now))
            continue
        state, hours, slot = row_state(row), row.hours, slot_of(row.uid)
        if hours is None:
            continue
        found = decisions.warned(state, hours, observation.state, known.get(row.id), slot=slot, now=now)
        if found is None or not write_row(run, row, found.change) or found.stop_at is None:
            continue
        run.engine.crashpoint("warning")
        if send_warning(run, row, stop_at=found.stop_at):
            run.engine.crashpoint("warned")
            write_row(run, row, NO_CHANGE, decisions.WARNING_SAID)


def unused(run: Run, rows: list[Workspace]) -> list[Workspace]:
    """Of what is about to be stopped: what people stop, and what nobody is connected to at this moment.

    The stop of the others is withdrawn; they are looked at again. Raises AccountTrouble.
    """
    by_hours = [row for row in rows if decisions.is_stop_by_hours(row.requested_action, row.hours_duty)]
    if not by_hours:
        return rows
    if run.driver.signs_out is not None:
        later = {row.id for row in by_hours[MOST_SIGNED_OUT:]}
        rows = [row for row in rows if row.id not in later]
        by_hours = by_hours[:MOST_SIGNED_OUT]
    states, known = _connection_states(run, by_hours), _known(run, [row.id for row in by_hours])
    used = {row.id for row in by_hours if _is_withdrawn(run, row, states.get(row.id), known.get(row.id))}
    return [row for row in rows if row.id not in used]


def withdraw(run: Run, row: Workspace, seen: Seen) -> None:
    """Somebody has connected after that question, or may have: the stop by the hours is not sent."""
    _learn(run, [row], {row.cloud_workspace_id or "": seen}, at=run.engine.clock.now())
    _is_withdrawn(run, row, seen.state, None)


def _is_withdrawn(run: Run, row: Workspace, state: ConnectionState | None, known: Known | None) -> bool:
    """Written, if what the cloud says speaks against the stop."""
    hours = row.hours
    decision = decisions.withdrawn(
        row_state(row),
        state,
        known,
        idle=timedelta(minutes=hours.idle_min if hours is not None else 0),
        slot=slot_of(row.uid),
        rest=run.engine.rest,
        now=run.engine.clock.now(),
    )
    if decision is not None:
        _write(run, row, decision, is_connected=state is ConnectionState.CONNECTED)
    return decision is not None


def _write(run: Run, row: Workspace, decision: Decision, *, is_connected: bool) -> None:
    """And say it on the desktop, once an evening: it is written first, so it is never said twice."""
    is_held = decisions.is_held_at_end(row_state(row), decision.change, is_connected=is_connected)
    with suppress(Stale):
        change(run.engine, run.lease, row, *decision)
        if is_held and send_hours_message(run, row):
            change(run.engine, run.lease, row, NO_CHANGE, decisions.SAID)


def _connection_states(run: Run, rows: Sequence[Workspace]) -> dict[int, ConnectionState]:
    """As the cloud says now, by row; without what it does not say. It is written like any look's answer:
    who is seen here and leaves before the next look was connected all the same. Raises AccountTrouble.
    """
    reader, states = run.driver.connections, dict[int, ConnectionState]()
    if reader is None:
        return states
    for start in range(0, len(rows), reader.most):
        batch, at = rows[start : start + reader.most], run.engine.clock.now()
        try:
            seen = reader.read_connections([row.cloud_workspace_id or "" for row in batch])
        except CloudError as error:
            raise_if_account(error)
            continue
        run.engine.crashpoint("connections_asked")
        _learn(run, batch, seen, at=at)
        for row in batch:
            if (one := seen.get(row.cloud_workspace_id or "")) is not None:
                states[row.id] = one.state
    return states


def _learn(run: Run, rows: Sequence[Workspace], seen: Mapping[str, Seen], *, at: datetime) -> None:
    reader = run.driver.connections
    if reader is not None:
        desktops = connection_rows.list_desktops(run, [row.id for row in rows])
        connection_rows.write_seen(run, desktops, seen, at=at, remembers=reader.remembers)


def _known(run: Run, workspace_ids: Sequence[int]) -> Mapping[int, Known]:
    """What the looks at connections know; at most one look's rows."""
    if not workspace_ids:
        return {}
    query = select(DesktopConnection).where(DesktopConnection.workspace_id.in_(workspace_ids))
    with run.engine.sessions.begin() as session:
        return {row.workspace_id: row.known for row in session.scalars(query)}


def _usual_start_s(run: Run, row: Workspace) -> float | None:
    """What 19 of 20 of its own starts took at most; None: too few are known."""
    query = (
        select(Event.details)
        .where(Event.workspace_id == row.id, Event.event == START_DONE)
        .order_by(Event.id.desc())
        .limit(STARTS_MEASURED)
    )
    with run.engine.sessions.begin() as session:
        took = [float(details[TOOK_S]) for details in session.scalars(query) if TOOK_S in details]
    estimate = estimate_of(took)
    return estimate.most_s if estimate is not None else None
