"""Who is connected to a desktop: what a cloud says of it, and what follows for what we know.

Clouds do not say when a connection ended. So while somebody is connected, the time of the look stands for the
last connection; nothing is written for that, only when a look finds something new.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from webapp.domain.costs.spans import day_of

IDLE_DAYS = 14
"""A desktop that nobody was connected to for so long is idle, if the company says nothing else."""
MOST_IDLE_DAYS = 365
FILTER_DAYS = (7, 14, 30)
"""“Not for N days”, as lists offer it."""
SEEN_FROM_THE_BEGINNING = timedelta(hours=1)
"""A desktop that was looked at so soon after it became available has no past that we do not know."""


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
    """The next look includes it, whatever its power state will be."""
    checked_at: datetime
    """The newest look that found something new; while it is watched, the account's newest counts."""
    is_past_known: bool
    """Nobody can have been connected before without our knowing."""
    first_connected_at: datetime | None = None
    last_connected_at: datetime | None = None
    used_day: date | None = None
    """The newest day of use that is written down."""
    quiet_since: datetime | None = None
    """Since when, as far as we know, nobody has been connected; None while somebody is."""

    @property
    def is_connected(self) -> bool:
        return self.state is ConnectionState.CONNECTED


@dataclass(frozen=True, slots=True)
class Look:
    """The circumstances of a look at one desktop."""

    at: datetime
    before_at: datetime | None
    """When the account was looked at before."""
    can_connect: bool
    """People can connect to it now; if not, it is looked at once more."""
    available_at: datetime
    """Since when people could."""
    cloud_remembers: bool
    """The cloud knows of connections from before our first look."""


def learned(before: Known | None, seen: Seen | None, look: Look) -> Known | None:
    """What we know after a look; None if the cloud has said nothing yet, `before` if nothing is new."""
    if seen is not None and seen.last_connected_at is not None and seen.last_connected_at > look.at:
        seen = replace(seen, last_connected_at=look.at)  # by our clock; the cloud's may be ahead
    if before is None:
        return None if seen is None else _first(seen, look)
    after = _after(before, seen or Seen(ConnectionState.UNKNOWN), look)
    return before if replace(after, checked_at=before.checked_at) == before else after


def is_first_connection(before: Known | None, after: Known, look: Look) -> bool:
    """Has the person connected for the first time, and is that news?

    Not what an account's very first look finds, and not on a desktop whose past nobody knows.
    """
    first = after.first_connected_at
    if first is None or not after.is_past_known:
        return False
    if before is not None:
        return before.first_connected_at is None
    return look.before_at is not None and first >= look.before_at


def _first(seen: Seen, look: Look) -> Known:
    is_connected = seen.state is ConnectionState.CONNECTED
    is_past_known = look.cloud_remembers or look.at - look.available_at <= SEEN_FROM_THE_BEGINNING
    last = seen.last_connected_at or (look.at if is_connected else None)
    # Where the past is not known, somebody may have left a moment ago.
    quiet_since = (last or look.available_at) if is_past_known else look.at
    return Known(
        state=seen.state,
        is_watched=look.can_connect,
        checked_at=look.at,
        is_past_known=is_past_known,
        first_connected_at=last,
        last_connected_at=last,
        used_day=_newest_day(None, last, look.at if is_connected else None),
        quiet_since=None if is_connected else quiet_since,
    )


def _after(before: Known, seen: Seen, look: Look) -> Known:
    is_connected = seen.state is ConnectionState.CONNECTED
    times = [before.last_connected_at]
    if not (before.is_connected and is_connected):
        times.append(seen.last_connected_at or (look.at if is_connected else None))
    if before.is_connected and not is_connected:
        times += [before.checked_at, look.before_at]
    last = max((one for one in times if one is not None), default=None)
    quiet_since = before.quiet_since
    if last != before.last_connected_at or quiet_since is None:
        quiet_since = last or look.at
    return replace(
        before,
        state=seen.state,
        is_watched=look.can_connect,
        checked_at=look.at,
        first_connected_at=before.first_connected_at or seen.last_connected_at or last,
        last_connected_at=last,
        used_day=_newest_day(before.used_day, last, look.at if is_connected else None),
        quiet_since=None if is_connected else quiet_since,
    )


def _newest_day(known: date | None, *moments: datetime | None) -> date | None:
    days = [day_of(one) for one in moments if one is not None]
    return max([*days, known] if known else days, default=None)


def days_of_use(before: Known | None, after: Known) -> list[date]:
    """The days (UTC) to be written down: that of the last connection, and the newest."""
    known = before.used_day if before else None
    last = None if after.last_connected_at is None else day_of(after.last_connected_at)
    days = {day for day in (last, after.used_day) if day is not None}
    return sorted(day for day in days if known is None or day > known)
