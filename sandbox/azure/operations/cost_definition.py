"""The definition of a cost query: its time, what it adds up, by what it groups, what it filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.azure.errors import Json
from sandbox.azure.operations.cost_filter import Test, bad_query, dimension_named, read_filter
from sandbox.calendar_days import month_of, read_day

MOST = 2
"""How many numbers, and how many groups, a query may have."""
MOST_DAYS = 366
_TYPES = ("actualcost", "amortizedcost", "usage")
_GRANULARITIES = ("daily", "monthly", "none")
_NUMBERS = {"cost": "Cost", "pretaxcost": "PreTaxCost", "usagequantity": "UsageQuantity"}


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    is_tag: bool


@dataclass(frozen=True, slots=True)
class Query:
    first_day: int
    last_day: int
    """Included."""
    granularity: str
    numbers: Sequence[str]
    groups: Sequence[Group]
    test: Test

    @property
    def months(self) -> int:
        """How many months its days are in."""
        count, day = 0, self.first_day
        while day <= self.last_day:
            count, day = count + 1, month_of(day)[1]
        return count


def read_query(body: Json, *, now: float) -> Query:
    """Raises QueryError."""
    if str(body.get("type")).lower() not in _TYPES:
        raise bad_query(
            f"Invalid definition type '{body.get('type')}'; valid values: ActualCost, AmortizedCost, Usage."
        )
    dataset = body.get("dataset")
    if not isinstance(dataset, dict):
        raise bad_query("dataset is required.")
    granularity = str(dataset.get("granularity") or "None").lower()
    if granularity not in _GRANULARITIES:
        raise bad_query(f"Invalid granularity '{dataset['granularity']}'.")
    first_day, last_day = _period(body, now)
    groups = _groups(dataset.get("grouping") or [])
    numbers = _numbers(dataset.get("aggregation") or {})
    return Query(first_day, last_day, granularity, numbers, groups, read_filter(dataset.get("filter")))


def _period(body: Json, now: float) -> tuple[int, int]:
    today = int(now // 86400)
    frame = str(body.get("timeframe")).lower()
    if frame == "monthtodate":
        return month_of(today)[0], today
    if frame == "thelastmonth":
        last = month_of(today)[0] - 1
        return month_of(last)[0], last
    if frame != "custom":
        raise bad_query(f"The sandbox does not know the timeframe '{body.get('timeframe')}'.")
    period = body.get("timePeriod")
    if not isinstance(period, dict):
        raise bad_query("timePeriod is required for the timeframe Custom.")
    first, last = _day(period.get("from")), _day(period.get("to"))
    if last < first:
        raise bad_query("timePeriod ends before it begins.")
    if last - first > MOST_DAYS:
        raise bad_query("The time period for pulling the data cannot exceed 1 year(s).")
    return first, last


def _day(text: Any) -> int:
    """The day (UTC) of a moment."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise bad_query(f"'{text}' is not a date.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return read_day(moment.astimezone(UTC).date().isoformat())


def _numbers(given: Any) -> list[str]:
    """By what they add up, not by the caller's names for it: so the columns are called."""
    if not isinstance(given, dict) or not 1 <= len(given) <= MOST:
        raise bad_query(f"A query has 1 to {MOST} aggregations.")
    numbers = []
    for one in given.values():
        number = _NUMBERS.get(str(one.get("name")).lower())
        if number is None or str(one.get("function")).lower() != "sum":
            raise bad_query(f"Invalid aggregation {one.get('name')}; the sandbox sums {', '.join(_NUMBERS)}.")
        numbers.append(number)
    return numbers


def _groups(given: Any) -> list[Group]:
    if not isinstance(given, list) or len(given) > MOST:
        raise bad_query(f"A query has at most {MOST} groupings.")
    groups = []
    for one in given:
        kind = str(one.get("type")).lower()
        if kind not in ("dimension", "tagkey"):
            raise bad_query(f"Invalid grouping type '{one.get('type')}'.")
        is_tag = kind == "tagkey"
        groups.append(Group(str(one.get("name")) if is_tag else dimension_named(one.get("name")), is_tag))
    return groups
