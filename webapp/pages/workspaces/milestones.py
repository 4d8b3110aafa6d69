"""The timeline of a person in words, for the page of the desktop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.person_timeline import Kind, Place, Step

_DONE = {
    Kind.INVITED: "Invited",
    Kind.ACCEPTED: "Accepted the invitation",
    Kind.APPLIED: "Applied",
    Kind.APPROVED: "Approved",
    Kind.ORDERED: "Desktop ordered",
    Kind.TOOK_OVER: "Took over from another person",
    Kind.USER_CREATED: "User created in the directory",
    Kind.READY: "Desktop ready",
    Kind.OPENS: "Contract began",
    Kind.FIRST_CONNECTED: "First connected",
    Kind.LAST_CONNECTED: "Last connected",
    Kind.TIME_ASKED: "Asked for more time",
    Kind.EXTENDED: "Contract extended",
    Kind.CONTRACT_ENDS: "Contract ended, access suspended",
    Kind.TERMINATED: "Terminated",
    Kind.HANDED_OVER: "Handed over to the next person",
    Kind.UNDONE: "Termination undone",
    Kind.HIRED_AGAIN: "Hired again, desktop given back",
    Kind.GONE: "Gone: the desktop no longer exists",
}
_NOW = {
    Kind.PLANNED: "The order waits for its contract",
    Kind.SETTING_UP: "The desktop is being created",
    Kind.FAILED: "The desktop needs attention",
    Kind.IMAGED: "An image of its system is being created",
    Kind.WAITS_FOR_START: "Waiting for the contract to begin",
    Kind.CONNECTED: "Connected",
    Kind.NEVER_CONNECTED: "Access is open; nobody has connected yet",
    Kind.CAN_CONNECT: "Access is open",
    Kind.KEPT: "Access is suspended; the desktop is kept",
    Kind.ENDING: "The desktop is being terminated",
}
_NEXT = {
    Kind.READY: "Desktop ready",
    Kind.OPENS: "Access opens",
    Kind.FIRST_CONNECTED: "First connection",
    Kind.CONTRACT_ENDS: "Contract ends, access is suspended",
    Kind.DESTROYED: "Desktop destroyed, with all its files",
    Kind.GONE: "Gone",
}
DESTROYED_BUT_KEPT = "Desktop destroyed; the last snapshot of its disk is kept"
_TITLES = {Place.DONE: _DONE, Place.NOW: _NOW, Place.NEXT: _NEXT}
SAID = {Place.DONE: "Done", Place.NOW: "Now", Place.NEXT: "Next"}


@dataclass(frozen=True, slots=True)
class Milestone:
    place: Place
    said: str
    """The place in time as a word, for whoever does not see the dots."""
    title: str
    at: datetime | None
    by: str
    note: str


def milestones_of(steps: Sequence[Step], *, leaves_snapshot: bool = False) -> list[Milestone]:
    """`leaves_snapshot`: the last one of its disk outlives the desktop."""
    return [
        Milestone(
            one.place, SAID[one.place], _title(one, leaves_snapshot=leaves_snapshot), one.at, one.by, one.note
        )
        for one in steps
    ]


def _title(step: Step, *, leaves_snapshot: bool) -> str:
    is_kept = leaves_snapshot and step.kind is Kind.DESTROYED
    return DESTROYED_BUT_KEPT if is_kept else _TITLES[step.place][step.kind]
