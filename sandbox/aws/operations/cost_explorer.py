"""Cost Explorer: GetCostAndUsage, the same by resource, and GetDimensionValues."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

from sandbox.aws.bill import Terms
from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.operations.cost_filter import DIMENSIONS, find_dimension, read_filter
from sandbox.aws.operations.cost_query import (
    MONTHS_BACK,
    CostQuery,
    Period,
    Row,
    find_rows,
    read_period,
    read_query,
)
from sandbox.aws.paging import mark_of
from sandbox.aws.validate import check_structure, check_text
from sandbox.calendar_days import DAY_MS, month_of, months_before, show_day

_UNITLESS = ("UsageQuantity", "NormalizedUsageAmount")


def get_cost_and_usage(call: Call) -> dict[str, Any]:
    return _answer(call, read_query(call, with_resources=False))


def get_cost_and_usage_with_resources(call: Call) -> dict[str, Any]:
    query = read_query(call, with_resources=True)
    if not call.world.bill.payer_of(call.account.account_id).has_resources:
        raise AwsError(
            "DataUnavailableException",
            "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data"
            " might not be ingested yet",
        )
    return _answer(call, query)


def get_dimension_values(call: Call) -> dict[str, Any]:
    read = find_dimension(check_text(call.params, "Dimension", required=True), DIMENSIONS)
    first, end = read_period(call, oldest=months_before(int(call.now * 1000) // DAY_MS, MONTHS_BACK))
    searched = (check_text(call.params, "SearchString") or "").lower()
    expression = check_structure(call.params, "Filter")
    wanted = read_filter(expression, DIMENSIONS) if expression else None
    until = call.now - call.world.settings()["bill_lag_s"]
    lines = call.world.bill.lines(call.account.account_id, first=first, end=end, until=until, now=call.now)
    values = sorted(
        {
            read(line)
            for line in lines
            if (wanted is None or wanted(line, {})) and searched in read(line).lower()
        }
    )
    call.touched.accepted = len(values)
    return {
        "DimensionValues": [{"Value": value, "Attributes": {}} for value in values],
        "ReturnSize": len(values),
        "TotalSize": len(values),
    }


def _answer(call: Call, query: CostQuery) -> dict[str, Any]:
    """One page. A day with more groups than fit continues on the next page."""
    mark = mark_of(call, ("NextPageToken",))
    token = check_text(call.params, "NextPageToken")
    now, place = (call.now, 0) if token is None else _read_token(token, mark)
    rows = _rows(call, query, mark=mark, now=now, is_new=token is None)
    end = place + int(call.world.settings()["bill_page"])
    shown: dict[str, Any] = {"ResultsByTime": _show(call, query, rows[place:end])}
    if query.groups:
        shown["GroupDefinitions"] = [{"Type": one.kind, "Key": one.key} for one in query.groups]
    if end < len(rows):
        shown["NextPageToken"] = base64.urlsafe_b64encode(json.dumps([mark, now, end]).encode()).decode()
    call.touched.accepted = len(shown["ResultsByTime"])
    return {**shown, "DimensionValueAttributes": []}


def _rows(call: Call, query: CostQuery, *, mark: str, now: float, is_new: bool) -> list[Row]:
    """Computed once for all pages, and again only if the bill has changed before the first page."""
    bill, lag_s = call.world.bill, call.world.settings()["bill_lag_s"]
    version = (bill.version, lag_s)
    kept = bill.kept((mark, now))
    if kept is not None and (not is_new or kept[0] == version):
        rows: list[Row] = kept[1]
        return rows
    rows = find_rows(call, query, now=now, until=now - lag_s)
    bill.keep((mark, now), (version, rows))
    return rows


def _read_token(token: str, mark: str) -> tuple[float, int]:
    try:
        found, now, place = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError):
        raise AwsError("InvalidNextTokenException", "The pagination token is invalid.") from None
    if found != mark:
        raise AwsError("RequestChangedException", "Your request parameters changed between pages.")
    return now, place


def _show(call: Call, query: CostQuery, rows: list[Row]) -> list[dict[str, Any]]:
    terms = call.world.bill.payer_of(call.account.account_id)
    found: dict[Period, dict[str, Any]] = {}
    for row in rows:
        period = found.setdefault(row.period, _show_period(call, row.period))
        if row.keys is None:
            continue
        metrics = {name: _show_metric(name, row, terms) for name in query.metrics}
        if query.groups:
            period["Groups"].append({"Keys": list(row.keys), "Metrics": metrics})
        else:
            period["Total"] = metrics
    return list(found.values())


def _show_period(call: Call, period: Period) -> dict[str, Any]:
    """It is an estimate until its month is closed."""
    first, end = period
    closed = month_of(end - 1)[1] + call.world.settings()["bill_close_days"]
    return {
        "TimePeriod": {"Start": show_day(first), "End": show_day(end)},
        "Total": {},
        "Groups": [],
        "Estimated": call.now * 1000 < closed * DAY_MS,
    }


def _show_metric(name: str, row: Row, terms: Terms) -> dict[str, str]:
    if name in _UNITLESS:
        number = row.quantity if name == "UsageQuantity" else Decimal(0)
        return {"Amount": show_number(number), "Unit": "N/A"}
    return {"Amount": show_number(row.amount), "Unit": terms.currency}


def show_number(number: Decimal) -> str:
    """Without zeros at the end, never with an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
