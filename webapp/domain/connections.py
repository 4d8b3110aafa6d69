"""Who is connected to a desktop: what a cloud says of it, and what follows for what we know.

Clouds do not say when a connection ended. So while somebody is connected, the time of the look stands for the
last connection; nothing is written for that, only when a look finds something new.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from webapp.domain.costs.spans import day_of

IDLE_DAYS = 14
"""A desktop that nobody was connected to for so long is idle, if the company says nothing else."""
MOST_IDLE_DAYS = 365
NEVER = "never"
FILTER_DAYS = (7, 14, 30)
"""“Not for N days”, as lists offer it."""


class ConnectionState(StrEnum):
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    UNKNOWN = "unknown"
    """The cloud does not say, as of a desktop that is stopped."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a cloud says of one desktop."""

    state: ConnectionState
    last_connected_at: datetime | None = None
    """The newest connection that the cloud knows of; None: it knows none."""


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of one desktop."""

    state: ConnectionState
    is_watched: bool
    """The next look includes it, whatever its power state was."""
    checked_at: datetime
    """The newest look that found something new; while it is watched, the account's newest counts."""
    first_connected_at: datetime | None = None
    last_connected_at: datetime | None = None
    used_day: date | None = None
    """The newest day of use that is written down."""

    @property
    def is_connected(self) -> bool:
        return self.state is ConnectionState.CONNECTED


def learned(
    before: Known | None, seen: Seen | None, *, can_connect: bool, at: datetime, looked_at: datetime | None
) -> Known | None:
    """What we know after a look at `at`; None if the cloud has said nothing yet, `before` if nothing is new.

    `looked_at` is the look before. A desktop that people cannot connect to now is looked at once more.
    """
    if seen is None and before is None:
        return None
    base = before or Known(ConnectionState.UNKNOWN, can_connect, at)
    after = _after(base, seen or Seen(ConnectionState.UNKNOWN), at=at, looked_at=looked_at)
    after = replace(after, is_watched=can_connect)
    return before if before is not None and replace(after, checked_at=before.checked_at) == before else after


def _after(before: Known, seen: Seen, *, at: datetime, looked_at: datetime | None) -> Known:
    is_connected = seen.state is ConnectionState.CONNECTED
    times = [before.last_connected_at]
    if not (before.is_connected and is_connected):
        times.append(seen.last_connected_at or (at if is_connected else None))
    if before.is_connected and not is_connected:
        times += [before.checked_at, looked_at]
    last = max((one for one in times if one is not None), default=None)
    days = [day_of(one) for one in (last, at if is_connected else None) if one is not None]
    return replace(
        before,
        state=seen.state,
        checked_at=at,
        first_connected_at=before.first_connected_at or seen.last_connected_at or last,
        last_connected_at=last,
        used_day=max(filter(None, [before.used_day, *days]), default=None),
    )


def days_of_use(before: Known | None, after: Known) -> list[date]:
    """The days (UTC) to be written down: that of the last connection, and the newest."""
    known = before.used_day if before else None
    last = None if after.last_connected_at is None else day_of(after.last_connected_at)
    days = {day for day in (last, after.used_day) if day is not None}
    return sorted(day for day in days if known is None or day > known)


def quiet_since(known: Known, *, available_at: datetime) -> datetime | None:
    """Since when nobody has been connected, at the latest; None while somebody is."""
    return None if known.is_connected else known.last_connected_at or available_at
