"""Spans: what a machine was, from when until when, as far as its price depends on it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum


class Power(StrEnum):
    RUNNING = "running"
    """Its cloud counts hours of use."""
    STOPPED = "stopped"
    """It costs what it costs while nobody can use it: storage, a base fee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineKind:
    """What determines the price, as the cloud spells it; None where it did not say."""

    region: str
    compute_type: str | None
    volumes: str | None = None
    running_mode: str | None = None
    operating_system: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    kind: MachineKind
    power: Power
    began_at: datetime
    ended_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ended_at - self.began_at

    @property
    def day(self) -> date:
        return day_of(self.began_at)


def day_of(at: datetime) -> date:
    """The billing day: both clouds bill by days of UTC."""
    return at.astimezone(UTC).date()


def month_of(day: date) -> date:
    """Its first day."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    return (month_of(day) + timedelta(days=31)).replace(day=1)


def last_day_of(month: date) -> date:
    return next_month(month) - timedelta(days=1)


def whole_months(first: date, last: date) -> tuple[list[date], list[tuple[date, date]]]:
    """The months that these days fill, and the days beside them: what is before, and what is after."""
    begins = first if first == month_of(first) else next_month(first)
    ends = next_month(last) if last == last_day_of(last) else month_of(last)  # the day after
    if begins >= ends:
        return [], [(first, last)]
    months = [begins]
    while next_month(months[-1]) < ends:
        months.append(next_month(months[-1]))
    beside = [(first, begins - timedelta(days=1)), (ends, last)]
    return months, [(since, until) for since, until in beside if since <= until]


def starts_at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def month_length(day: date) -> timedelta:
    return next_month(day) - month_of(day)


def rest_of_month(at: datetime) -> timedelta:
    """From `at` to the end of its month."""
    return starts_at(next_month(day_of(at))) - at


def by_month(spans: Iterable[Span]) -> Iterator[Span]:
    """The same time, cut where a month begins."""
    for span in spans:
        yield from _cut(span, lambda at: starts_at(next_month(day_of(at))))


def by_day(spans: Iterable[Span]) -> Iterator[Span]:
    """The same time, cut at midnight."""
    for span in spans:
        yield from _cut(span, lambda at: starts_at(day_of(at) + timedelta(days=1)))


def _cut(span: Span, next_cut: Callable[[datetime], datetime]) -> Iterator[Span]:
    began_at = span.began_at
    while began_at < span.ended_at:
        ended_at = min(next_cut(began_at), span.ended_at)
        yield replace(span, began_at=began_at, ended_at=ended_at)
        began_at = ended_at
