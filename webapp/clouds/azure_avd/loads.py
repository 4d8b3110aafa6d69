"""How busy session hosts were, from Azure Monitor (docs/evidence/azure_avd.md#load)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from azure.core.rest import HttpRequest

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.rest import Json, Rest, arm_rest
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.loads import MOST_PERCENT, Load, load_of

OPERATION = "metrics.list"
VERSION = "2023-10-01"
CPU, FREE_MEMORY = "Percentage CPU", "Available Memory Percentage"
UNKNOWN = frozenset({Trouble.ABSENT, Trouble.PERMANENT})
"""Of one machine: it is gone, or has not this metric. It says nothing about the others."""
MOST_A_ROUND = 50


class AzureLoads:
    most = 1
    most_a_round = MOST_A_ROUND

    def __init__(self, client: AzureClient, scope: str) -> None:
        """`scope`: the id of the resource group."""
        self._client, self._scope = client, scope

    def read_loads(
        self, cloud_workspace_ids: Sequence[str], *, since: datetime, until: datetime
    ) -> dict[str, Load]:
        found = {one: self._read(one, since, until) for one in cloud_workspace_ids}
        return {one: load for one, load in found.items() if load is not None}

    def _read(self, name: str, since: datetime, until: datetime) -> Load | None:
        try:
            answer = self._client.read(OPERATION, self._get, name, f"{_moment(since)}/{_moment(until)}")
        except CloudError as error:
            if error.failure.trouble in UNKNOWN:
                return None
            raise
        hours = {metric["name"]["value"].lower(): _hours(metric) for metric in answer["value"]}
        free = hours.get(FREE_MEMORY.lower(), {})
        return load_of(hours.get(CPU.lower(), {}), {at: MOST_PERCENT - one for at, one in free.items()})

    def _get(self, name: str, span: str, **named: Any) -> Json:
        machine = f"{self._scope}/providers/Microsoft.Compute/virtualMachines/{quote(name, safe='')}"
        params = {
            "api-version": VERSION,
            "timespan": span,
            "interval": "PT1H",
            "metricnames": f"{CPU},{FREE_MEMORY}",
            "aggregation": "Average",
        }
        url = f"{self._rest.base}{machine}/providers/Microsoft.Insights/metrics"
        return self._rest.send(HttpRequest("GET", url, params=params), **named)

    @cached_property
    def _rest(self) -> Rest:
        return arm_rest(self._client)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hours(metric: dict[str, Any]) -> dict[datetime, float]:
    """An hour without an average was not measured."""
    return {
        datetime.fromisoformat(one["timeStamp"]): float(one["average"])
        for series in metric.get("timeseries") or ()
        for one in series.get("data") or ()
        if one.get("average") is not None
    }
