"""Days and months of a bill: UTC, as milliseconds since 1970 and as numbers of days."""

from __future__ import annotations

import datetime as dt
from functools import cache

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
_EPOCH = dt.date(1970, 1, 1)


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


@cache
def show_day(number: int) -> str:
    """YYYY-MM-DD of a number of days since 1970."""
    return (_EPOCH + dt.timedelta(days=number)).isoformat()


@cache
def read_day(text: str) -> int:
    """The reverse. Raises ValueError."""
    if len(text) != len("YYYY-MM-DD"):
        raise ValueError(f"not a day: {text}")
    return (dt.date.fromisoformat(text) - _EPOCH).days


@cache
def month_of(day: int) -> tuple[int, int]:
    """The first day of the month of a day, and that of the next month."""
    first = (_EPOCH + dt.timedelta(days=day)).replace(day=1)
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return (first - _EPOCH).days, (following - _EPOCH).days


def months_before(day: int, months: int) -> int:
    """The first day of the month that is so many months before."""
    first, _ = month_of(day)
    for _ in range(months):
        first, _ = month_of(first - 1)
    return first


def show_moment(at_ms: int) -> str:
    """YYYY-MM-DDTHH:MM:SSZ."""
    moment = dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
