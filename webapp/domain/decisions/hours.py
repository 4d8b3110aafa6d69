"""Power by hours: what a passing edge makes of a row, and what a look at its machine then asks for.

An edge is an instruction, not a state to be defended: what a person presses afterwards wins until the next.
Nobody is cut off: what is stopped here is asked about once more right before the call (`engine/powering.py`).
"""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple

from webapp.domain.access import Access
from webapp.domain.connections import ConnectionState, Known
from webapp.domain.decisions.change import NO_ACTION, NO_CHANGE, RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Note
from webapp.domain.decisions.row import RowState
from webapp.domain.decisions.suspensions import RUNNING
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.hours.reading import hours_from
from webapp.domain.hours.turns import MOST_EARLY
from webapp.domain.hours.week import SEARCH, Hours
from webapp.domain.lifecycle import Action, CloudState, Phase

WORKS_ON = timedelta(hours=2)
WARNED = timedelta(minutes=15)
"""So long before the hours' stop, and a slot, who is at work reads of it on the desktop."""
AWAY = timedelta(minutes=5)
"""A connection that is lost comes back within this; who was not seen for so long has left."""
LOOKED_WITHIN = timedelta(minutes=15)  # before a look that finds somebody away, another one saw them there
ALWAYS_ON = "ALWAYS_ON"
LEFT_JUST_NOW = "Somebody was connected a moment ago, so Berth does not stop it yet."
HOURS_CALL = "hours"  # in the details of a log's line: it was not a person
BY = {"by": HOURS_CALL}
SAID = Note("hours_said", "A message on the desktop said that the working hours are over.", details=BY)
WARNING_SAID = Note(
    "hours_warned", "A message on the desktop said that the working hours end soon.", details=BY
)


class Step(Enum):
    """What a look leads to."""

    NOTHING = auto()
    START = auto()
    DONE = auto()
    """It is as the hours want it."""
    STOP = auto()
    STAYS = auto()
    """Somebody is connected, or just was: it is stopped when they have been away for a while."""
    WAITS = auto()
    """Nobody is connected any more, since a moment ago: perhaps only the connection was lost."""


def planned(
    hours: Hours,
    *,
    turned_before: bool,
    work_on_until: datetime | None,
    ahead: timedelta,
    slot: timedelta,
    warns: bool = False,
    now: datetime,
) -> RowChange:
    """What the hours want from now on, and until when. `turned_before`: they are not new for this desktop.

    `warns`: a stop to come is said on the desktop.
    """
    early = ahead + slot
    edge = hours.next_edge(now, ahead=early)
    is_on = hours.is_on(now, ahead=early)
    start = hours.next_start(now) if turned_before and not is_on else None
    if start is not None and start - now <= MOST_EARLY:
        # By an earlier estimate it is time to start, or the break is too short to be worth a stop.
        is_on, edge = True, hours.next_edge(start, ahead=early)
    turn_at = edge.at + (slot if is_on else timedelta(0)) if edge is not None else now + SEARCH
    if is_on:
        stop_at = edge.at if edge is not None and is_long_break(hours, edge.at) else None
        warn_at = warning_at(stop_at, slot=slot, now=now) if warns else None
        return RowChange(hours_duty=HoursDuty.START, hours_turn_at=turn_at, hours_warn_at=warn_at)
    if work_on_until is not None and work_on_until > now:
        stop_at = work_on_until if work_on_until < turn_at else None
        warn_at = warning_at(stop_at, slot=slot, now=now) if warns else None
        return RowChange(hours_duty=None, hours_turn_at=min(turn_at, work_on_until), hours_warn_at=warn_at)
    duty = HoursDuty.STOP if turned_before else HoursDuty.IDLE
    return RowChange(hours_duty=duty, hours_turn_at=turn_at, hours_warn_at=None, work_on_until=None)


def is_long_break(hours: Hours, ends_at: datetime) -> bool:
    """Is the end of this shift worth a stop?"""
    start = hours.next_start(ends_at)
    return start is None or start - ends_at > MOST_EARLY


def warning_at(stop_at: datetime | None, *, slot: timedelta, now: datetime) -> datetime | None:
    """When to say that it is stopped then; None: not, or it is too late or was said already."""
    warn_at = stop_at - WARNED - slot if stop_at is not None else None
    return warn_at if warn_at is not None and warn_at > now else None


