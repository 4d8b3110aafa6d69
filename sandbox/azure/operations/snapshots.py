"""Snapshots of managed disks."""

from __future__ import annotations

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import SNAPSHOT, guid, iso
from sandbox.azure.lifecycles import disks
from sandbox.azure.operations.polling import accepted
from sandbox.azure.operations.storage import delete_unused
from sandbox.azure.paging import list_page
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route

NAMESPACE = "Microsoft.Compute"


def get(call: Call) -> Answer:
    return Answer(body=show(call.get("snapshot")))


def list_group(call: Call) -> Answer:
    rows = call.world.parts.list_shown(
        ("snapshot",), now=call.now, subscription_id=call.subscription_id, resource_group=call.resource_group
    )
    return list_page(call, rows, show, size=call.world.settings()["resource_page"])


def create(call: Call) -> Answer:
    """A copy of a disk as it is at this moment. The same again changes its tags only."""
    properties = call.body.get("properties") or {}
    creation = properties.get("creationData") or {}
    if creation.get("createOption") != "Copy" or not creation.get("sourceResourceId"):
        raise ArmError("InvalidParameter", "The sandbox knows snapshots with createOption Copy only.")
    tags = dict(call.body.get("tags") or {})
    snapshot_id = call.id_of("snapshot", *call.names)
    found = call.world.parts.find(snapshot_id)
    if found is not None:
        return _again(call, found, str(creation["sourceResourceId"]), tags)
    disk = call.world.parts.find(str(creation["sourceResourceId"]))
    if disk is None:
        text = f"Resource {creation['sourceResourceId']} is not found."
        raise ArmError("NotFound", text, status=404)
    if disk.data.get("provisioning") == "Deleting":
        raise ArmError("Conflict", f"Disk {disk.name} is being deleted.", status=409)
    rule = call.faults.find("operation_error")
    failure = None if rule is None else (rule.code, rule.message or "Scripted error.")
    snapshot = disks.new_snapshot(call.world, snapshot_id, disk, at=call.now, tags=tags, failure=failure)
    call.touch(snapshot)
    call.touched.accepted += 1
    return accepted(call, snapshot.data["operation"], namespace=NAMESPACE, body=show(snapshot))


def _again(call: Call, found: Part, source_id: str, tags: dict[str, str]) -> Answer:
    call.touch(found)
    if found.data["provisioning"] == "Deleting":
        raise ArmError("Conflict", f"Snapshot {found.name} is being deleted.", status=409)
    if found.data["source"].lower() != source_id.lower():
        text = "Changing property 'creationData' is not allowed."
        raise ArmError("PropertyChangeNotAllowed", text, status=409)
    call.world.parts.set_tags(found, tags, at=call.now)
    operation_id = call.world.progress.begin(found.key, call.now)
    call.world.progress.end(operation_id, call.now)
    call.touched.accepted += 1
    fresh = call.world.parts.get(found.key)
    return accepted(call, operation_id, namespace=NAMESPACE, body=show(fresh))


def delete(call: Call) -> Answer:
    return delete_unused(call, "snapshot", namespace=NAMESPACE)


def show(snapshot: Part) -> Json:
    data = snapshot.data
    shown: Json = {
        "id": snapshot.arm_id,
        "name": snapshot.name,
        "type": SNAPSHOT,
        "location": snapshot.location,
        "sku": {"name": data["sku"], "tier": data["sku"].partition("_")[0]},
        "properties": {
            "osType": "Windows",
            "hyperVGeneration": "V2",
            "creationData": {
                "createOption": "Copy",
                "sourceResourceId": data["source"],
                "sourceUniqueId": guid("disk", data["source"].lower(), data["source_born_at"]),
            },
            "diskSizeGB": data["gib"],
            "diskSizeBytes": data["gib"] * 2**30,
            "timeCreated": iso(snapshot.born_at),
            "provisioningState": data["provisioning"],
            "diskState": "Unattached",
            "incremental": True,
            "uniqueId": guid("snapshot", snapshot.key, snapshot.born_at),
        },
    }
    if snapshot.tags:
        shown["tags"] = snapshot.tags
    return shown


_SNAPSHOTS = f"{GROUP}/providers/microsoft.compute/snapshots"
ROUTES = [
    Route("GET", f"{_SNAPSHOTS}/*", "snapshots.get", f"{SNAPSHOT}/read", get),
    Route("GET", _SNAPSHOTS, "snapshots.listByResourceGroup", f"{SNAPSHOT}/read", list_group),
    Route("PUT", f"{_SNAPSHOTS}/*", "snapshots.createOrUpdate", f"{SNAPSHOT}/write", create),
    Route("DELETE", f"{_SNAPSHOTS}/*", "snapshots.delete", f"{SNAPSHOT}/delete", delete),
]
