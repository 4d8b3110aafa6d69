"""A week of shifts in a zone, and the instants at which it begins and ends to want the desktop on.

A shift is what the clock on the wall shows: it is as long as its day makes it. Where the clocks skip an hour,
only what exists of a shift counts; where they show an hour twice, a shift begins with the first and ends with
the second, so that nobody's evening is cut short.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from webapp.domain.hours.public_holidays import name_of_holiday

DAY_MIN = 24 * 60
USUAL_IDLE_MIN, LEAST_IDLE_MIN, MOST_IDLE_MIN = 15, 5, 24 * 60
SEARCH = timedelta(days=64)
"""Longer than any row of holidays: a week without an edge until then has none."""
_STEP = timedelta(days=8)
_DAY = timedelta(days=1)


class Weekday(IntEnum):
    """As `date.weekday()` counts."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


WORKDAYS = tuple(Weekday)[:5]


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """On one weekday, in minutes after its midnight; an end past 24:00 is in the night after."""

    weekday: Weekday
    begins_min: int
    ends_min: int

    @property
    def is_over_midnight(self) -> bool:
        return self.ends_min > DAY_MIN


@dataclass(frozen=True, slots=True)
class OnTime:
    """From the instant at which the desktop is to run to the first at which it need not."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Edge:
    """What the hours want changes here."""

    at: datetime
    is_on: bool


@dataclass(frozen=True, slots=True)
class Hours:
    zone: str
    """IANA's name."""
    shifts: tuple[Shift, ...]
    """Sorted; those of one weekday do not overlap."""
    holidays: str | None = None
    """The place whose public holidays have no shifts; a shift of the evening before goes on into them."""
    idle_min: int = USUAL_IDLE_MIN
    """Outside the hours a desktop is stopped when nobody has been connected for so long."""

    def on_times(self, first: datetime, last: datetime, *, ahead: timedelta = timedelta(0)) -> list[OnTime]:
        """What touches this stretch of time, in order; shifts that meet are one. `ahead`: begun earlier."""
        zone = ZoneInfo(self.zone)
        day = _local_day(first - ahead, zone) - 2 * _DAY
        until = _local_day(last + ahead, zone) + 2 * _DAY
        found: list[OnTime] = []
        while day <= until:
            for one in self._of_day(day, zone):
                begins_at = one.begins_at - ahead
                if found and begins_at <= found[-1].ends_at:
                    ends_at = max(found[-1].ends_at, one.ends_at)
                    found[-1] = OnTime(found[-1].begins_at, ends_at)
                else:
                    found.append(OnTime(begins_at, one.ends_at))
            day += _DAY
        return [one for one in found if one.ends_at >= first and one.begins_at <= last]

    def edges(self, after: datetime, until: datetime, *, ahead: timedelta = timedelta(0)) -> list[Edge]:
        """Every change with `after` < at ≤ `until`, in order."""
        pairs = [
            edge
            for one in self.on_times(after, until, ahead=ahead)
            for edge in (Edge(one.begins_at, is_on=True), Edge(one.ends_at, is_on=False))
        ]
        return [edge for edge in pairs if after < edge.at <= until]

    def is_on(self, at: datetime, *, ahead: timedelta = timedelta(0)) -> bool:
        """Is the desktop to run then?"""
        return any(one.begins_at <= at < one.ends_at for one in self.on_times(at, at, ahead=ahead))

    def next_edge(self, at: datetime, *, ahead: timedelta = timedelta(0)) -> Edge | None:
        """The first change after it; None: nothing ever changes."""
        begin = at
        while begin < at + SEARCH:
            if found := self.edges(begin, begin + _STEP, ahead=ahead):
                return found[0]
            begin += _STEP
        return None

    def next_start(self, at: datetime) -> datetime | None:
        """When the first shift after it begins."""
        edge = self.next_edge(at)
        if edge is None or edge.is_on:
            return edge and edge.at
        return self.next_start(edge.at)

    def _of_day(self, day: date, zone: ZoneInfo) -> Iterator[OnTime]:
        """The shifts that begin on this local day, as far as the clock shows their times."""
        own = [one for one in self.shifts if one.weekday == day.weekday()]
        if not own or name_of_holiday(self.holidays, day) is not None:
            return
        for one in own:
            begins_at = _instants(day, one.begins_min, zone)[0]
            ends_at = _instants(day, one.ends_min, zone)[1]
            if begins_at < ends_at:
                yield OnTime(begins_at, ends_at)


def _local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _instants(day: date, minute: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last at which the clock shows this time; what it skips is the instant of the skip."""
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if second < first:
        at = _skip_between(second, first, local, zone)
        return at, at
    return first, second


def _skip_between(before: datetime, after: datetime, local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock shows more than the local time that it skips."""
    low, high = int(before.timestamp()), int(after.timestamp())
    while low < high:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).replace(tzinfo=None) > local:
            high = middle
        else:
            low = middle + 1
    return datetime.fromtimestamp(low, UTC)
