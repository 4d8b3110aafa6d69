"""Azure's bill, from Cost Management: every resource of Berth's resource group, by day.

Source: docs/evidence/azure_avd.md#cost-management.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from azure.mgmt.costmanagement.models import (
    QueryAggregation,
    QueryDataset,
    QueryDefinition,
    QueryGrouping,
    QueryTimePeriod,
)

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import machine_of, machine_of_snapshot
from webapp.domain.costs.bills import Bill, BilledDay, BilledLine

REREAD_DAYS = 5
OPERATION = "costmanagement.query"
PARTS = ("/virtualmachines/", "/disks/", "/networkinterfaces/")
"""Of a desktop, in the resource id."""
SNAPSHOTS = "/snapshots/"
CLIENT_TYPE = {"ClientType": "Berth"}
"""Leaves the quota that all callers without a name share."""


class AzureBills:
    reread_days = REREAD_DAYS

    def __init__(self, client: AzureClient, scope: str) -> None:
        """`scope`: the id of the resource group."""
        self._client, self._scope = client, scope

    def read_bill(self, *, first_day: date, last_day: date, today: date, by_machine: bool) -> Bill:
        """Always by machine: resources have ids in every bill."""
        rows = self._rows(_question(first_day, last_day))
        return Bill(tuple(_days(rows, today)), first_day=first_day, is_by_machine=True)

    def _rows(self, question: QueryDefinition) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        while True:
            page = self._client.read(
                OPERATION, self._client.costs.query.usage, self._scope, question,
                params=dict(more), headers=CLIENT_TYPE,
            )  # fmt: skip
            if page is None:
                return  # no content: nothing was billed yet
            names = [column.name for column in page.columns or ()]
            for row in page.rows or ():
                yield dict(zip(names, row, strict=True))
            token = parse_qs(urlsplit(page.next_link or "").query).get("$skiptoken")
            if not token:
                return
            more = {"$skiptoken": token[0]}


def _question(first_day: date, last_day: date) -> QueryDefinition:
    return QueryDefinition(
        type="ActualCost",
        timeframe="Custom",
        time_period=QueryTimePeriod(
            from_property=datetime.combine(first_day, time(), UTC),
            to=datetime.combine(last_day, time(23, 59, 59), UTC),
        ),
        dataset=QueryDataset(
            granularity="Daily",
            aggregation={"totalCost": QueryAggregation(name="Cost", function="Sum")},
            grouping=[QueryGrouping(type="Dimension", name="ResourceId")],
        ),
    )


def _days(rows: Iterable[Mapping[str, Any]], today: date) -> Iterator[BilledDay]:
    lines: dict[tuple[date, str], list[BilledLine]] = {}
    for row in rows:
        day = datetime.strptime(str(row["UsageDate"]), "%Y%m%d").replace(tzinfo=UTC).date()
        lines.setdefault((day, row["Currency"]), []).append(_line(row))
    for (day, currency), found in sorted(lines.items()):
        yield BilledDay(day, currency, tuple(found), is_provisional=not _is_closed(day, today))


def _is_closed(day: date, today: date) -> bool:
    """Rows change for some days after the end of their month."""
    return (today.year, today.month) > (day.year, day.month) and today.day > REREAD_DAYS


def _line(row: Mapping[str, Any]) -> BilledLine:
    resource = str(row["ResourceId"]).lower()
    name = resource.rpartition("/")[2]
    # The SDK reads amounts as floats; their shortest text is what was sent.
    amount = Decimal(repr(row["Cost"]))
    if SNAPSHOTS in resource and (machine := machine_of_snapshot(name)) is not None:
        return BilledLine(amount, machine)
    if not any(part in resource for part in PARTS):
        return BilledLine(amount, name, is_desktop=False)
    return BilledLine(amount, machine_of(name) or name)
