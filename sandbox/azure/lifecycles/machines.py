"""Virtual machines with their network cards and disks: power, provisioning, deletion.

The data of a machine: size, image, computer_name …; `power` (None: unknown), `power_at`, `provisioning`,
`failure` [code, message], `nics` [{id, delete_option}], `disk` {id, name, delete_option, sku}, `data_disks`
(see `disks.py`), `operation` (the id of the operation in progress).
"""

from __future__ import annotations

from typing import Any

from sandbox.azure import timing
from sandbox.azure.errors import Json
from sandbox.azure.ids import DISK, arm_id, guid, last_segment
from sandbox.azure.lifecycles import disks, hosts
from sandbox.azure.parts import Part
from sandbox.azure.timeline import Event
from sandbox.azure.world import World


def is_busy(vm: Part) -> bool:
    return vm.data["provisioning"] in ("Creating", "Deleting")


def move(
    world: World,
    vm: Part,
    *,
    at: float,
    after_s: float,
    passing: str,
    then: str,
    provisioning: str = "Updating",
    failure: tuple[str, str] | None = None,
    is_announced: bool = True,
    hibernates: bool = False,
) -> str:
    """Enter a transitional power state that leads to another, and return the id of the operation.

    With a `failure` it ends in the old power state with that error. It preempts an operation in progress.
    `hibernates`: what is open there is kept, and so are the sessions.
    `is_reported`: the guest shuts down cleanly and can report that to its pool.
    """
    preempt(world, vm, at)
    operation_id = world.progress.begin(vm.key, at)
    settled = vm.data["power"] if failure else then
    vm = world.parts.change(
        vm, power=passing, power_at=at, provisioning=provisioning, failure=None, operation=operation_id
    )
    world.timeline.plan(
        at + after_s,
        "vm.settle",
        vm.key,
        power=settled,
        failure=failure,
        operation=operation_id,
        hibernated=hibernates and not failure,
    )
    if passing in ("stopping", "deallocating"):
        hosts.machine_stopped(world, vm, at, is_announced=is_announced, keeps_sessions=hibernates)
    return operation_id


def settle_machine(world: World, event: Event) -> None:
    """Enter the state that the operation leads to."""
    vm = world.parts.find(event.key)
    if vm is None:
        return
    failure = event.data["failure"]
    vm = world.parts.change(
        vm,
        power=event.data["power"],
        power_at=event.at,
        provisioning="Failed" if failure else "Succeeded",
        failure=failure,
        operation=None,
        hibernated=event.data.get("hibernated", False),
    )
    error = {"code": failure[0], "message": failure[1]} if failure else None
    world.progress.end(
        event.data["operation"], event.at, status="Failed" if failure else "Succeeded", error=error
    )
    if event.data["power"] == "running":
        hosts.machine_started(world, vm, event.at)


def preempt(world: World, part: Part, at: float) -> None:
    """Let a newer operation replace the one in progress on a machine, card or disk."""
    for planned in world.timeline.drop(part.key, "vm.settle", "vm.gone", "part.gone"):
        error = {"code": "OperationPreempted", "message": "Another operation has taken its place."}
        world.progress.end(planned.data["operation"], at, status="Canceled", error=error)


def restart(world: World, vm: Part, at: float, *, failure: tuple[str, str] | None = None) -> str:
    """The power state stays `running`, as in the cloud; the guest is unavailable for a while."""
    operation_id = move(
        world, vm, at=at, after_s=timing.RESTART_S, passing="running", then="running", failure=failure
    )
    hosts.machine_stopped(world, world.parts.get(vm.key), at, is_announced=False)
    return operation_id


def touch(world: World, vm: Part, at: float, *, failure: tuple[str, str] | None = None) -> str:
    """Change a machine without a restart: its power state stays what it is."""
    power = vm.data["power"]
    return move(world, vm, at=at, after_s=timing.PART_UPDATE_S, passing=power, then=power, failure=failure)


def delete(
    world: World,
    vm: Part,
    at: float,
    *,
    forced: bool = False,
    leftovers: bool = False,
    failure: tuple[str, str] | None = None,
) -> str:
    """Start to delete it, and return the id of the operation."""
    for planned in world.timeline.drop(vm.key, "vm.gone"):
        world.progress.end(planned.data["operation"], at)
    preempt(world, vm, at)
    operation_id = world.progress.begin(vm.key, at)
    world.parts.change(vm, provisioning="Deleting", operation=operation_id)
    after_s = timing.FORCED_DELETE_S if forced else timing.DELETE_S
    world.timeline.plan(
        at + after_s, "vm.gone", vm.key, operation=operation_id, leftovers=leftovers, failure=failure
    )
    return operation_id


def end_machine(world: World, event: Event) -> None:
    """Delete the machine, and with it card and disk if their delete option says so."""
    vm = world.parts.find(event.key)
    if vm is None:
        return
    failure = event.data.get("failure")
    if failure:
        world.parts.change(vm, provisioning="Failed", failure=failure, operation=None)
        error = {"code": failure[0], "message": failure[1]}
        world.progress.end(event.data["operation"], event.at, status="Failed", error=error)
        return
    remove(world, vm, event.at, with_parts=not event.data.get("leftovers"))
    world.progress.end(event.data.get("operation"), event.at)


