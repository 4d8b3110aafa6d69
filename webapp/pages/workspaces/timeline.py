"""The log of a workspace as a timeline: who did what, and how long after the previous step."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.models import Event

_ACTORS = {"berth": "Berth", "cloud": "the cloud"}
_TONES = {"error": "bad", "warning": "warn"}


@dataclass(frozen=True, slots=True)
class Step:
    event: Event
    actor: str
    tone: str
    after_s: float | None
    """Seconds since the previous step; None if that is not shown, or was at the same moment."""
    details: list[tuple[str, str]]


def steps_of(events: Sequence[Event]) -> list[Step]:
    """`events`: newest first, as the queries give them."""
    olders: list[Event | None] = [*events[1:], None]
    return [_step(event, older) for event, older in zip(events, olders, strict=True)] if events else []


def _step(event: Event, older: Event | None) -> Step:
    gap_s = (event.at - older.at).total_seconds() if older is not None else 0.0
    details = [
        (name.replace("_", " ").capitalize(), str(value))
        for name, value in sorted(event.details.items())
        if value is not None and not isinstance(value, dict)
    ]
    level = event.level.value
    return Step(
        event,
        _ACTORS.get(event.actor, event.actor),
        _TONES.get(level, "quiet"),
        gap_s if gap_s >= 1 else None,
        details,
    )
