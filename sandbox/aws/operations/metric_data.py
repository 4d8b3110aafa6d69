"""CloudWatch: GetMetricData of desktops, for averages of an hour."""

from __future__ import annotations

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.loads import HOUR_S, points
from sandbox.aws.paging import cut_page
from sandbox.aws.validate import check_structures, check_text

MOST_QUERIES, MOST_POINTS = 500, 100_800
NAMESPACE = "AWS/WorkSpaces"


def get_metric_data(call: Call) -> dict[str, Any]:
    """A page ends before the query whose hours would not fit into it."""
    queries = check_structures(call.params, "MetricDataQueries", most=MOST_QUERIES, required=True)
    since, until = (_moment(call, name) for name in ("StartTime", "EndTime"))
    if since >= until:
        raise AwsError(
            "ValidationException", "The parameter StartTime must be less than the parameter EndTime."
        )
    hours = max(int(until - since) // HOUR_S, 1)
    page, token = cut_page(
        call,
        [(number, one) for number, one in enumerate(queries)],
        size=max(MOST_POINTS // hours, 1),
        key=lambda row: row[0],
        token=check_text(call.params, "NextToken"),
        bad_token="InvalidNextToken",
        ignore=("NextToken",),
    )
    found = [_result(call, query, since, until) for _, query in page]
    call.touched.accepted = len(found)
    result: dict[str, Any] = {"MetricDataResults": found, "Messages": []}
    return {**result, "NextToken": token} if token else result


def _moment(call: Call, name: str) -> float:
    value = call.params.get(name)
    if not isinstance(value, int | float):
        raise AwsError("ValidationException", f"The parameter {name} is required.")
    return float(value)


def _result(call: Call, query: dict[str, Any], since: float, until: float) -> dict[str, Any]:
    stat = query.get("MetricStat") or {}
    metric = stat.get("Metric") or {}
    if (stat.get("Stat"), stat.get("Period"), metric.get("Namespace")) != ("Average", HOUR_S, NAMESPACE):
        raise AwsError("ValidationException", "The sandbox measures averages of an hour in AWS/WorkSpaces.")
    named = {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}
    machine = call.find_machine(named["WorkspaceId"]) if set(named) == {"WorkspaceId"} else None
    name = str(metric.get("MetricName"))
    found = (
        [] if machine is None else points(call.world, machine.workspace_id, name, since=since, until=until)
    )
    return {
        "Id": query["Id"],
        "Label": name,
        "Timestamps": [hour for hour, _ in found],
        "Values": [value for _, value in found],
        "StatusCode": "Complete",
    }
