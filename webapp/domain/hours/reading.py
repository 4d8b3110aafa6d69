"""Weekly hours as people type them and as programs send them, and back. What is wrong is data."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from webapp.domain.errors import Invalid
from webapp.domain.hours.public_holidays import is_place
from webapp.domain.hours.week import (
    DAY_MIN,
    LEAST_IDLE_MIN,
    MOST_IDLE_MIN,
    USUAL_IDLE_MIN,
    WORKDAYS,
    Hours,
    Shift,
    Weekday,
)
from webapp.domain.zones import is_zone

MOST_SHIFTS_A_DAY = 4
LONGEST_DAY = 80
"""Characters that people may type for one day."""
HOURS_INVALID, ZONE_UNKNOWN = "hours_invalid", "time_zone_unknown"
ENGLISH_DAYS = tuple(day.name.title()[:3] for day in Weekday)
_OFF = frozenset({"", "-", "–", "—", "off", "free", "none", "closed", "frei"})
_ALL_DAY = frozenset({"24h", "24 h", "all day", "ganztags"})
_BETWEEN = re.compile(r"\s*(?:-|–|—|−|\bto\b|\buntil\b|\bbis\b)\s*")
_TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?\s*(am|pm|uhr|h)?")


@dataclass(frozen=True, slots=True)
class HoursProblem:
    field: str
    """A weekday's name, `workdays`, `zone`, `holidays` or `idle_minutes`; `shifts` if it is about all."""
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadHours:
    """Hours, or what is wrong with them."""

    hours: Hours | None
    problems: Sequence[HoursProblem] = ()


@dataclass(frozen=True, slots=True)
class TypedHours:
    """As a form has them. A day that is empty is like all workdays; “off” has no shift."""

    zone: str
    workdays: str = ""
    days: Mapping[Weekday, str] = field(default_factory=dict)
    holidays: str = ""
    idle_minutes: int | None = None

    def read(self) -> ReadHours:
        """Without any shift there are no hours, and no problem."""
        problems: list[HoursProblem] = []
        shifts: list[Shift] = []
        usual = _read_day(Weekday.MONDAY, self.workdays, "workdays", problems)
        for day in Weekday:
            typed = self.days.get(day, "").strip()
            if not typed and day in WORKDAYS:
                shifts += [Shift(day, one.begins_min, one.ends_min) for one in usual]
            else:
                shifts += _read_day(day, typed, day.name.lower(), problems)
        if not shifts and not problems:
            return ReadHours(None)
        return _checked(self.zone, shifts, self.holidays or None, self.idle_minutes, problems)


def typed_of(hours: Hours | None, *, zone: str) -> TypedHours:
    """As a form shows them again. `zone`: where there are none."""
    if hours is None:
        return TypedHours(zone)
    by_day = {day: _spans([one for one in hours.shifts if one.weekday is day]) for day in Weekday}
    usual = by_day[Weekday.MONDAY]
    rest = {
        day: text or "off" if day in WORKDAYS else text
        for day, text in by_day.items()
        if text != (usual if day in WORKDAYS else "")
    }
    return TypedHours(hours.zone, usual, rest, hours.holidays or "", hours.idle_min)


def hours_from(given: Mapping[str, Any]) -> Hours:
    """From JSON: zone, shifts (day, from, to), holidays, idle_minutes. Raises Invalid: the first problem."""
    problems: list[HoursProblem] = []
    shifts = [
        shift
        for one in given["shifts"]
        for shift in _read_day(
            Weekday[str(one["day"]).upper()], f"{one['from']}-{one['to']}", "shifts", problems
        )
    ]
    if not shifts and not problems:
        problems.append(HoursProblem("shifts", HOURS_INVALID, "Name at least one shift."))
    read = _checked(given["zone"], shifts, given.get("holidays"), given.get("idle_minutes"), problems)
    if read.hours is None:
        first = read.problems[0]
        raise Invalid(first.message, code=first.code, field=f"hours.{first.field}")
    return read.hours


def hours_json(hours: Hours) -> dict[str, Any]:
    """As they are stored and sent: `hours_from` reads it."""
    return {
        "zone": hours.zone,
        "shifts": [
            {"day": one.weekday.name.lower(), "from": _padded(one.begins_min), "to": _padded(one.ends_min)}
            for one in hours.shifts
        ],
        "holidays": hours.holidays,
        "idle_minutes": hours.idle_min,
    }


