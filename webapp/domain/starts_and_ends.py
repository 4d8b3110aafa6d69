"""Who starts and who ends in a week, by day, and what is wrong with it. Days are of the reader's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from webapp.domain.windows import FIRST_YEAR, LAST_YEAR, instant_of

DAY = timedelta(days=1)
NOT_READY_BEFORE = DAY
"""So long before the start a desktop should be ready."""
NEVER_CONNECTED_AFTER = 2 * DAY
"""Who has not connected so long after the start is perhaps stuck."""
ENDS_SOON = 7 * DAY
SHOWN_WEEKS = 2


class Turn(StrEnum):
    STARTS = "starts"
    ENDS = "ends"


class Wrong(StrEnum):
    """What somebody should look at."""

    NO_DESKTOP = "no_desktop"
    FAILED = "failed"
    NOT_READY = "not_ready"
    NEVER_CONNECTED = "never_connected"
    TIME_ASKED = "time_asked"
    NOT_EXTENDED = "not_extended"


@dataclass(frozen=True, slots=True)
class Contract:
    """What is known of one contract and its desktop."""

    starts_at: datetime | None
    ends_at: datetime | None
    has_desktop: bool
    """One that has not ended, ready or not."""
    is_ready: bool
    has_failed: bool
    is_never_connected: bool
    """The cloud has said so."""
    is_suspended: bool
    is_time_asked: bool


@dataclass(frozen=True, slots=True)
class Week:
    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        return cls(day - timedelta(days=day.weekday()))

    @property
    def sunday(self) -> date:
        return self.monday + 6 * DAY

    @property
    def days(self) -> list[date]:
        return [self.monday + number * DAY for number in range(7)]

    def later(self, weeks: int) -> "Week":
        return Week(self.monday + weeks * 7 * DAY)

    @property
    def is_sensible(self) -> bool:
        """Contracts may be in it."""
        return FIRST_YEAR <= self.monday.year <= LAST_YEAR

    def begins_at(self, zone: str) -> datetime:
        return instant_of(datetime.combine(self.monday, time()), zone)


def day_of(at: datetime, turn: Turn, zone: str) -> date:
    """An end at midnight is the end of the day before, as it was typed."""
    local = at.astimezone(ZoneInfo(zone))
    is_end_of_day = turn is Turn.ENDS and local.time() == time()
    return local.date() - DAY if is_end_of_day else local.date()


def today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def wrong_with(contract: Contract, turn: Turn, now: datetime) -> Wrong | None:
    """The worst of it; None: nobody needs to look."""
    has_ended = contract.ends_at is not None and contract.ends_at <= now
    if has_ended or contract.is_suspended:
        return None
    if turn is Turn.ENDS:
        return _wrong_with_end(contract, now)
    return _wrong_with_start(contract, now)


def _wrong_with_start(contract: Contract, now: datetime) -> Wrong | None:
    starts_at = contract.starts_at or datetime.min.replace(tzinfo=UTC)
    if contract.has_failed and not contract.is_ready:
        return Wrong.FAILED
    if not contract.has_desktop:  # one that was ready once was ended by somebody
        return None if contract.is_ready else Wrong.NO_DESKTOP
    if not contract.is_ready and starts_at <= now + NOT_READY_BEFORE:
        return Wrong.NOT_READY
    if contract.is_ready and contract.is_never_connected and starts_at + NEVER_CONNECTED_AFTER <= now:
        return Wrong.NEVER_CONNECTED
    return None


def _wrong_with_end(contract: Contract, now: datetime) -> Wrong | None:
    if contract.is_time_asked:
        return Wrong.TIME_ASKED
    ends_soon = contract.ends_at is not None and contract.ends_at <= now + ENDS_SOON
    return Wrong.NOT_EXTENDED if contract.has_desktop and ends_soon else None


def weeks_from(week: Week, number: int = SHOWN_WEEKS) -> Sequence[Week]:
    return [week.later(place) for place in range(number)]
