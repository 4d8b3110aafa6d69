"""How busy WorkSpaces were, from CloudWatch (docs/evidence/aws_workspaces.md#load)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.domain.loads import SPAN, Load, load_of

NAMESPACE, DIMENSION = "AWS/WorkSpaces", "WorkspaceId"
CPU, MEMORY = "CPUUsage", "MemoryUsage"
HOUR = timedelta(hours=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MOST_QUERIES, MOST_POINTS = 500, 100_800
"""Of one call."""
MOST_AT_ONCE = min(MOST_QUERIES, MOST_POINTS // (SPAN // HOUR)) // 2
"""Desktops, each with two queries: so many that all their hours fit into one answer."""


class AmazonLoads:
    most = MOST_AT_ONCE
    most_a_round = 10_000

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def read_loads(
        self, cloud_workspace_ids: Sequence[str], *, since: datetime, until: datetime
    ) -> dict[str, Load]:
        hours: dict[str, dict[datetime, float]] = {}
        for found in self._results(cloud_workspace_ids, since, until):
            points = zip(found.get("Timestamps", ()), found.get("Values", ()), strict=False)
            hours.setdefault(str(found.get("Id")), {}).update(points)
        loads = {
            one: load_of(hours.get(f"cpu{number}", {}), hours.get(f"memory{number}", {}))
            for number, one in enumerate(cloud_workspace_ids)
        }
        return {one: load for one, load in loads.items() if load is not None}

    def _results(
        self, cloud_workspace_ids: Sequence[str], since: datetime, until: datetime
    ) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {
            "MetricDataQueries": [
                _query(f"{prefix}{number}", metric, one)
                for number, one in enumerate(cloud_workspace_ids)
                for prefix, metric in (("cpu", CPU), ("memory", MEMORY))
            ],
            "StartTime": since,
            "EndTime": until,
        }
        while True:
            page = self._client.read("GetMetricData", service="cloudwatch", **asked)
            yield from page.get("MetricDataResults", ())
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]


def probe(cloud_workspace_id: str) -> dict[str, Any]:
    """The arguments of a call that finds nothing: an hour before anybody's desktop."""
    query = _query("cpu", CPU, cloud_workspace_id)
    return {"MetricDataQueries": [query], "StartTime": LONG_AGO, "EndTime": LONG_AGO + HOUR}


def _query(name: str, metric: str, cloud_workspace_id: str) -> dict[str, Any]:
    """The average of each hour. Names begin with a small letter."""
    dimensions = [{"Name": DIMENSION, "Value": cloud_workspace_id}]
    of_machine = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions}
    stat = {"Metric": of_machine, "Period": HOUR // timedelta(seconds=1), "Stat": "Average"}
    return {"Id": name, "MetricStat": stat}
