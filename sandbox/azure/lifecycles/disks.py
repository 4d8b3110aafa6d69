"""What is on disks, snapshots of them, and disks made of snapshots.

`version` in a disk's data stands for its content: whoever works on the desktop raises it (control). A
snapshot has that of the moment at which it was asked for, and a disk made of it begins with the same.
"""

from __future__ import annotations

from typing import Any

from sandbox.azure import timing
from sandbox.azure.errors import Json
from sandbox.azure.parts import Part
from sandbox.azure.timeline import Event
from sandbox.azure.world import World


def version_of(disk: Part) -> int:
    return int(disk.data.get("version", 0))


def new_snapshot(
    world: World, snapshot_id: str, disk: Part, *, at: float, tags: dict[str, str], failure: Any = None
) -> Part:
    """Begin one; it is there, or has failed, a little later."""
    is_first = not any(one.data["source"] == disk.arm_id for one in world.parts.list_living("snapshot"))
    snapshot = world.parts.add(
        "snapshot",
        snapshot_id,
        at=at,
        resource_group=snapshot_id.split("/")[4],
        location=disk.location,
        tags=tags,
        made_by="call",
        data={
            "source": disk.arm_id,
            "source_born_at": disk.born_at,
            "version": version_of(disk),
            "sku": "Standard_LRS",
            "gib": disk.data["gib"],
            "used_gib": timing.USED_GIB if is_first else timing.CHANGED_GIB,
            "provisioning": "Updating",
        },
    )
    operation_id = world.progress.begin(snapshot.key, at)
    world.timeline.plan(
        at + timing.SNAPSHOT_S, "snapshot.settle", snapshot.key, operation=operation_id, failure=failure
    )
    return world.parts.change(snapshot, operation=operation_id)


def new_disk(
    world: World, disk_id: str, snapshot: Part, spec: Json, *, at: float, failure: Any = None
) -> Part:
    """Begin one with the content of a snapshot, attached to nothing."""
    sku = (spec.get("sku") or {}).get("name") or "Standard_LRS"
    disk = world.parts.add(
        "disk",
        disk_id,
        at=at,
        resource_group=disk_id.split("/")[4],
        location=snapshot.location,
        tags=dict(spec.get("tags") or {}),
        made_by="call",
        data={
            "managed_by": None,
            "sku": sku,
            "gib": snapshot.data["gib"],
            "version": version_of(snapshot),
            "source": snapshot.arm_id,
            "supports_hibernation": (spec.get("properties") or {}).get("supportsHibernation") is True,
            "provisioning": "Updating",
        },
    )
    operation_id = world.progress.begin(disk.key, at)
    world.timeline.plan(
        at + timing.DISK_COPY_S, "snapshot.settle", disk.key, operation=operation_id, failure=failure
    )
    return world.parts.change(disk, operation=operation_id)


def swap(world: World, vm: Part, disk: Part, *, delete_option: str, at: float) -> Part:
    """The machine has another system disk from now on; the one from before belongs to nothing."""
    before = world.parts.find(vm.data["disk"]["id"])
    if before is not None and before.key != disk.key:
        world.parts.change(before, managed_by=None)
    world.parts.change(disk, managed_by=vm.arm_id)
    shown = {"id": disk.arm_id, "name": disk.name, "delete_option": delete_option, "sku": disk.data["sku"]}
    return world.parts.change(vm, disk=shown, power_at=at)


def attached_to(vm: Part) -> list[Json]:
    """The machine's data disks: id, name, lun, delete_option, sku, gib."""
    return list(vm.data.get("data_disks", []))


def attach(world: World, vm: Part, entries: list[Json]) -> Part:
    """The machine has exactly these data disks from now on."""
    for one in attached_to(vm):
        disk = world.parts.find(one["id"])
        if disk is not None and disk.data["managed_by"] == vm.arm_id:
            world.parts.change(disk, managed_by=None)
    for one in entries:
        world.parts.change(world.parts.get(one["id"]), managed_by=vm.arm_id)
    return world.parts.change(vm, data_disks=entries)


def settle_copy(world: World, event: Event) -> None:
    """A snapshot, or a disk made of one, is there."""
    made, failure = world.parts.find(event.key), event.data["failure"]
    error = {"code": failure[0], "message": failure[1]} if failure else None
    if made is not None and made.data["provisioning"] == "Updating":
        world.parts.change(made, provisioning="Failed" if failure else "Succeeded")
    world.progress.end(
        event.data["operation"], event.at, status="Failed" if failure else "Succeeded", error=error
    )
