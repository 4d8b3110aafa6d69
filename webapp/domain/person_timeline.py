"""The way of a person from hired to gone: what is done, what is now, and what comes next, in one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.domain.access import Access


class Place(StrEnum):
    """Where in time a step is."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"


class Kind(StrEnum):
    """In the order in which steps of one moment, and steps of no known moment, are shown."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    APPLIED = "applied"
    APPROVED = "approved"
    ORDERED = "ordered"
    TOOK_OVER = "took_over"
    USER_CREATED = "user_created"
    READY = "ready"
    OPENS = "opens"
    FIRST_CONNECTED = "first_connected"
    LAST_CONNECTED = "last_connected"
    TIME_ASKED = "time_asked"
    EXTENDED = "extended"
    CONTRACT_ENDS = "contract_ends"
    TERMINATED = "terminated"
    HANDED_OVER = "handed_over"
    UNDONE = "undone"
    HIRED_AGAIN = "hired_again"
    DESTROYED = "destroyed"
    GONE = "gone"

    PLANNED = "planned"
    """The order waits for its contract: nothing is being created yet."""
    SETTING_UP = "setting_up"
    FAILED = "failed"
    IMAGED = "imaged"
    """The cloud holds it while it creates an image of its system."""
    WAITS_FOR_START = "waits_for_start"
    CONNECTED = "connected"
    NEVER_CONNECTED = "never_connected"
    CAN_CONNECT = "can_connect"
    KEPT = "kept"
    """Nobody can connect, and nothing is destroyed yet."""
    ENDING = "ending"


_ORDER = {kind: number for number, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Step:
    kind: Kind
    at: datetime | None
    """None: what comes next has no time yet."""
    by: str = ""
    """Who did it, as the log has it; empty: nobody, or it does not matter."""
    note: str = ""
    place: Place = Place.DONE


@dataclass(frozen=True, slots=True)
class Facts:
    """What the present and the future of the list follow from."""

    available_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    access: Access
    destroy_at: datetime | None
    grace: timedelta
    """How long a desktop is kept after its contract."""
    is_planned: bool
    """Its creation is planned for later, in time for the start."""
    is_ending: bool
    """It is wanted no more, or is being destroyed."""
    gone_at: datetime | None
    has_failed: bool
    is_imaged: bool
    """An image of its system is being created."""
    is_connected: bool
    is_never_connected: bool
    first_connected_at: datetime | None
    last_connected_at: datetime | None


def timeline_of(past: Sequence[Step], facts: Facts, *, now: datetime) -> list[Step]:
    """What is done, by time; then the one thing that is now; then what comes, in its natural order.

    `past`: what others have written down; what follows from the facts alone is added here.
    """
    done = sorted((*past, *_passed(facts, now)), key=lambda one: (one.at or now, _ORDER[one.kind]))
    if facts.gone_at is not None:
        return done
    coming = sorted(_coming(facts, now), key=lambda one: _ORDER[one.kind])
    return [*done, _present(facts), *coming]


def _passed(facts: Facts, now: datetime) -> list[Step]:
    known = [
        (Kind.READY, facts.available_at),
        (Kind.OPENS, facts.starts_at),
        (Kind.FIRST_CONNECTED, facts.first_connected_at),
        (Kind.GONE, facts.gone_at),
    ]
    if facts.first_connected_at != facts.last_connected_at and not facts.is_connected:
        known.append((Kind.LAST_CONNECTED, facts.last_connected_at))
    until = min(now, facts.gone_at or now)
    return [Step(kind, at) for kind, at in known if at is not None and at <= until]


def _present(facts: Facts) -> Step:
    return Step(_present_kind(facts), None, place=Place.NOW)


def _present_kind(facts: Facts) -> Kind:
    if facts.is_ending:
        return Kind.ENDING
    if facts.access is Access.SUSPENDED:
        return Kind.KEPT
    if facts.is_imaged:
        return Kind.IMAGED
    if facts.has_failed:
        return Kind.FAILED
    if facts.available_at is None:
        return Kind.PLANNED if facts.is_planned else Kind.SETTING_UP
    if facts.access is Access.NOT_YET:
        return Kind.WAITS_FOR_START
    if facts.is_connected:
        return Kind.CONNECTED
    return Kind.NEVER_CONNECTED if facts.is_never_connected else Kind.CAN_CONNECT


def _coming(facts: Facts, now: datetime) -> list[Step]:
    if facts.is_ending:
        return [Step(Kind.GONE, None, place=Place.NEXT)]
    if facts.access is Access.SUSPENDED:
        ends_at = facts.ends_at or now
        return [Step(Kind.DESTROYED, facts.destroy_at or ends_at + facts.grace, place=Place.NEXT)]
    steps = []
    if facts.available_at is None:
        steps.append(Step(Kind.READY, None, place=Place.NEXT))
    if facts.starts_at is not None and facts.starts_at > now:
        steps.append(Step(Kind.OPENS, facts.starts_at, place=Place.NEXT))
    if facts.first_connected_at is None and (facts.available_at is None or facts.is_never_connected):
        steps.append(Step(Kind.FIRST_CONNECTED, None, place=Place.NEXT))
    if facts.ends_at is not None:
        steps.append(Step(Kind.CONTRACT_ENDS, facts.ends_at, place=Place.NEXT))
        steps.append(Step(Kind.DESTROYED, facts.ends_at + facts.grace, place=Place.NEXT))
    return steps
