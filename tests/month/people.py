"""The people of the month: when they are hired, in which hours they work, and when they really do.

Everything is drawn from the seed, by person and day; so one run differs from another only in what Berth does.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.month.machines import HOUR, MINUTE
from tests.month.timeline import START, seconds_of
from webapp.domain.hours.reading import TypedHours
from webapp.domain.hours.week import Hours, OnTime, Weekday

DAY = 24 * HOUR
OPENING = timedelta(days=2)
"""From the Saturday on which the clock starts to the first Monday."""
ZONES = (("Europe/Berlin", "DE"), ("America/New_York", "US"), ("Asia/Kolkata", "IN"))
ABSENT, LUNCHES, DROPS, EVENINGS = 0.06, 0.7, 0.08, 0.05
"""Shares: of days on which a person does not come; of long days with a lunch; of days with a lost connection
about the end of the shift; of evenings in which somebody comes back."""
THERE, ON_THE_FIRST_MONDAY = 0.5, 0.1
"""Shares: of those who work there before, and whose contracts begin together on the first Monday."""
LEAVERS = 0.08
"""Of those who work there before: the contract ends within the days."""
MONDAYS = 0.5
"""So many of those who are hired later are hired on a Monday."""


class Job(StrEnum):
    AMAZON = "amazon"
    POOLED = "pooled"
    """Azure, a size with a warm pool."""
    PLAIN = "plain"
    """Azure, a size without one: what the pool is compared with."""


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    job: Job
    hours: Hours
    approved_at: datetime
    starts_at: datetime | None
    """None: from the approval on."""
    ends_at: datetime | None
    is_hurried: bool
    """Hired for now, in the month."""

    @property
    def mailbox(self) -> str:
        return f"p{self.number}"

    @property
    def username(self) -> str:
        return self.mailbox if self.job is Job.AMAZON else f"{self.mailbox}@people.example"

    @property
    def opens_at(self) -> datetime:
        return self.starts_at or self.approved_at


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is connected, in seconds of the month."""

    begins_s: float
    ends_s: float


@dataclass(frozen=True, slots=True)
class Attendance:
    """What a person does about one shift."""

    sessions: Sequence[Session]
    works_on_s: float | None = None
    """When “Let me work on” is pressed."""


def number_of(username: str) -> int:
    return int(username.partition("@")[0].removeprefix("p"))


def draw_people(count: int, days: int, seed: int) -> Iterator[Person]:
    for number in range(count):
        yield _draw_person(number, days, random.Random(f"{seed}/person/{number}"))


