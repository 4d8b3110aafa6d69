"""A question to Cost Explorer, and its answer as rows: one for each group of each period."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.aws.bill import Line
from sandbox.aws.call import Call
from sandbox.aws.operations.cost_filter import (
    DIMENSIONS,
    RESOURCE_ID,
    WITH_RESOURCES,
    Test,
    find_dimension,
    names_dimension,
    read_filter,
    refuse,
    tags_in,
)
from sandbox.aws.validate import check_enum, check_structure, check_structures, check_text, check_texts
from sandbox.calendar_days import DAY_MS, month_of, months_before, read_day, show_day

METRICS = (
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "NormalizedUsageAmount",
    "UnblendedCost",
    "UsageQuantity",
)
GRANULARITIES = ("DAILY", "MONTHLY", "HOURLY")
MONTHS_BACK = 14
RESOURCE_DAYS = 14
Period = tuple[int, int]
"""First day, and the day after the last."""


@dataclass(frozen=True, slots=True)
class Group:
    """How one part of a row's key is read. A tag's value comes with its key: `team$data`."""

    kind: str
    key: str
    read: Callable[[Line], str] | None = None

    def name(self, line: Line, tags: dict[str, str]) -> str:
        return self.read(line) if self.read else f"{self.key}${tags[self.key]}"


@dataclass(frozen=True, slots=True)
class Row:
    """What a period, or a group of it, costs. Without keys: the period as a whole."""

    period: Period
    keys: tuple[str, ...] | None
    amount: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class CostQuery:
    periods: list[Period]
    metrics: list[str]
    groups: list[Group]
    wanted: Test | None
    tags: list[str]


def read_query(call: Call, *, with_resources: bool) -> CostQuery:
    """Raises AwsError."""
    params = call.params
    allowed = WITH_RESOURCES if with_resources else DIMENSIONS
    granularity = check_enum(params, "Granularity", GRANULARITIES) or "MONTHLY"
    first, end = read_period(call, oldest=_oldest(call, with_resources=with_resources))
    metrics = check_texts(params, "Metrics", most=len(METRICS))
    if not metrics or not set(metrics) <= set(METRICS):
        raise refuse(f"Metrics must be one or more of {', '.join(METRICS)}.")
    groups = [_read_group(one, allowed) for one in check_structures(params, "GroupBy", most=2)]
    expression = check_structure(params, "Filter")
    if with_resources:
        _check_resources(granularity, groups, expression)
    elif granularity == "HOURLY":
        raise refuse("Hourly granularity is not enabled for this account.")
    tags = {one.key for one in groups if one.kind == "TAG"} | tags_in(expression)
    return CostQuery(
        periods=list(_cut(first, end, is_monthly=granularity == "MONTHLY")),
        metrics=metrics,
        groups=groups,
        wanted=read_filter(expression, allowed) if expression else None,
        tags=sorted(tags),
    )


def read_period(call: Call, *, oldest: int) -> Period:
    """The days asked for. Raises AwsError."""
    period = check_structure(call.params, "TimePeriod")
    days = []
    for name in ("Start", "End"):
        text = check_text(period, name, required=True) or ""
        try:
            days.append(read_day(text))
        except ValueError:
            raise refuse(f"{name} is not a date of the form YYYY-MM-DD.") from None
    first, end = days
    if first >= end:
        raise refuse("Start date (and hour) should be before end date (and hour)")
    if end > month_of(int(call.now * 1000) // DAY_MS)[1]:
        raise refuse("end date past the beginning of next month")
    if first < oldest:
        raise refuse("You haven't enabled historical data beyond 14 months.")
    return first, end


def _oldest(call: Call, *, with_resources: bool) -> int:
    today = int(call.now * 1000) // DAY_MS
    if not with_resources:
        return months_before(today, MONTHS_BACK)
    first = check_text(check_structure(call.params, "TimePeriod"), "Start") or ""
    if first < show_day(today - RESOURCE_DAYS):
        raise refuse(f"start date is too old: resources are shown for the last {RESOURCE_DAYS} days only.")
    return today - RESOURCE_DAYS


def _check_resources(granularity: str, groups: list[Group], expression: dict[str, Any]) -> None:
    if granularity != "DAILY":
        raise refuse(f"{granularity.title()} timePeriod is not supported for this request")
    if not expression:
        raise refuse("Filter must not be null.")
    is_named = any(one.key == RESOURCE_ID for one in groups if one.kind == "DIMENSION")
    if not is_named and not names_dimension(expression, RESOURCE_ID):
        raise refuse("You must either group by or filter by a resource id.")


def _read_group(value: dict[str, Any], allowed: dict[str, Callable[[Line], str]]) -> Group:
    kind = check_enum(value, "Type", ("DIMENSION", "TAG", "COST_CATEGORY", "PRODUCT_ATTRIBUTE")) or ""
    key = check_text(value, "Key", required=True) or ""
    if kind == "TAG":
        return Group(kind, key)
    if kind == "DIMENSION":
        return Group(kind, key, find_dimension(key, allowed))
    raise refuse(f"The sandbox cannot group by {kind or 'nothing'}.")


def _cut(first: int, end: int, *, is_monthly: bool) -> Iterator[Period]:
    while first < end:
        following = min(end, month_of(first)[1] if is_monthly else first + 1)
        yield first, following
        first = following


def find_rows(call: Call, query: CostQuery, *, now: float, until: float) -> list[Row]:
    """The answer as of a moment, with usage until another: groups by name, periods without cost too."""
    first, end = query.periods[0][0], query.periods[-1][1]
    period_of = {day: one for one in query.periods for day in range(*one)}
    sums: dict[tuple[Period, tuple[str, ...]], list[Decimal]] = {}
    for line, tags in _tagged(call, query, until=until, now=now, days=(first, end)):
        if query.wanted is not None and not query.wanted(line, tags):
            continue
        key = (period_of[line.day], tuple(group.name(line, tags) for group in query.groups))
        total = sums.setdefault(key, [Decimal(0), Decimal(0)])
        total[0] += line.amount * line.count
        total[1] += line.quantity * line.count
    rows = [Row(period, keys, amount, quantity) for (period, keys), (amount, quantity) in sums.items()]
    if not query.groups:
        costly = {one.period for one in rows}
        rows += [Row(one, (), Decimal(0), Decimal(0)) for one in query.periods if one not in costly]
    else:
        rows = [one for one in rows if one.amount or one.quantity]
        rows += [Row(one, None, Decimal(0), Decimal(0)) for one in query.periods]
    return sorted(rows, key=lambda row: (row.period, row.keys is not None, row.keys or ()))


def _tagged(
    call: Call, query: CostQuery, *, until: float, now: float, days: Period
) -> Iterator[tuple[Line, dict[str, str]]]:
    """The lines of some days, in parts that have one value of each tag."""
    bill, account_id = call.world.bill, call.account.account_id
    taggings = [bill.tagging(account_id, key) for key in query.tags]
    for line in bill.lines(account_id, first=days[0], end=days[1], until=until, now=now):
        parts: list[tuple[Line, dict[str, str]]] = [(line, {})]
        for tagging in taggings:
            parts = [
                (part, {**tags, tagging.key: value})
                for one, tags in parts
                for value, part in tagging.split(one)
            ]
        yield from parts
