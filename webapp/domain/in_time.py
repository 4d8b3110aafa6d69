"""When desktops have to be begun so that each is ready for its start: pure rules of instants and rates.

One account makes only so many desktops a minute. Many starts at one instant are therefore spread backwards
(docs/decisions/in_time.md). Instants have no zone, so a change of clocks moves nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.estimate import Estimate
from webapp.domain.lifecycle import Phase

LEAST_LEAD = timedelta(hours=1)
"""No desktop counts on being made faster."""
MARGIN = timedelta(days=1)
"""Planned to be ready so long before the start: time to do something about a failed one."""


@dataclass(frozen=True, slots=True)
class CreatePace:
    """What one account can keep up beside its other work."""

    per_call: int
    per_minute: int

    @property
    def interval(self) -> timedelta:
        """Between two full calls."""
        return timedelta(minutes=self.per_call / self.per_minute)

    @property
    def per_day(self) -> int:
        return self.per_minute * 24 * 60


@dataclass(frozen=True, slots=True)
class Start:
    """A desktop to be made."""

    key: int
    """Of the caller's."""
    at: datetime
    """When it must be ready."""
    lead: timedelta
    """How long it takes (`lead_of`)."""

    @property
    def latest(self) -> datetime:
        """Begun later, it is probably not ready."""
        return self.at - self.lead


def lead_of(estimate: Estimate | None, usual: timedelta, *, longest: timedelta) -> timedelta:
    """19 of 20 such desktops were ready after it; without measurements what is usual; at least an hour.

    `longest`: after which an order has failed; no plan counts on more.
    """
    lead = usual if estimate is None else timedelta(seconds=estimate.most_s)
    return max(LEAST_LEAD, min(lead, longest))


def planned_at(starts_at: datetime | None, *, lead: timedelta, now: datetime) -> datetime | None:
    """When one desktop alone would be begun; None: now."""
    if starts_at is None:
        return None
    at = starts_at - lead - MARGIN
    return at if at > now else None


def is_early(phase: Phase, *, make_at: datetime | None, starts_at: datetime | None, now: datetime) -> bool:
    """Is it too early to make it? Not once something was sent, and not without a start to wait for."""
    return phase is Phase.REQUESTED and starts_at is not None and make_at is not None and make_at > now


def spread(starts: Iterable[Start], pace: CreatePace) -> dict[int, datetime]:
    """When to begin each, by key: in full calls, as late as the rate allows, all with their margin.

    From the last start back: a call takes whoever needs it then or later, and the call before it comes an
    interval earlier.
    """
    planned: dict[int, datetime] = {}
    call_at: datetime | None = None
    taken = 0
    for one in sorted(starts, key=lambda start: (start.latest, start.key), reverse=True):
        wanted = one.latest - MARGIN
        if call_at is None:
            call_at = wanted
        elif taken >= pace.per_call or wanted < call_at:
            call_at, taken = min(wanted, call_at - pace.interval), 0
        planned[one.key] = call_at
        taken += 1
    return planned


def too_late(starts: Iterable[Start], pace: CreatePace, now: datetime) -> Sequence[Start]:
    """Those that are not ready for their start even if all are begun from now on, the most urgent first."""
    urgent = sorted(starts, key=lambda start: (start.latest, start.key))
    return [
        one for place, one in enumerate(urgent) if now + (place // pace.per_call) * pace.interval > one.latest
    ]
