"""What is on disks, for tests: somebody works on a desktop; which snapshot has which content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox import demo_azure as demo
from sandbox.azure import timing
from sandbox.azure.admin_machines import get_machine
from sandbox.azure.ids import DISK, SNAPSHOT, arm_id, group_id
from sandbox.azure.lifecycles import disks
from sandbox.azure.lifecycles.disks import version_of
from sandbox.azure.world import World
from sandbox.errors import ControlError

Body = dict[str, Any]


def work_on(world: World, body: Body) -> Body:
    """Somebody has changed files on this machine: its system disk has other content from now on."""
    disk = world.parts.find(get_machine(world, body).data["disk"]["id"])
    if disk is None:
        raise ControlError(f"{body['name']} has no disk")
    return {"version": version_of(world.parts.change(disk, version=version_of(disk) + 1))}


def fill(world: World, body: Body) -> Body:
    """Somebody has filled this machine's system disk, or made room on it."""
    disk = world.parts.find(get_machine(world, body).data["disk"]["id"])
    if disk is None:
        raise ControlError(f"{body['name']} has no disk")
    world.parts.change(disk, full=bool(body["full"]))
    return {}


def list_contents(world: World, _body: Body) -> Body:
    """The living disks and snapshots, each with the version of its content.

    `returned`: the versions whose files a run command has copied onto this disk.
    """
    return {
        kind: [
            {
                "name": one.name,
                "version": int(one.data.get("version", 0)),
                "claim": one.claim,
                "state": one.data.get("provisioning", "Succeeded"),
                "born_at": one.born_at,
                "machine": (one.data.get("managed_by") or "").rpartition("/")[2],
                **({"returned": list(one.data.get("returned", []))} if part == "disk" else {}),
            }
            for one in world.parts.list_living(part)
        ]
        for kind, part in (("disks", "disk"), ("snapshots", "snapshot"))
    }


def make_snapshot(world: World, body: Body) -> Body:
    """Somebody takes one of this machine's system disk by hand."""
    disk = world.parts.get(get_machine(world, {**body, "name": body["of"]}).data["disk"]["id"])
    segments, now = disk.arm_id.split("/"), world.clock.now()
    made_id = arm_id(segments[2], segments[4], SNAPSHOT, body["name"])
    disks.new_snapshot(world, made_id, disk, at=now, tags=dict(body.get("tags") or {}))
    return {"id": made_id}


def drop_snapshot(world: World, body: Body) -> Body:
    """Somebody deletes one by hand."""
    for one in world.parts.list_living("snapshot"):
        if one.name == body["name"]:
            world.parts.end(one, world.clock.now())
            return {"gone": one.arm_id}
    raise ControlError(f"no such snapshot: {body['name']}")


def make_disk(world: World, body: Body) -> Body:
    """Somebody makes an empty one by hand."""
    group = demo.DEMO_RESOURCE_GROUP
    made_id = arm_id(demo.DEMO_SUBSCRIPTION_ID, group, DISK, body["name"])
    about = {"resource_group": group, "location": demo.DEMO_LOCATION, "made_by": "console"}
    data = {"managed_by": None, "sku": "Standard_LRS", "gib": timing.OS_DISK_GIB}
    world.parts.add("disk", made_id, at=world.clock.now(), data=data, **about)
    return {"id": made_id}


def protect(world: World, body: Body) -> Body:
    """Azure Backup keeps a machine in a vault, or not any more."""
    world.parts.change(get_machine(world, body), vault=body["vault"])
    return {}


def lock(world: World, body: Body) -> Body:
    """Somebody sets a lock on a machine, or on the group; without a level it is removed."""
    if body.get("name"):
        part = get_machine(world, body)
    else:
        part = world.parts.get(group_id(demo.DEMO_SUBSCRIPTION_ID, demo.DEMO_RESOURCE_GROUP))
    world.parts.change(part, lock=body["level"])
    return {}


ROUTES: dict[tuple[str, str], Callable[[World, Body], Any]] = {
    ("POST", "work"): work_on,
    ("POST", "fill"): fill,
    ("POST", "snapshots"): make_snapshot,
    ("POST", "disks"): make_disk,
    ("POST", "vault"): protect,
    ("POST", "lock"): lock,
    ("DELETE", "snapshots"): drop_snapshot,
    ("GET", "contents"): list_contents,
}
