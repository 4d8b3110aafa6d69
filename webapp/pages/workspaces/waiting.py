"""An honest estimate of how long a new desktop will take, for its company and its person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.estimate import Estimate, Pace, estimate_of
from webapp.domain.lifecycle import State
from webapp.domain.sentences import say
from webapp.identity import service_context
from webapp.models import Workspace
from webapp.pages.access_words import is_not_made
from webapp.pages.time_words import span
from webapp.queries.history import list_waits

BEGUN_LATE = timedelta(minutes=5)
"""Sooner, an order and its create are the same for whoever waits."""


@dataclass(frozen=True, slots=True)
class Waiting:
    elapsed: str
    """Since its newest create, or its order if none was sent."""
    is_begun_late: bool
    """The order had to wait for something before."""
    pace: Pace | None
    """None without a history."""
    history: str
    """A sentence about earlier ones; empty without."""
    says: str
    """What that means for this one."""
    for_person: str
    """The same for the person, without other people's figures; empty without a history."""


_SAYS = {
    Pace.USUAL: "On schedule.",
    Pace.ANY_MOMENT: "It should be ready any moment now.",
    Pace.SLOW: "This is slower than usual. Berth keeps checking and shows here when it is ready.",
}


def waiting_of(workspace: Workspace) -> Waiting | None:
    """None if nothing is being created."""
    now = service_context().clock.now()
    if workspace.state is not State.PENDING or workspace.waits_for_start(now) or is_not_made(workspace, now):
        return None
    if workspace.available_at is not None:
        return None  # it is being moved to another size
    waits = list_waits(service_context().session, company_id=workspace.company_id, like=workspace)
    return _waiting(workspace, estimate_of(waits), now=now)


def person_wait(workspace: Workspace) -> list[str]:
    """The same for the person who waits, in sentences; none if nothing is being created."""
    waiting = waiting_of(workspace)
    if waiting is None:
        return []
    begun = say("It was ordered %(elapsed)s ago.", elapsed=waiting.elapsed)
    if waiting.is_begun_late:
        begun = say("Its creation began %(elapsed)s ago.", elapsed=waiting.elapsed)
    return [begun, waiting.for_person] if waiting.for_person else [begun]


def _waiting(workspace: Workspace, estimate: Estimate | None, *, now: datetime) -> Waiting:
    ordered_at = workspace.make_at or workspace.created_at
    begun_at = workspace.issued_at or ordered_at
    elapsed_s, is_late = (now - begun_at).total_seconds(), begun_at - ordered_at >= BEGUN_LATE
    if estimate is None:
        return Waiting(span(elapsed_s), is_late, None, "", "", "")
    pace = estimate.pace(elapsed_s)
    person = _for_person(pace, half=span(estimate.half_s), most=span(estimate.most_s))
    return Waiting(span(elapsed_s), is_late, pace, history_of(estimate), _SAYS[pace], person)


def _for_person(pace: Pace, *, half: str, most: str) -> str:
    match pace:
        case Pace.USUAL:
            return say(
                "A desktop like this is usually ready in %(half)s, at the latest in %(most)s.",
                half=half,
                most=most,
            )
        case Pace.ANY_MOMENT:
            return say("It should be ready any moment now; it can take up to %(most)s.", most=most)
        case Pace.SLOW:
            return say("It is slower than usual today. It continues by itself, and the company can see it.")


def history_of(estimate: Estimate) -> str:
    whole = "all" if estimate.measured < 20 else "19 of 20"
    return (
        f"Of the last {estimate.measured} desktops like this one, half were ready within"
        f" {span(estimate.half_s)} and {whole} within {span(estimate.most_s)}."
    )