def _draw_person(number: int, days: int, rng: random.Random) -> Person:
    job = Job.AMAZON if number % 2 else Job.PLAIN if number % 8 == 0 else Job.POOLED
    zone, place = ZONES[number // 2 % len(ZONES)]
    hours, first, drawn = _hours(rng, zone, place), (START + OPENING).date(), rng.random()
    if drawn < THERE:
        ends_at = None
        if rng.random() < LEAVERS:
            ends_at = _local(first + timedelta(days=rng.randrange(2, max(days, 3))), time(18), zone)
        return Person(number, job, hours, START + timedelta(hours=1), None, ends_at, is_hurried=False)
    if drawn < THERE + ON_THE_FIRST_MONDAY:
        starts_at = _local(first, time(), zone)
        return Person(number, job, hours, START, starts_at, None, is_hurried=False)
    day, is_hurried = _hiring_day(rng, days), rng.random() < 0.5
    approved_at = _local(first + timedelta(days=day), time(8), zone) + timedelta(hours=_hour(rng))
    starts_at = None
    if not is_hurried:
        starts_at = _local(first + timedelta(days=day + rng.randrange(3, 11)), time(), zone)
    return Person(number, job, hours, approved_at, starts_at, None, is_hurried=is_hurried)


def _hour(rng: random.Random) -> float:
    """After eight in the morning: half of them before ten."""
    return rng.uniform(0, 2) if rng.random() < 0.5 else rng.uniform(2, 8)


def _hiring_day(rng: random.Random, days: int) -> int:
    """A working day, counted from the first Monday."""
    weeks = max((days + 6) // 7, 1)
    weekday = 0 if rng.random() < MONDAYS else rng.randrange(1, 5)
    return min(rng.randrange(weeks) * 7 + weekday, max(days - 1, 0))


def _hours(rng: random.Random, zone: str, place: str) -> Hours:
    drawn = rng.random()
    if drawn < 0.6:
        return _read(zone, place, "9-17:30")
    if drawn < 0.75:
        return _read(zone, place, "7-15")
    return _read(zone, place, "9-13") if drawn < 0.9 else _read(zone, place, "9-17", is_short=True)


@lru_cache
def _read(zone: str, place: str, workdays: str, *, is_short: bool = False) -> Hours:
    free = {Weekday.THURSDAY: "off", Weekday.FRIDAY: "off"} if is_short else {}
    hours = TypedHours(zone, workdays, free, holidays=place).read().hours
    assert hours is not None
    return hours


def _local(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone))


@lru_cache(maxsize=1000)
def shifts_of(hours: Hours, day: date) -> Sequence[OnTime]:
    """Those that begin on this day of their zone."""
    begin = _local(day, time(), hours.zone)
    found = hours.on_times(begin, begin + timedelta(days=1))
    return [one for one in found if one.begins_at.astimezone(ZoneInfo(hours.zone)).date() == day]


def attendance(person: Person, shift: OnTime, seed: int) -> Attendance:
    """When the person is connected, as they plan."""
    begin_s, end_s = seconds_of(shift.begins_at), seconds_of(shift.ends_at)
    rng = random.Random(f"{seed}/{person.number}/{begin_s:.0f}")
    if rng.random() < ABSENT:
        return Attendance(())
    arrives_s = begin_s + min(max(rng.gauss(6, 12), -25), 60) * MINUTE
    leaves_s, works_on_s = _leaves(rng, end_s)
    parts = [Session(arrives_s, leaves_s)]
    if end_s - begin_s > 6 * HOUR and rng.random() < LUNCHES:
        at_s = (begin_s + end_s) / 2 + rng.uniform(-30, 30) * MINUTE
        parts = list(_without(parts, at_s, at_s + rng.uniform(25, 70) * MINUTE))
    if rng.random() < DROPS:
        at_s = end_s + rng.uniform(-6, 6) * MINUTE
        parts = list(_without(parts, at_s, at_s + rng.uniform(1, 4) * MINUTE))
    if rng.random() < EVENINGS:
        at_s = end_s + rng.uniform(60, 180) * MINUTE
        if at_s > parts[-1].ends_s + MINUTE:
            parts.append(Session(at_s, at_s + rng.uniform(15, 60) * MINUTE))
    return Attendance(parts, works_on_s)


def _leaves(rng: random.Random, end_s: float) -> tuple[float, float | None]:
    drawn = rng.random()
    if drawn < 0.45:
        return end_s - rng.uniform(0, 20) * MINUTE, None
    if drawn < 0.75:
        return end_s + rng.uniform(-3, 8) * MINUTE, None
    if drawn < 0.95:
        return end_s + rng.uniform(8, 75) * MINUTE, None
    return end_s + rng.uniform(60, 150) * MINUTE, end_s - rng.uniform(2, 10) * MINUTE


def _without(sessions: Iterable[Session], begins_s: float, ends_s: float) -> Iterator[Session]:
    """The same with a gap; a piece of less than a minute is none."""
    for one in sessions:
        for piece in (
            Session(one.begins_s, min(one.ends_s, begins_s)),
            Session(max(one.begins_s, ends_s), one.ends_s),
        ):
            if piece.ends_s - piece.begins_s >= MINUTE:
                yield piece
