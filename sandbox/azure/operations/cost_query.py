"""What was billed: a query over a subscription or a resource group, with a rate limit and pages of its own.

Counted in query processing units (QPU) for each tenant, one for each month of data.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.azure.bill import HIDING, Line
from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import Json, QueryError
from sandbox.azure.ids import guid
from sandbox.azure.operations.cost_definition import Query, read_query
from sandbox.azure.operations.cost_filter import DIMENSIONS, tag_of
from sandbox.azure.paging import next_link
from sandbox.azure.routes import COST, GROUP, SUBSCRIPTION, Route
from sandbox.calendar_days import month_of, show_day

USAGE = "query.usage"
_QPU = "x-ms-ratelimit-microsoft.costmanagement-qpu"
_NUMBERS = {"Cost": "amount", "PreTaxCost": "amount", "UsageQuantity": "quantity"}


@dataclass(frozen=True, slots=True)
class Table:
    columns: list[Json]
    rows: list[list[Any]]


def usage(call: Call) -> Answer:
    query = read_query(call.body, now=call.now)
    headers = _take(call, query.months)
    if code := call.world.bill.terms_of(call.subscription_id).hidden:
        raise QueryError(code, f"{HIDING[code]} (Request ID: {guid('request', call.path, call.now)})")
    if call.faults.find("no_content"):
        return Answer(204, headers=headers)
    return Answer(body=_page(call, query), headers=headers)


def too_many(*, wait_s: float, is_plain: bool) -> QueryError:
    """A header of its own says how long to wait; `is_plain`: and so does `Retry-After`."""
    seconds = str(max(1, math.ceil(wait_s)))
    headers = {f"{_QPU}-retry-after": seconds, f"{_QPU}-consumed": "0", f"{_QPU}-remaining": "0"}
    if is_plain:
        headers["Retry-After"] = seconds
    return QueryError("429", "Too many requests. Please retry.", status=429, headers=headers)


def _take(call: Call, units: int) -> dict[str, str]:
    """The headers of an accepted call. Raises QueryError (429)."""
    settings, key = call.world.settings(), (call.application.tenant_id, "qpu")
    per_s, burst = settings["qpu_per_min"] / 60, settings["qpu_burst"]
    if per_s <= 0:
        return {}
    now, cost = call.world.clock.throttle_now(), min(units, burst)
    throttle = call.world.throttle
    if not throttle.take(key, now=now, calls_per_s=per_s, burst=burst, cost=cost):
        lacking = cost - throttle.left(key, burst=burst)
        raise too_many(wait_s=lacking / per_s, is_plain=bool(settings["qpu_retry_after"]))
    left = str(throttle.left(key, burst=burst))
    return {f"{_QPU}-consumed": f"{cost:g}", f"{_QPU}-remaining": left}


def _page(call: Call, query: Query) -> Json:
    """Later pages show the same moment as the first."""
    moment, offset = _read_token(call.query.get("skiptoken")) or (call.now, 0)
    key = (call.path.lower(), json.dumps(call.body, sort_keys=True), moment)
    table = call.world.bill.kept(key) if offset else None
    if table is None:
        table = _answer(call, query, moment)
        call.world.bill.keep(key, table)
    end = offset + int(call.world.settings()["bill_page"])
    link = next_link(call, _token(moment, end)) if end < len(table.rows) else None
    name = guid("query", *key)
    return {
        "id": f"{call.path.lstrip('/')}/{name}",
        "name": name,
        "type": "Microsoft.CostManagement/query",
        "location": None,
        "sku": None,
        "eTag": None,
        "properties": {"nextLink": link, "columns": table.columns, "rows": table.rows[offset:end]},
    }


def _answer(call: Call, query: Query, moment: float) -> Table:
    as_made = bool(call.world.settings()["bill_ids_as_made"])
    sums: dict[tuple[Any, ...], list[Decimal]] = {}
    for line in _lines(call, query, moment):
        key = (*_time(query, line), *_groups(query, line, as_made=as_made))
        found = sums.setdefault(key, [Decimal(0)] * len(query.numbers))
        for place, number in enumerate(query.numbers):
            found[place] += getattr(line, _NUMBERS[number])
    currency = call.world.bill.terms_of(call.subscription_id).currency
    rows = [[*map(float, sums[key]), *key, currency] for key in sorted(sums)]
    return Table(_columns(query), rows)


def _lines(call: Call, query: Query, moment: float) -> Iterator[Line]:
    settings = call.world.settings()
    lines = call.world.bill.lines(
        call.subscription_id,
        first_day=query.first_day,
        last_day=query.last_day,
        until=moment - settings["bill_lag_s"],
        now=moment,
        settling_s=settings["bill_settling_s"],
    )
    group = call.resource_group.lower()
    for line in lines:
        if (not group or line.resource_group.lower() == group) and query.test(line):
            yield line


def _time(query: Query, line: Line) -> tuple[Any, ...]:
    """A day as the number yyyymmdd; a month as the moment of its beginning."""
    if query.granularity == "daily":
        return (int(show_day(line.day).replace("-", "")),)
    if query.granularity == "monthly":
        return (f"{show_day(month_of(line.day)[0])}T00:00:00",)
    return ()


def _groups(query: Query, line: Line, *, as_made: bool) -> Iterator[str]:
    """Azure shows ids, groups and types in lower case."""
    for group in query.groups:
        if group.is_tag:
            value = tag_of(line, group.name)
            yield from ("", "") if value is None else (group.name, value)
        else:
            value = DIMENSIONS[group.name](line)
            yield value.lower() if group.name.startswith("Resource") and not as_made else value


def _columns(query: Query) -> list[Json]:
    columns = [(number, "Number") for number in query.numbers]
    columns += {"daily": [("UsageDate", "Number")], "monthly": [("BillingMonth", "Datetime")]}.get(
        query.granularity, []
    )
    for group in query.groups:
        names = ("TagKey", "TagValue") if group.is_tag else (group.name,)
        columns += [(name, "String") for name in names]
    return [{"name": name, "type": kind} for name, kind in (*columns, ("Currency", "String"))]


def _token(moment: float, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{moment!r}/{offset}".encode()).decode()


def _read_token(token: str | None) -> tuple[float, int] | None:
    """Raises QueryError."""
    if token is None:
        return None
    try:
        moment, _, offset = base64.urlsafe_b64decode(token).decode().partition("/")
        return float(moment), int(offset)
    except ValueError:
        raise QueryError("BadRequest", "The skip token is not valid.") from None


_QUERY = "providers/microsoft.costmanagement/query"
_ACTION = "Microsoft.CostManagement/query/action"
ROUTES = [
    Route("POST", f"{scope}/{_QUERY}", USAGE, _ACTION, usage, own_bucket=COST)
    for scope in (SUBSCRIPTION, GROUP)
]
