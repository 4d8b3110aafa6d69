"""What is on disks, and snapshots of them.

`version` in a disk's data stands for its content: whoever works on the desktop raises it (control). A
snapshot has that of the moment at which it was asked for.
"""

from __future__ import annotations

from typing import Any

from sandbox.azure import timing
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


def settle_snapshot(world: World, event: Event) -> None:
    snapshot, failure = world.parts.find(event.key), event.data["failure"]
    error = {"code": failure[0], "message": failure[1]} if failure else None
    if snapshot is not None and snapshot.data["provisioning"] == "Updating":
        world.parts.change(snapshot, provisioning="Failed" if failure else "Succeeded")
    world.progress.end(
        event.data["operation"], event.at, status="Failed" if failure else "Succeeded", error=error
    )
