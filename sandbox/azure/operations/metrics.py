"""Azure Monitor: the metrics of a virtual machine, as averages of an hour."""

from __future__ import annotations

from datetime import datetime

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import VM, iso
from sandbox.azure.loads import CPU, FREE_MEMORY, HOUR_S, points
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route

KNOWN = {one.lower(): one for one in (CPU, FREE_MEMORY)}


def list_metrics(call: Call) -> Answer:
    vm = call.get("vm")
    since, until = _span(call)
    if (call.query.get("interval"), call.query.get("aggregation", "").lower()) != ("PT1H", "average"):
        raise ArmError("BadRequest", "The sandbox measures averages of an hour.")
    names = [one.strip() for one in call.query.get("metricnames", "").split(",")]
    if unknown := [one for one in names if one.lower() not in KNOWN]:
        raise ArmError("BadRequest", f"Failed to find metric configuration for provider: {unknown[0]}")
    call.touched.accepted = len(names)
    return Answer(
        body={
            "cost": 0,
            "timespan": call.query["timespan"],
            "interval": "PT1H",
            "namespace": VM,
            "resourceregion": vm.location,
            "value": [_show(call, vm, KNOWN[one.lower()], since, until) for one in names],
        }
    )


def _span(call: Call) -> tuple[float, float]:
    begins, _, ends = call.query.get("timespan", "").partition("/")
    try:
        since, until = (datetime.fromisoformat(one).timestamp() for one in (begins, ends))
    except ValueError:
        raise ArmError("BadRequest", "The timespan is not valid.") from None
    if since >= until:
        raise ArmError("BadRequest", "The start time cannot be later than the end time.")
    return since, until


def _show(call: Call, vm: Part, name: str, since: float, until: float) -> Json:
    """Every hour of the span; one that was not measured has no average."""
    found = points(call.world, vm.key, name, since=since, until=until)
    hours = range(int(since) // HOUR_S * HOUR_S, int(until), HOUR_S)
    data = [{"timeStamp": iso(one)} | ({"average": found[one]} if one in found else {}) for one in hours]
    return {
        "id": f"{vm.arm_id}/providers/Microsoft.Insights/metrics/{name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": name},
        "unit": "Percent",
        "timeseries": [{"metadatavalues": [], "data": data}],
        "errorCode": "Success",
    }


ROUTES = [
    Route(
        "GET",
        f"{GROUP}/providers/microsoft.compute/virtualmachines/*/providers/microsoft.insights/metrics",
        "metrics.list",
        "Microsoft.Insights/metrics/read",
        list_metrics,
    ),
]