def stop_to_come(hours: Hours, *, work_on_until: datetime | None, now: datetime) -> datetime | None:
    """When the hours do not want it on any more; None: that is not sure, or they do not want it now."""
    edge = hours.next_edge(now) if hours.is_on(now) else None
    shift = edge.at if edge is not None and is_long_break(hours, edge.at) else None
    longer = work_on_until if work_on_until is not None and work_on_until > now else None
    if edge is not None and shift is None:
        return None
    return max((at for at in (shift, longer) if at is not None), default=None)


class Warned(NamedTuple):
    """A time has come at which a stop is said."""

    change: RowChange
    stop_at: datetime | None
    """What is said, after the change is written; None: nothing."""


def warned(
    row: RowState,
    hours: Hours,
    seen: CloudState,
    known: Known | None,
    *,
    slot: timedelta,
    now: datetime,
) -> Warned | None:
    """After a look; None: it is not yet time. Whoever works on longer reads it later."""
    if row.hours_warn_at is None or row.hours_warn_at > now:
        return None
    stop_at = stop_to_come(hours, work_on_until=row.work_on_until, now=now)
    later = warning_at(stop_at, slot=slot, now=now)
    is_at_work = known is None or known.state is not ConnectionState.DISCONNECTED
    is_said = later is None and is_at_work and seen in RUNNING and is_in_use(row, now)
    change = RowChange(hours_warn_at=later)
    if later is not None:
        change |= RowChange(due_at=now)  # or its look comes too late for that
    return Warned(change, stop_at if is_said else None)


def turned(
    row: RowState, hours: Hours, *, ahead: timedelta, slot: timedelta, warns: bool = False, now: datetime
) -> Decision:
    """An edge has passed, or the hours are new: into the row only; the look that follows acts on it."""
    change = planned(
        hours,
        turned_before=row.hours_turn_at is not None,
        work_on_until=row.work_on_until,
        ahead=ahead,
        slot=slot,
        warns=warns,
        now=now,
    )
    if is_stop_by_hours(row.requested_action, row.hours_duty):
        if row.action_sent_at is None:
            change |= NO_ACTION  # what the edge before has left
    elif row.requested_action is Action.STOP and change.hours_duty is not HoursDuty.START:
        # A person's own stop, which nobody asks about; `stop_over` says what follows it.
        change |= RowChange(hours_duty=None)
    return Decision(change | RowChange(due_at=now))


def step_of(
    row: RowState,
    seen: CloudState,
    known: Known | None,
    *,
    is_busy: bool = False,
    idle: timedelta,
    slot: timedelta,
    up_since: datetime | None,
    now: datetime,
) -> Step:
    """After a look. `known`: of connections; `up_since`: when the machine was first seen in this state.

    `is_busy`: the cloud is changing it.
    """
    if is_busy or not may_act(row, now):
        return Step.NOTHING
    is_up = seen in RUNNING
    if row.hours_duty is HoursDuty.START:
        return Step.DONE if is_up else Step.START if seen is CloudState.STOPPED else Step.NOTHING
    if not is_up:
        return Step.DONE if seen is CloudState.STOPPED else Step.NOTHING
    if known is None or known.state is ConnectionState.UNKNOWN:
        return Step.NOTHING
    if known.is_connected:
        return Step.STAYS
    if up_since is not None and now - up_since < idle:
        return Step.STAYS
    if row.hours_duty is HoursDuty.IDLE and not _is_quiet(known, idle, now):
        return Step.STAYS
    return Step.WAITS if now < gone_at(known, slot) else Step.STOP


def gone_at(known: Known, slot: timedelta) -> datetime:
    """From then on who left counts as gone. One look finds many away, and each has its turn again."""
    last, found_at = known.last_connected_at, known.checked_at
    was_away = last is None or found_at - last > LOOKED_WITHIN
    return found_at if was_away else found_at + AWAY + slot


def _is_quiet(known: Known | None, idle: timedelta, now: datetime) -> bool:
    since = known.quiet_since if known is not None else None
    return since is not None and now - since >= idle


