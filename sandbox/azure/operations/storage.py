"""Managed disks."""

from __future__ import annotations

from sandbox.azure import timing
from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import DISK, guid, iso
from sandbox.azure.lifecycles.machines import preempt
from sandbox.azure.operations.polling import accepted
from sandbox.azure.paging import list_page
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route


def get(call: Call) -> Answer:
    return Answer(body=show_disk(call, call.get("disk")))


def list_group(call: Call) -> Answer:
    rows = call.world.parts.list_shown(
        ("disk",), now=call.now, subscription_id=call.subscription_id, resource_group=call.resource_group
    )
    return list_page(
        call, rows, lambda disk: show_disk(call, disk), size=call.world.settings()["resource_page"]
    )


def update(call: Call) -> Answer:
    """Replace the tags a few seconds later; the sandbox supports no other change to a disk."""
    disk = call.get("disk")
    if disk.data.get("provisioning") == "Deleting":
        raise ArmError("Conflict", f"Disk {disk.name} is being deleted.", status=409)
    operation_id = call.world.progress.begin(disk.key, call.now)
    if "tags" in call.body:
        call.world.timeline.plan(
            call.now + timing.PART_UPDATE_S,
            "part.tags",
            disk.key,
            tags=dict(call.body["tags"] or {}),
            operation=operation_id,
        )
    call.touched.accepted += 1
    body = show_disk(call, disk)
    return accepted(call, operation_id, namespace="Microsoft.Compute", body=body)


def delete(call: Call) -> Answer:
    """Refused while a machine uses it. If it does not exist, it counts as deleted (204)."""
    disk = call.world.parts.find(call.id_of("disk", *call.names))
    if disk is None:
        return Answer(204)
    call.touch(disk)
    owner = disk.data["managed_by"]
    if owner and call.world.parts.find(owner):
        raise ArmError("OperationNotAllowed", f"Disk {disk.name} is attached to VM {owner}.", status=409)
    return begin_end(call, disk, namespace="Microsoft.Compute")


def begin_end(call: Call, part: Part, *, namespace: str) -> Answer:
    """A card or disk disappears a few seconds after the request."""
    preempt(call.world, part, call.now)
    operation_id = call.world.progress.begin(part.key, call.now)
    call.world.parts.change(part, provisioning="Deleting")
    call.world.timeline.plan(call.now + timing.PART_DELETE_S, "part.gone", part.key, operation=operation_id)
    call.touched.accepted += 1
    return accepted(call, operation_id, namespace=namespace)


def show_disk(call: Call, disk: Part) -> Json:
    data = disk.data
    shown: Json = {
        "id": disk.arm_id,
        "name": disk.name,
        "type": DISK,
        "location": disk.location,
        "sku": {"name": data["sku"], "tier": data["sku"].partition("_")[0]},
        "properties": {
            "osType": "Windows",
            "hyperVGeneration": "V2",
            "creationData": {"createOption": "FromImage"},
            "diskSizeGB": data["gib"],
            "diskSizeBytes": data["gib"] * 2**30,
            "timeCreated": iso(disk.born_at),
            "provisioningState": data.get("provisioning", "Succeeded"),
            "diskState": "Attached" if data["managed_by"] else "Unattached",
            "uniqueId": guid("disk", disk.key, disk.born_at),
        },
    }
    if data["managed_by"]:
        shown["managedBy"] = data["managed_by"]
    if disk.tags:
        shown["tags"] = disk.tags
    return shown


_DISKS = f"{GROUP}/providers/microsoft.compute/disks"
ROUTES = [
    Route("GET", f"{_DISKS}/*", "disks.get", f"{DISK}/read", get),
    Route("GET", _DISKS, "disks.listByResourceGroup", f"{DISK}/read", list_group),
    Route("PATCH", f"{_DISKS}/*", "disks.update", f"{DISK}/write", update),
    Route("DELETE", f"{_DISKS}/*", "disks.delete", f"{DISK}/delete", delete),
]
