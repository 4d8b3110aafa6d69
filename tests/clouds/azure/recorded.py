"""Answers as Azure was recorded to give them, for the driver: each request is answered from a table."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.azure.local import URL, make_world
from sandbox.azure.transport import InProcessTransport, answer_to
from sandbox.wire import Reply
from tests.clouds.azure.stage import AzureStage
from tests.contract.play import OpenGate
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.base import Access
from webapp.domain.endpoints import Endpoint
from webapp.vault.box import Secret

Json = dict[str, Any]
FIELDS = AzureStage.fields
GROUP = f"/subscriptions/{FIELDS['subscription_id']}/resourceGroups/{FIELDS['resource_group']}"
POOL = f"{GROUP}/providers/Microsoft.DesktopVirtualization/hostPools/{FIELDS['host_pool']}"
MACHINES = "providers/Microsoft.Compute/virtualMachines"
LISTS = (
    f"{POOL}/sessionHosts",
    f"/subscriptions/{FIELDS['subscription_id']}/{MACHINES}",
    f"{GROUP}/{MACHINES}",
    f"{GROUP}/resources",
    f"{GROUP}/providers/Microsoft.Resources/deployments",
)
_NAMES = {
    "subscription": FIELDS["subscription_id"],
    "group": FIELDS["resource_group"],
    "pool": FIELDS["host_pool"],
}
_PLACES = re.compile("{(subscription|group|pool)}", re.I)


def filled(text: str) -> str:
    """`{group}` is the demo's group; `{GROUP}` is it in capitals."""

    def name(found: re.Match[str]) -> str:
        value = _NAMES[found[1].lower()]
        return value.upper() if found[1].isupper() else value

    return _PLACES.sub(name, text)


class RecordedTransport(InProcessTransport):
    """`answers`: by path, in any case, as JSON or as a whole reply. Lists are empty unless given; what is
    not recorded does not exist."""

    def __init__(self, answers: Mapping[str, Json | Reply], *, at: datetime) -> None:
        super().__init__(make_world(at.timestamp))
        lists: dict[str, Json | Reply] = {path: {"value": []} for path in LISTS}
        self._answers = {path.lower(): body for path, body in {**lists, **answers}.items()}
        self._date = format_datetime(at, usegmt=True)

    def send(self, request: Any, **named: Any) -> Any:
        path = urlsplit(request.url).path.lower().rstrip("/")
        if "/subscriptions/" not in path:
            return super().send(request, **named)  # the sign-in
        found = self._answers.get(path)
        if isinstance(found, Reply):
            return answer_to(request, found)
        status = found.get("status", 200) if found and "error" in found else 200 if found else 404
        body = found or {"error": {"code": "ResourceNotFound", "message": "was not found"}}
        reply = Reply(status, json.dumps(body).encode(), "application/json", {"Date": self._date})
        return answer_to(request, reply)


def driver_of(answers: Mapping[str, Json | Reply], *, at: datetime) -> AzureAvd:
    access = Access(
        public_fields={name: value for name, value in FIELDS.items() if name != "client_secret"},
        secret=Secret(FIELDS["client_secret"]),
        endpoint=Endpoint(URL),
    )
    return AzureAvd(access, OpenGate(), transport=RecordedTransport(answers, at=at))


def machine(name: str, *statuses: Json | None, **properties: Any) -> Json:
    """A virtual machine as Compute shows it: offsets, seven digits, and the group's name in capitals."""
    shown = statuses or (
        {"code": "ProvisioningState/succeeded", "level": "Info", "time": "2018-10-17T12:51:48.6490710+00:00"},
        {"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"},
    )
    place = f"/subscriptions/{FIELDS['subscription_id']}/resourceGroups/{FIELDS['resource_group'].upper()}"
    return {
        "id": f"{place}/{MACHINES}/{name.upper()}",
        "name": name.upper(),
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "properties": {
            "provisioningState": "Succeeded",
            "timeCreated": "2018-10-17T12:50:09.0031588+00:00",
            "instanceView": {"statuses": list(shown)},
            **properties,
        },
    }


def driver_seeing(
    host: Json | None, vm: Json | None, name: str, *, at: datetime, others: Mapping[str, Json] | None = None
) -> AzureAvd:
    """A driver that reads the machine by itself, and finds it in the lists."""
    hosts = [] if host is None else [None, host]
    vms = [] if vm is None else [None, vm]
    answers: dict[str, Json | Reply] = {
        f"{POOL}/sessionHosts": {"value": hosts, "nextLink": None},
        f"/subscriptions/{FIELDS['subscription_id']}/{MACHINES}": {"value": vms},
        POOL: {"id": POOL, "name": FIELDS["host_pool"], "properties": {"hostPoolType": "Personal"}},
    }
    if vm is not None:
        answers[f"{GROUP}/{MACHINES}/{name}"] = vm
    if host is not None:
        answers[f"{POOL}/sessionHosts/{host['id'].rpartition('/')[2]}"] = host
    return driver_of({**answers, **(others or {})}, at=at)