def may_act(row: RowState, now: datetime) -> bool:
    """Contract, suspension, the end, and whatever was asked for or is being changed come first."""
    return is_in_use(row, now) and row.hours_duty is not None


def is_in_use(row: RowState, now: datetime) -> bool:
    """May the hours stop it, as far as the rest of its row goes?"""
    is_asked = row.requested_action is not None or row.resize is not None or row.has_move
    is_ready = row.is_wanted and row.phase is Phase.READY and not is_asked
    is_open = row.access(now) is Access.OPEN and row.access_cut_at is None
    return is_ready and is_open and row.running_mode != ALWAYS_ON


def taken(step: Step, row: RowState, now: datetime) -> Decision | None:
    """What is written for the step; None: nothing new."""
    match step:
        case Step.START:
            change = _request(Action.START, now) | RowChange(hours_duty=None)
            message = "The working hours begin, so Berth starts it."
            return Decision(change, Note("start_requested", message, details=BY))
        case Step.STOP:
            message = "Outside the working hours, and nobody is connected, so Berth stops it."
            note = Note("stop_requested", message, details=BY)
            return Decision(_request(Action.STOP, now), note)
        case Step.DONE:
            duty = None if row.hours_duty is HoursDuty.START else HoursDuty.IDLE
        case Step.STAYS:
            duty = HoursDuty.IDLE
        case Step.NOTHING | Step.WAITS:
            return None
    return Decision(RowChange(hours_duty=duty)) if duty is not row.hours_duty else None


def is_stop_by_hours(action: Action | None, duty: HoursDuty | None) -> bool:
    """Was this stop asked for by the hours? What a person presses takes their duty away."""
    return action is Action.STOP and duty in (HoursDuty.STOP, HoursDuty.IDLE)


def stop_over(row: RowState, *, is_done: bool, now: datetime) -> RowChange:
    """Its stop has ended, done or failed for good.

    One by the hours that failed is left to the next edge: the next look would ask for it once more. After a
    person's own, outside the hours, it is stopped like any other that nobody uses; not if it runs soon.
    """
    if is_stop_by_hours(row.requested_action, row.hours_duty):
        return NO_CHANGE if is_done else RowChange(hours_duty=None)
    if row.hours_json is None or row.hours_duty is not None:
        return NO_CHANGE
    works_on = row.work_on_until is not None and row.work_on_until > now
    is_on = works_on or hours_from(row.hours_json).is_on(now, ahead=MOST_EARLY)
    return NO_CHANGE if is_on else RowChange(hours_duty=HoursDuty.IDLE)


def is_held_at_end(row: RowState, change: RowChange, *, is_connected: bool) -> bool:
    """Is this the moment of an evening in which its stop is first held, because somebody is at work?"""
    was_stop = row.hours_duty is HoursDuty.STOP
    return is_connected and was_stop and change.hours_duty is HoursDuty.IDLE


def withdrawn(
    row: RowState,
    state: ConnectionState | None,
    known: Known | None,
    *,
    idle: timedelta,
    slot: timedelta,
    rest: timedelta,
    now: datetime,
) -> Decision | None:
    """The cloud was asked right before the stop; None: it is sent.

    `state`: what it says, None for nothing; `known`: of connections, with that answer.
    """
    duty, due_at = HoursDuty.IDLE, now + rest
    if state is ConnectionState.CONNECTED:
        message = "Somebody is connected, so Berth does not stop it."
    elif state is not ConnectionState.DISCONNECTED:
        message = "The cloud does not say who is connected, so Berth sends no stop now."
    elif row.hours_duty is HoursDuty.IDLE and not _is_quiet(known, idle, now):
        message = LEFT_JUST_NOW
    elif known is not None and now < (gone := gone_at(known, slot)):
        duty, due_at, message = row.hours_duty or duty, gone, LEFT_JUST_NOW
    else:
        return None
    change = NO_ACTION | RowChange(hours_duty=duty, due_at=due_at)
    return Decision(change, Note("stop_withdrawn", message, details=BY))


def _request(action: Action, now: datetime) -> RowChange:
    no_error = RowChange(error_code=None, error_detail=None, error_at=None)
    request = RowChange(requested_action=action, action_requested_at=now, action_sent_at=None, due_at=now)
    return request | no_error | RowChange(hibernation=None)
