"""Managed disks."""

from __future__ import annotations

from sandbox.azure import timing
from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import DISK, guid, iso
from sandbox.azure.lifecycles import disks
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


def create(call: Call) -> Answer:
    """A disk with the content of a snapshot. The same again changes its tags only."""
    properties = call.body.get("properties") or {}
    creation = properties.get("creationData") or {}
    if creation.get("createOption") != "Copy" or not creation.get("sourceResourceId"):
        raise ArmError("InvalidParameter", "The sandbox makes disks with createOption Copy only.")
    snapshot = call.world.parts.find(str(creation["sourceResourceId"]))
    if snapshot is None or snapshot.kind != "snapshot":
        text = f"Resource {creation['sourceResourceId']} is not found."
        raise ArmError("NotFound", text, status=404)
    disk_id = call.id_of("disk", *call.names)
    found = call.world.parts.find(disk_id)
    if found is not None:
        return _again(call, found, snapshot)
    if snapshot.data["provisioning"] != "Succeeded":
        raise ArmError("Conflict", f"Snapshot {snapshot.name} is not in state Succeeded.", status=409)
    rule = call.faults.find("operation_error")
    failure = None if rule is None else (rule.code, rule.message or "Scripted error.")
    disk = disks.new_disk(call.world, disk_id, snapshot, call.body, at=call.now, failure=failure)
    call.touch(disk)
    call.touched.accepted += 1
    return accepted(call, disk.data["operation"], namespace="Microsoft.Compute", body=show_disk(call, disk))


def _again(call: Call, found: Part, snapshot: Part) -> Answer:
    call.touch(found)
    if found.data.get("provisioning") == "Deleting":
        raise ArmError("Conflict", f"Disk {found.name} is being deleted.", status=409)
    if found.data.get("source") != snapshot.arm_id:
        text = "Changing property 'creationData' is not allowed."
        raise ArmError("PropertyChangeNotAllowed", text, status=409)
    call.world.parts.set_tags(found, dict(call.body.get("tags") or {}), at=call.now)
    operation_id = call.world.progress.begin(found.key, call.now)
    call.world.progress.end(operation_id, call.now)
    call.touched.accepted += 1
    fresh = call.world.parts.get(found.key)
    return accepted(call, operation_id, namespace="Microsoft.Compute", body=show_disk(call, fresh))


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


def delete_unused(call: Call, kind: str, *, namespace: str) -> Answer:
    """Of a part that nothing can be using. If it does not exist, it counts as deleted (204)."""
    part = call.world.parts.find(call.id_of(kind, *call.names))
    if part is None:
        return Answer(204)
    call.touch(part)
    return begin_end(call, part, namespace=namespace)


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
    creation = {"createOption": "FromImage"}
    if data.get("source"):
        creation = {"createOption": "Copy", "sourceResourceId": data["source"]}
    shown: Json = {
        "id": disk.arm_id,
        "name": disk.name,
        "type": DISK,
        "location": disk.location,
        "sku": {"name": data["sku"], "tier": data["sku"].partition("_")[0]},
        "properties": {
            "osType": "Windows",
            "hyperVGeneration": "V2",
            "creationData": creation,
            "diskSizeGB": data["gib"],
            "diskSizeBytes": data["gib"] * 2**30,
            "timeCreated": iso(disk.born_at),
            "provisioningState": data.get("provisioning", "Succeeded"),
            "diskState": "Attached" if data["managed_by"] else "Unattached",
            "uniqueId": guid("disk", disk.key, disk.born_at),
        },
    }
    if data.get("supports_hibernation"):
        shown["properties"]["supportsHibernation"] = True
    if data["managed_by"]:
        shown["managedBy"] = data["managed_by"]
    if disk.tags:
        shown["tags"] = disk.tags
    return shown


_DISKS = f"{GROUP}/providers/microsoft.compute/disks"
ROUTES = [
    Route("GET", f"{_DISKS}/*", "disks.get", f"{DISK}/read", get),
    Route("GET", _DISKS, "disks.listByResourceGroup", f"{DISK}/read", list_group),
    Route("PUT", f"{_DISKS}/*", "disks.createOrUpdate", f"{DISK}/write", create),
    Route("PATCH", f"{_DISKS}/*", "disks.update", f"{DISK}/write", update),
    Route("DELETE", f"{_DISKS}/*", "disks.delete", f"{DISK}/delete", delete),
]
