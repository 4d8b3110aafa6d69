"""The data disks of a machine: a change names all of them; what it does not name is detached."""

from __future__ import annotations

from typing import Any

from sandbox.azure import timing
from sandbox.azure.call import Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.lifecycles import disks, machines
from sandbox.azure.operations.power import prepare
from sandbox.azure.parts import Part

_SETTLED = ("running", "stopped", "deallocated")
_DELETE_OPTIONS = ("Delete", "Detach")


def replace(call: Call, wanted: Any) -> tuple[Part, str]:
    """Begin it; the machine, and the id of the operation. Raises ArmError."""
    vm, failure = prepare(call, "update")
    _check_machine(vm)
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise ArmError("InvalidParameter", "The value of parameter dataDisks is invalid.")
    if len(wanted) > timing.DATA_DISKS_MOST:
        most = timing.DATA_DISKS_MOST
        text = f"The maximum number of data disks allowed to be attached to a VM of this size is {most}."
        raise ArmError("OperationNotAllowed", text, status=409)
    _check_luns([one.get("lun") for one in wanted])
    entries = [_entry_of(call, vm, one) for one in wanted]
    if len({one["id"] for one in entries}) < len(entries):
        raise ArmError("InvalidParameter", "A disk can be attached to a VM only once.")
    if failure is None:
        vm = disks.attach(call.world, vm, entries)
    operation_id = machines.touch(call.world, vm, call.now, failure=failure)
    return call.world.parts.get(vm.key), operation_id


def _check_machine(vm: Part) -> None:
    """Raises ArmError."""
    if vm.data.get("hibernated"):
        text = f"Disks of VM '{vm.name}' cannot be attached or detached since it is hibernated."
        raise ArmError("OperationNotAllowed", text, status=409)
    if vm.data["power"] not in _SETTLED:
        text = "The request failed due to conflict with a concurrent request: the VM's power state changes."
        raise ArmError("Conflict", text, status=409)


def _check_luns(luns: list[Any]) -> None:
    """Raises ArmError."""
    for lun in luns:
        if type(lun) is not int or not 0 <= lun < timing.LUNS:
            raise ArmError("InvalidParameter", f"The value '{lun}' of parameter dataDisk.lun is invalid.")
        if luns.count(lun) > 1:
            raise ArmError("InvalidParameter", f"More than one data disk has the logical unit number {lun}.")


def disk_in(call: Call, wanted: Json) -> Part:
    """The disk that an entry of a storage profile names, if a machine can take it. Raises ArmError."""
    disk_id = (wanted.get("managedDisk") or {}).get("id")
    disk = call.world.parts.find(str(disk_id))
    if disk is None or disk.kind != "disk":
        raise ArmError("NotFound", f"Disk {disk_id} is not found.", status=404)
    if disk.data.get("provisioning", "Succeeded") != "Succeeded":
        raise ArmError("Conflict", f"Disk {disk.name} is not in state Succeeded.", status=409)
    return disk


def _entry_of(call: Call, vm: Part, wanted: Json) -> Json:
    """What the machine keeps about a disk in the list. Raises ArmError."""
    if wanted.get("createOption") != "Attach":
        raise ArmError("InvalidParameter", "The sandbox knows data disks with createOption Attach only.")
    option = wanted.get("deleteOption") or "Detach"
    if option not in _DELETE_OPTIONS:
        raise ArmError("InvalidParameter", f"The value '{option}' of dataDisk.deleteOption is invalid.")
    disk = disk_in(call, wanted)
    owner = disk.data["managed_by"]
    is_system_disk = disk.key == vm.data["disk"]["id"].lower()
    if is_system_disk or (owner and owner.lower() != vm.key):
        text = f"Disk {disk.name} is attached to VM {owner or vm.arm_id}."
        raise ArmError("OperationNotAllowed", text, status=409)
    if wanted.get("name") not in (None, disk.name):
        raise ArmError("InvalidParameter", "The name of the data disk does not match its managed disk.")
    return {
        "id": disk.arm_id,
        "name": disk.name,
        "lun": wanted["lun"],
        "delete_option": option,
        "sku": disk.data["sku"],
        "gib": disk.data["gib"],
    }


def show(vm: Part) -> list[Json]:
    return [
        {
            "lun": one["lun"],
            "name": one["name"],
            "createOption": "Attach",
            "caching": "None",
            "deleteOption": one["delete_option"],
            "toBeDetached": False,
            "diskSizeGB": one["gib"],
            "managedDisk": {"storageAccountType": one["sku"], "id": one["id"]},
        }
        for one in disks.attached_to(vm)
    ]