def hours_in_words(hours: Hours, names: Sequence[str] = ENGLISH_DAYS) -> str:
    """“Mon–Fri 9:00–17:30, Sat 10:00–14:00 Europe/Berlin”. `names`: of the days, from Monday on."""
    days = [(day, _spans([one for one in hours.shifts if one.weekday is day])) for day in Weekday]
    parts = []
    for spans, group in groupby(days, key=lambda pair: pair[1]):
        alike = [names[day] for day, _ in group]
        if spans:
            parts.append(f"{alike[0] if len(alike) == 1 else f'{alike[0]}–{alike[-1]}'} {spans}")
    return f"{', '.join(parts)} {hours.zone}"


def _checked(
    zone: str,
    shifts: Iterable[Shift],
    holidays: str | None,
    idle_minutes: int | None,
    problems: list[HoursProblem],
) -> ReadHours:
    found = tuple(sorted(shifts))
    idle_min = USUAL_IDLE_MIN if idle_minutes is None else idle_minutes
    if not is_zone(zone):
        problems.append(HoursProblem("zone", ZONE_UNKNOWN, "Choose one of these time zones."))
    for day in Weekday:
        own = [one for one in found if one.weekday is day]
        if len(own) > MOST_SHIFTS_A_DAY:
            message = f"No more than {MOST_SHIFTS_A_DAY} shifts on one day."
            problems.append(HoursProblem(day.name.lower(), HOURS_INVALID, message))
        elif any(later.begins_min < one.ends_min for one, later in pairwise(own)):
            problems.append(HoursProblem(day.name.lower(), HOURS_INVALID, "These times overlap."))
    if holidays is not None and not is_place(holidays):
        message = "The holidays of this place are not known. Use a code such as DE or DE-BY."
        problems.append(HoursProblem("holidays", HOURS_INVALID, message))
    if not LEAST_IDLE_MIN <= idle_min <= MOST_IDLE_MIN:
        message = f"Enter a number of minutes from {LEAST_IDLE_MIN} to {MOST_IDLE_MIN}."
        problems.append(HoursProblem("idle_minutes", HOURS_INVALID, message))
    if problems:
        return ReadHours(None, problems)
    return ReadHours(Hours(zone, found, holidays, idle_min))


def _read_day(day: Weekday, typed: str, name: str, problems: list[HoursProblem]) -> list[Shift]:
    text = typed.strip().lower()
    if text in _OFF:
        return []
    if text in _ALL_DAY:
        return [Shift(day, 0, DAY_MIN)]
    shifts = []
    for part in re.split(r"[,;+]|\band\b|\bund\b", text[: LONGEST_DAY + 1]):
        shift = _read_span(day, part.strip())
        if shift is None or len(text) > LONGEST_DAY:
            message = f"“{typed.strip()[:LONGEST_DAY]}” is not understood. Write 9:00–17:30 or 9–12, 13–17."
            problems.append(HoursProblem(name, HOURS_INVALID, message))
            return []
        shifts.append(shift)
    return shifts


def _read_span(day: Weekday, text: str) -> Shift | None:
    ends = _BETWEEN.split(text)
    if len(ends) != 2:
        return None
    begins_min, ends_min = (_minutes(one) for one in ends)
    if begins_min is None or ends_min is None or begins_min in (DAY_MIN, ends_min):
        return None
    return Shift(day, begins_min, ends_min if ends_min > begins_min else ends_min + DAY_MIN)


def _minutes(text: str) -> int | None:
    """After midnight; None for what is no time of a day."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    is_time = minute < 60 and (hour < 24 or (hour == 24 and minute == 0))
    return hour * 60 + minute if is_time else None


def _spans(shifts: Sequence[Shift]) -> str:
    return ", ".join(f"{_clock(one.begins_min)}–{_clock(one.ends_min)}" for one in shifts)


def _clock(minute: int) -> str:
    shown = minute if minute <= DAY_MIN else minute - DAY_MIN
    return f"{shown // 60}:{shown % 60:02d}"


def _padded(minute: int) -> str:
    return _clock(minute).zfill(5)
