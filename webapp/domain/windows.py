"""The window of a contract, as people type it: local dates and times in a zone; stored as instants."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from webapp.domain.errors import Invalid
from webapp.domain.sentences import say
from webapp.domain.zones import is_zone

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Window:
    """From the first instant in which the desktop may be used to the first in which it may not."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    zone: str | None = None
    """In which it was typed, and is shown; None if it was never set."""

    @property
    def is_open(self) -> bool:
        """Without start and end."""
        return self.starts_at is None and self.ends_at is None

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def ends_after(self, before: "Window") -> bool:
        """Later than that one, or not at all."""
        return before.ends_at is not None and (self.ends_at is None or self.ends_at > before.ends_at)

    def left(self, now: datetime) -> timedelta | None:
        """For so long the desktop may be used from now on; None: without an end."""
        if self.ends_at is None:
            return None
        return max(self.ends_at - max(now, self.starts_at or now), timedelta(0))

    def remaining(self, now: datetime) -> "Window":
        """What is left for whoever takes over: from now on, or from a start to come, to the same end."""
        if self.is_open:
            return self
        is_to_come = self.starts_at is not None and self.starts_at > now
        return Window(self.starts_at if is_to_come else now.replace(microsecond=0), self.ends_at, self.zone)

    def closed(self, now: datetime) -> "Window":
        """The same, over since now at the latest."""
        end = now.replace(microsecond=0)
        if self.ends_at is not None and self.ends_at <= end:
            return self
        has_begun = self.starts_at is not None and self.starts_at < end
        return Window(self.starts_at if has_begun else None, end, self.zone or "UTC")


@dataclass(frozen=True, slots=True)
class TypedWindow:
    """Without a time, the start is the beginning of its day, and the end the end of its day."""

    zone: str
    first_day: date | None = None
    first_time: time | None = None
    last_day: date | None = None
    last_time: time | None = None

    def window(self) -> Window:
        """Raises Invalid: a time without its day, a year that cannot be meant, an end before the start."""
        _check_zone(self.zone)
        _check_day(self.first_day, self.first_time, "first_day")
        _check_day(self.last_day, self.last_time, "last_day")
        starts_at = ends_at = None
        if self.first_day is not None:
            starts_at = instant_of(datetime.combine(self.first_day, self.first_time or time()), self.zone)
        if self.last_day is not None:
            ends_at = instant_of(_end(self.last_day, self.last_time), self.zone)
        if starts_at is not None and ends_at is not None and ends_at <= starts_at:
            raise Invalid(say("The end must be after the start."), code="window_invalid", field="last_day")
        return Window(starts_at, ends_at, self.zone)


def window_between(starts_at: datetime | None, ends_at: datetime | None, zone: str) -> Window:
    """Of instants, as programs send them: to the second. Raises Invalid."""
    _check_zone(zone, "window_zone")
    for at, field in ((starts_at, "starts_at"), (ends_at, "ends_at")):
        _check_day(at.date() if at else None, None, field)
    first, last = (at.astimezone(UTC).replace(microsecond=0) if at else None for at in (starts_at, ends_at))
    if first is not None and last is not None and last <= first:
        raise Invalid(say("The end must be after the start."), code="window_invalid", field="ends_at")
    return Window(first, last, zone)


def instant_of(local: datetime, zone: str) -> datetime:
    """The instant of a local time.

    What the clocks skip in spring counts from before the change: 02:30 is half an hour after the skip began.
    Of what they show twice in autumn the first is meant: an end comes rather earlier than later.
    """
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def plain_moment(at: datetime, zone: str) -> str:
    """For a mail, in figures that need no language: “2026-12-01 17:30 CET”."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def typed_of(window: Window) -> TypedWindow:
    """As a form shows it again: an end at midnight is the end of the day before."""
    zone = window.zone or "UTC"
    first = window.starts_at.astimezone(ZoneInfo(zone)) if window.starts_at else None
    last = window.ends_at.astimezone(ZoneInfo(zone)) if window.ends_at else None
    if last is not None and last.time() == time():
        return TypedWindow(zone, *_parts(first), last.date() - timedelta(days=1), None)
    last_day, last_time = (last.date(), last.time()) if last is not None else (None, None)
    return TypedWindow(zone, *_parts(first), last_day, last_time)


def kept_exact(typed: TypedWindow, shown: Window) -> Window:
    """A form has no seconds, and does not say which of two equal hours is meant: an end of `shown` that
    nobody has changed there stays as it is. Raises Invalid."""
    window, before = typed.window(), typed_of(shown)
    if typed.zone != before.zone:
        return window
    is_first = (typed.first_day, typed.first_time) == (before.first_day, _to_minute(before.first_time))
    is_last = (typed.last_day, typed.last_time) == (before.last_day, _to_minute(before.last_time))
    starts_at = shown.starts_at if is_first else window.starts_at
    ends_at = shown.ends_at if is_last else window.ends_at
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        return window
    return Window(starts_at, ends_at, typed.zone)


def _to_minute(at: time | None) -> time | None:
    return None if at is None else at.replace(second=0, microsecond=0)


def _parts(first: datetime | None) -> tuple[date | None, time | None]:
    if first is None:
        return None, None
    return first.date(), None if first.time() == time() else first.time()


def _end(day: date, at: time | None) -> datetime:
    """An end at 00:00 of the last day would leave nothing of it: midnight after it is meant, as in lists."""
    return (
        datetime.combine(day, at)
        if at not in (None, time())
        else datetime.combine(day + timedelta(days=1), time())
    )


def _check_zone(zone: str, field: str = "zone") -> None:
    if not is_zone(zone):
        raise Invalid(say("Choose one of these time zones."), code="time_zone_unknown", field=field)


def _check_day(day: date | None, at: time | None, field: str) -> None:
    if day is None and at is not None:
        raise Invalid(say("Enter the day as well as the time."), code="window_invalid", field=field)
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(say("Check the year of this date."), code="window_invalid", field=field)