def remove(world: World, vm: Part, at: float, *, with_parts: bool = True) -> None:
    """Delete the machine now. The host's record stays: Virtual Desktop does not notice."""
    hosts.machine_stopped(world, vm, at, is_announced=False)
    for kind in ("extension", "command"):
        for part in world.parts.list_children(vm.key, kind):
            world.parts.end(part, at)
    preempt(world, vm, at)
    world.parts.end(vm, at)
    owned = [(one["id"], one["delete_option"], timing.NIC_AFTER_S) for one in vm.data["nics"]]
    for disk in (vm.data["disk"], *disks.attached_to(vm)):
        owned.append((disk["id"], disk["delete_option"], timing.DISK_AFTER_S))
    for part_id, option, after_s in owned:
        found = world.parts.find(part_id)
        if found is None:
            continue
        found = world.parts.change(found, managed_by=None)
        if with_parts and option == "Delete":
            world.parts.change(found, provisioning="Deleting")
            gone_at = max(at + after_s, found.data.get("reserved_until") or 0.0)
            world.timeline.plan(gone_at, "part.gone", found.key, operation=None)


def end_part(world: World, event: Event) -> None:
    part = world.parts.find(event.key)
    if part is not None:
        world.parts.end(part, event.at)
    world.progress.end(event.data.get("operation"), event.at)


def tag_part(world: World, event: Event) -> None:
    """Apply new tags to a disk."""
    part = world.parts.find(event.key)
    if part is not None:
        world.parts.set_tags(part, event.data["tags"], at=event.at)
    world.progress.end(event.data["operation"], event.at)


def settle_provider(world: World, event: Event) -> None:
    """Complete the registration of a resource provider."""
    world.tenants.set_provider(event.data["subscription_id"], event.data["namespace"], "Registered")


def new_machine(world: World, vm_id: str, spec: Json, *, at: float, **more: Any) -> Part:
    """The machine that a template describes, in state Creating."""
    data = _data_of(vm_id, spec, at)
    vm = world.parts.add(
        "vm",
        vm_id,
        at=at,
        resource_group=vm_id.split("/")[4],
        location=spec["location"],
        tags=spec.get("tags") or {},
        data=data,
        **more,
    )
    for nic in data["nics"]:
        if (card := world.parts.find(nic["id"])) is not None:
            world.parts.change(card, managed_by=vm.arm_id)
    return vm


def _data_of(vm_id: str, spec: Json, at: float) -> Json:
    properties = spec["properties"]
    profile = properties.get("osProfile") or {}
    disk, disk_id = properties["storageProfile"]["osDisk"], disk_id_of(vm_id, spec, at)
    return {
        "size": properties["hardwareProfile"]["vmSize"],
        "image": properties["storageProfile"].get("imageReference"),
        "computer_name": profile.get("computerName", last_segment(vm_id)),
        "admin": profile.get("adminUsername"),
        "password_mark": guid(profile.get("adminPassword")),
        "license": properties.get("licenseType"),
        "security": properties.get("securityProfile"),
        "hibernation": (properties.get("additionalCapabilities") or {}).get("hibernationEnabled") is True,
        "hibernated": False,
        "has_identity": bool(spec.get("identity")),
        "machine_id": guid("machine", vm_id, at),
        "nics": [_nic_of(one) for one in properties["networkProfile"]["networkInterfaces"]],
        "disk": {
            "id": disk_id,
            "name": last_segment(disk_id),
            "delete_option": disk.get("deleteOption", "Detach"),
            "sku": (disk.get("managedDisk") or {}).get("storageAccountType", "StandardSSD_LRS"),
        },
        "power": "starting",
        "power_at": at,
        "provisioning": "Creating",
        "failure": None,
        "operation": None,
        "joined": None,
    }


def disk_id_of(vm_id: str, spec: Json, at: float) -> str:
    """The name of the system disk that is created with a machine: the template's, or else Azure's pattern."""
    segments = vm_id.split("/")
    name = spec["properties"]["storageProfile"]["osDisk"].get("name")
    name = name or f"{segments[-1]}_OsDisk_1_{guid(vm_id, at).replace('-', '')}"
    return arm_id(segments[2], segments[4], DISK, name)


def new_disk(world: World, vm: Part, at: float) -> None:
    """Create the system disk with its machine; it inherits the machine's tags only if `disk_tags` says so
    (docs/evidence/azure_avd.md#tags-of-a-disk)."""
    if world.parts.find(vm.data["disk"]["id"]) is not None:
        return
    world.parts.add(
        "disk",
        vm.data["disk"]["id"],
        at=at,
        resource_group=vm.resource_group,
        location=vm.location,
        tags=vm.tags if world.settings()["disk_tags"] else {},
        claim=vm.claim,
        made_by=vm.made_by,
        data={
            "managed_by": vm.arm_id,
            "sku": vm.data["disk"]["sku"],
            "gib": timing.OS_DISK_GIB,
            "supports_hibernation": vm.data.get("hibernation", False),
        },
    )


def _nic_of(one: Json) -> Json:
    return {
        "id": one["id"],
        "delete_option": (one.get("properties") or one).get("deleteOption", "Detach"),
        "primary": (one.get("properties") or one).get("primary", True),
    }
