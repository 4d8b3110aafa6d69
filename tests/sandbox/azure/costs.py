"""Questions about money: a query through the SDK, all its pages, its rows by the names of the columns."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.exceptions import HttpResponseError

from sandbox import demo_azure as demo
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, Clients

SCOPE = f"subscriptions/{demo.DEMO_SUBSCRIPTION_ID}"
VAULT = f"/{SCOPE}/resourceGroups/rg-theirs/providers/Microsoft.KeyVault/vaults/Theirs"
"""Somebody else's resource."""
HOUR_S, DAY_S = 3600, 86400
Row = dict[str, Any]


def moment(text: str) -> float:
    """Seconds since 1970 of a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def definition(first: str = "", last: str = "", *, granularity: str | None = "Daily", **dataset: Any) -> Any:
    """`group` names dimensions, `tags` tag keys, `numbers` what is summed; the rest is the dataset's."""
    grouping = [{"type": "Dimension", "name": name} for name in dataset.pop("group", ())]
    grouping += [{"type": "TagKey", "name": name} for name in dataset.pop("tags", ())]
    numbers = dataset.pop("numbers", ("Cost",))
    aggregation = {f"total{name}": {"name": name, "function": "Sum"} for name in numbers}
    body = {"granularity": granularity, "aggregation": aggregation, "grouping": grouping, **dataset}
    asked: Any = {"type": "ActualCost", "timeframe": "Custom", "dataset": body}
    if first:
        asked["timePeriod"] = {"from": f"{first}T00:00:00Z", "to": f"{last or first}T23:59:59Z"}
    return asked


def pages_of(sdk: Clients, asked: Any, *, scope: str = SCOPE) -> list[Any]:
    """The results, followed to the end."""
    pages, more = [], {}
    while True:
        pages.append(sdk.costs.query.usage(scope, asked, params=dict(more)))
        link = pages[-1].next_link
        if not link:
            return pages
        more = {"$skiptoken": parse_qs(urlsplit(link).query)["$skiptoken"][0]}


def rows_of(pages: list[Any]) -> list[Row]:
    """Numbers as the Decimals that their text is."""
    rows = []
    for page in pages:
        names = [column.name for column in page.columns]
        rows += [
            {
                name: Decimal(repr(value)) if isinstance(value, float) else value
                for name, value in zip(names, row, strict=True)
            }
            for row in page.rows
        ]
    return rows


def ask(sdk: Clients, first: str, last: str = "", *, scope: str = SCOPE, **more: Any) -> list[Row]:
    return rows_of(pages_of(sdk, definition(first, last, **more), scope=scope))


def days(sdk: Clients, first: str, last: str = "", **more: Any) -> dict[int, Decimal]:
    """The cost of each day."""
    return {row["UsageDate"]: row["Cost"] for row in ask(sdk, first, last, **more)}


def truth(control: AzureSandbox, service: str = "", **wanted: str) -> dict[str, Decimal]:
    """The sandbox's own figures, by day."""
    found: dict[str, Decimal] = {}
    for line in control.bill(**wanted):
        if service in ("", line["service"]):
            found[line["day"]] = found.get(line["day"], Decimal(0)) + Decimal(line["amount"])
    return found


def id_of(name: str) -> str:
    """Of a machine, as the bill shows it."""
    return f"/{SCOPE}/resourcegroups/{GROUP}/providers/microsoft.compute/virtualmachines/{name}"


def refusal(sdk: Clients, asked: Any = None, *, scope: str = SCOPE) -> HttpResponseError:
    """Why the query failed."""
    with pytest.raises(HttpResponseError) as caught:
        sdk.costs.query.usage(scope, asked or definition("2026-03-10"))
    return caught.value
