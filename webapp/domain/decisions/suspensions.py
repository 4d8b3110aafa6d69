"""Ending access and giving it back: what time alone does to a row, and what a look owes to the cloud."""

from datetime import datetime, timedelta
from enum import Enum, auto

from webapp.domain import catalogue
from webapp.domain.access import Access, Because, notice_of
from webapp.domain.decisions.change import NOTHING_ASKED, RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import CloudState, Desired, Phase

WATCH_POLLS = 2
"""How often a closed desktop is looked at: sooner than one that its person starts has come up."""
NOT_ENDED, NOT_RESUMED = "access_not_ended", "access_not_resumed"
RUNNING = frozenset({CloudState.AVAILABLE, CloudState.UNHEALTHY})
_UNSETTLED = frozenset({CloudState.STARTING, CloudState.RESTARTING, CloudState.PENDING, CloudState.UNKNOWN})
"""On the way to running: a cloud may refuse to stop these, so it is tried again at the next look."""


class Turn(Enum):
    """What the passing of time alone has made necessary."""

    END_ACCESS = auto()
    """The contract has ended."""
    DESTROY = auto()
    """The grace is over."""
    NOTICE = auto()
    """The contract ends soon."""
    HOURS = auto()
    """The working hours begin or end."""


class Owed(Enum):
    """What a look at a usable machine must do at the cloud."""

    KEEP_OUT = auto()
    GIVE_BACK = auto()


def turn_of(row: RowState, now: datetime) -> Turn | None:
    """None: time changes nothing now."""
    if not row.is_wanted or row.phase in (Phase.GONE, Phase.TERMINATING):
        return None
    if row.suspended_at is None:
        if row.access(now) is Access.SUSPENDED:
            return Turn.END_ACCESS
        if row.phase is not Phase.READY:
            return None
        return Turn.NOTICE if _notice(row, now) is not None else Turn.HOURS if _is_edge(row, now) else None
    return Turn.DESTROY if row.destroy_at is not None and row.destroy_at <= now else None


def _is_edge(row: RowState, now: datetime) -> bool:
    """Has an edge of the hours passed, or are they new?"""
    return row.has_hours and (row.hours_turn_at is None or row.hours_turn_at <= now)


def contract_ended(*, grace: timedelta, now: datetime) -> Decision:
    """The grace counts from here, so a late scheduler takes none of it; access was over before."""
    change = RowChange(
        suspended_at=now,
        suspended_because=Because.CONTRACT_ENDED,
        destroy_at=now + grace,
        access_ended_at=None,  # whatever came before, it is ended once more
        look_requested_at=now,
        due_at=now,
    )
    return Decision(
        change | NOTHING_ASKED, Note("contract_ended", "The contract has ended; access is suspended.")
    )


def _notice(row: RowState, now: datetime) -> int | None:
    return notice_of(now, starts_at=row.starts_at, ends_at=row.ends_at, noticed_days=row.noticed_days)


def noticed(row: RowState, now: datetime) -> Decision:
    """Both sides are written to in the same transaction."""
    days = _notice(row, now)
    message = f"The contract ends in {days} day{'' if days == 1 else 's'} or less; both sides get a mail."
    return Decision(RowChange(noticed_days=days, due_at=now), Note("contract_ending", message))


def grace_over(now: datetime) -> Decision:
    """From here on it is terminated like any other."""
    change = RowChange(desired=Desired.ABSENT, due_at=now)
    return Decision(
        change | NOTHING_ASKED, Note("grace_over", "The grace is over; the desktop is terminated.")
    )


def owed(row: RowState, seen: CloudState, now: datetime) -> Owed | None:
    """What is owed after the machine was seen in this state; None: nothing."""
    if not row.is_wanted or row.phase is not Phase.READY:
        return None
    if row.access(now) is Access.OPEN:
        return Owed.GIVE_BACK if row.access_cut_at is not None else None
    return Owed.KEEP_OUT if row.access_ended_at is None or seen in RUNNING else None


def is_watched(row: RowState, now: datetime) -> bool:
    """Must it be looked at more often, because its person might start it?"""
    return row.is_wanted and row.phase is Phase.READY and row.access(now) is not Access.OPEN


def cut(now: datetime) -> RowChange:
    """The first call that keeps the person out is about to be sent."""
    return RowChange(access_cut_at=now)


def kept_out(row: RowState, seen: CloudState, *, pace: Pace, now: datetime) -> Decision:
    """The cloud keeps the person out; until the machine has settled, not for good."""
    soon = RowChange(due_at=now + pace.poll)
    if seen in _UNSETTLED:
        return Decision(soon)
    if row.access_ended_at is not None:
        message = "It was started although access is over; Berth stopped it again."
        return Decision(soon, Note("kept_out", message, Level.WARNING))
    message = (
        "It stays off until the contract begins."
        if row.access(now) is Access.NOT_YET
        else "Nobody can connect any more."
    )
    return Decision(soon | RowChange(access_ended_at=now), Note("access_ended", message))


def giving_back() -> RowChange:
    """The first call that lets the person in again is about to be sent: nobody may say that they are out."""
    return RowChange(access_ended_at=None)


def given_back(*, needs_password: bool, pace: Pace, now: datetime) -> Decision:
    """The person can connect again. `needs_password`: the former one is not good any more."""
    change = RowChange(access_cut_at=None, access_ended_at=None, due_at=now + pace.poll)
    message = "The person can connect, with a new password." if needs_password else "The person can connect."
    return Decision(change, Note("access_opened", message))


def not_done(owed: Owed, failure: Failure, *, at_least_s: float, pace: Pace, now: datetime) -> Decision:
    """It is tried again, without limit."""
    words = catalogue.entry(failure.code)
    event = NOT_ENDED if owed is Owed.KEEP_OUT else NOT_RESUMED
    later = now + max(pace.poll, timedelta(seconds=at_least_s))
    message = f"{words.message} Berth tries again."
    return Decision(RowChange(due_at=later), Note(event, message, Level.WARNING, details=facts_of(failure)))
