"""Long-running operations: the responses that start one, and the URLs that report its status."""

from __future__ import annotations

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import iso
from sandbox.azure.progress import RUNNING, Progress
from sandbox.azure.routes import SUBSCRIPTION, Route

ASKED_EVERY_S = 10.0
"""How long a client should wait between two polls, in simulated seconds."""


def accepted(
    call: Call, operation_id: str, *, namespace: str, status: int = 202, body: Json | None = None
) -> Answer:
    """The response to an operation that has started; its headers contain the status URLs."""
    return Answer(status, body, _headers(call, operation_id, namespace))


def _headers(call: Call, operation_id: str, namespace: str) -> dict[str, str]:
    where = f"{call.base}/subscriptions/{call.subscription_id}/providers/{namespace}/locations/global"
    version = call.query["api-version"]
    return {
        "Azure-AsyncOperation": f"{where}/operations/{operation_id}?api-version={version}",
        "Location": f"{where}/operationresults/{operation_id}?api-version={version}",
        "Retry-After": retry_after(call),
    }


def retry_after(call: Call) -> str:
    """In real seconds, so that nobody waits ten minutes for what takes the sandbox ten seconds."""
    speed = call.world.clock.speed
    return str(int(ASKED_EVERY_S / speed)) if speed > 0 else "0"


def get_status(call: Call) -> Answer:
    """The target of `Azure-AsyncOperation`."""
    progress = _find(call)
    body: Json = {
        "name": progress.operation_id,
        "startTime": iso(progress.started_at),
        "status": progress.status,
    }
    if progress.ended_at is not None:
        body["endTime"] = iso(progress.ended_at)
    if progress.error is not None:
        body["error"] = progress.error
    headers = {"Retry-After": retry_after(call)} if progress.status == RUNNING else {}
    return Answer(body=body, headers=headers)


def get_result(call: Call) -> Answer:
    """The target of `Location`: 202 until the operation has ended."""
    progress = _find(call)
    if progress.status == RUNNING:
        here = f"{call.base}{call.path}?api-version={call.query['api-version']}"
        return Answer(202, None, {"Location": here, "Retry-After": retry_after(call)})
    if progress.error is not None:
        raise ArmError(progress.error["code"], progress.error["message"], status=409)
    return Answer(200, None)


def _find(call: Call) -> Progress:
    found = call.world.progress.find(call.name)
    if found is None or found.subscription_id != call.subscription_id.lower():
        raise ArmError("NotFound", f"The operation '{call.name}' was not found.", status=404)
    return found


ROUTES = [
    Route(
        "GET", f"{SUBSCRIPTION}/providers/{namespace}/locations/*/{word}/*", f"operations.{method}", "", work
    )
    for namespace in ("microsoft.compute", "microsoft.network", "microsoft.resources")
    for word, method, work in (
        ("operations", "getStatus", get_status),
        ("operationresults", "getResult", get_result),
    )
]
