"""Amazon's bill, from Cost Explorer: by machine where the account shows that, else by our mark.

Source: docs/evidence/aws_workspaces.md#cost-explorer.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.domain.costs.bills import Bill, BilledDay, BilledLine

SERVICE = "Amazon WorkSpaces"
METRIC = "UnblendedCost"
BY_MACHINE_DAYS = 13
"""Cost Explorer knows single resources for 14 days; one less, because its day may have begun before ours."""


class AmazonBills:
    reread_days = BY_MACHINE_DAYS

    def __init__(self, client: AwsClient, mark: str) -> None:
        """`mark`: the key of the tag that carries our claim."""
        self._client, self._mark = client, mark

    def read_bill(self, *, first_day: date, last_day: date, today: date, by_machine: bool) -> Bill:
        if by_machine:
            first_day = max(first_day, today - timedelta(days=BY_MACHINE_DAYS - 1))
        asked = {
            "TimePeriod": {
                "Start": first_day.isoformat(),
                "End": (last_day + timedelta(days=1)).isoformat(),  # exclusive
            },
            "Granularity": "DAILY",
            "Metrics": [METRIC],
            "Filter": {"Dimensions": {"Key": "SERVICE", "Values": [SERVICE]}},
            "GroupBy": [
                {"Type": "DIMENSION", "Key": "RESOURCE_ID"}
                if by_machine
                else {"Type": "TAG", "Key": self._mark}
            ],
        }
        operation = "GetCostAndUsageWithResources" if by_machine else "GetCostAndUsage"
        days = tuple(_days(_results(self._client, operation, asked)))
        return Bill(days, first_day=first_day, is_by_machine=by_machine)


def _results(client: AwsClient, operation: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A day with many groups goes on on the next page."""
    while True:
        page = client.read(operation, service="ce", **asked)
        yield from page.get("ResultsByTime", ())
        if not page.get("NextPageToken"):
            return
        asked = asked | {"NextPageToken": page["NextPageToken"]}


def _days(results: Iterable[dict[str, Any]]) -> Iterator[BilledDay]:
    """One for each day and currency, days without cost included."""
    lines: dict[tuple[date, str], list[BilledLine]] = {}
    provisional: set[date] = set()
    for result in results:
        day = date.fromisoformat(result["TimePeriod"]["Start"])
        if result.get("Estimated"):
            provisional.add(day)
        for group in result.get("Groups", ()):
            cost = group["Metrics"][METRIC]
            line = BilledLine(Decimal(cost["Amount"]), _machine(group["Keys"][0]))
            lines.setdefault((day, cost["Unit"]), []).append(line)
    for (day, currency), found in sorted(lines.items()):
        yield BilledDay(day, currency, tuple(found), day in provisional)


def _machine(key: str) -> str | None:
    """A resource's id or ARN, or the value of our mark behind the tag's key; None for what has neither."""
    if key.startswith("arn:"):
        return key.rpartition("/")[2]
    value = key.rpartition("$")[2]
    return None if value in ("", "NoResourceId") else value
