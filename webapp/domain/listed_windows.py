"""The window of a contract as a line of a list gives it: cells that spreadsheets and people write."""

import re
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Self

from webapp.domain.errors import Invalid
from webapp.domain.sentences import say
from webapp.domain.windows import TypedWindow, Window, typed_of

LONGEST_CELL, LONGEST_ZONE = 40, 64
_TIME = r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::00)?)?"
_SHAPES = (
    re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_TIME}"),
    re.compile(rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}){_TIME}"),
)
"""`2027-03-01` and `1.3.2027`, perhaps with a time. `3/1/2027` is two different days in two countries."""


@dataclass(frozen=True, slots=True)
class ListedWindow:
    """As written; a line without start and end says nothing about the contract."""

    start: str = ""
    end: str = ""
    zone: str = ""

    @property
    def is_given(self) -> bool:
        return bool(self.start or self.end)

    @classmethod
    def of(cls, window: Window | None) -> Self:
        """As a form shows it again."""
        if window is None or window.is_open:
            return cls()
        typed = typed_of(window)
        return cls(
            _cell(typed.first_day, typed.first_time), _cell(typed.last_day, typed.last_time), typed.zone
        )

    def in_zone(self, usual: str) -> Self:
        """The same with the zone that counts where the line names none."""
        return replace(self, zone=self.zone or usual) if self.is_given else self

    def window(self) -> Window | None:
        """None if nothing is said about it. Raises Invalid."""
        if not self.is_given:
            return None
        first_day, first_time = _read(self.start, "first_day")
        last_day, last_time = _read(self.end, "last_day")
        return TypedWindow(self.zone or "UTC", first_day, first_time, last_day, last_time).window()

    def is_same(self, other: Self) -> bool:
        """However its days are written. A zone that one of them leaves out may be another."""
        mine, theirs = ((_meant(one.start), _meant(one.end), one.zone.strip()) for one in (self, other))
        return mine == theirs


def is_date(cell: str) -> bool:
    """Does it look like one of a contract's days?"""
    return any(shape.fullmatch(cell.strip()) for shape in _SHAPES)


def _meant(cell: str) -> object:
    """The day and the time; a cell that cannot be read means what is written in it."""
    try:
        return _read(cell, "")
    except Invalid:
        return cell.strip()


def _read(cell: str, field: str) -> tuple[date | None, time | None]:
    text = cell.strip()
    if not text:
        return None, None
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(text))), None)
    try:
        if found is not None:
            at = time(int(found["hour"]), int(found["minute"])) if found["hour"] else None
            # Programs write a day as its midnight: `2027-03-31 00:00:00` is all of 31 March, as an end too.
            day = date(int(found["year"]), int(found["month"]), int(found["day"]))
            return day, None if at == time() else at
    except ValueError:
        pass
    raise Invalid(
        say(
            "“%(cell)s” cannot be read as a date. Write 2027-03-01, or with a time 2027-03-01 08:00.",
            cell=text[:LONGEST_CELL],
        ),
        code="window_invalid",
        field=field,
    )


def _cell(day: date | None, at: time | None) -> str:
    if day is None:
        return ""
    return f"{day:%Y-%m-%d}" if at is None else f"{day:%Y-%m-%d} {at:%H:%M}"
