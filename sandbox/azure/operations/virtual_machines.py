"""Virtual machines as Compute shows them: one, a group's, or the subscription's with their power states."""

from __future__ import annotations

from sandbox.azure.call import Answer, Call
from sandbox.azure.catalogue import SIZES, find_size
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import EXTENSION, VM, guid, iso
from sandbox.azure.lifecycles import disks, machines
from sandbox.azure.operations import data_disks
from sandbox.azure.operations.polling import accepted
from sandbox.azure.operations.power import prepare
from sandbox.azure.paging import list_page
from sandbox.azure.parts import Part
from sandbox.azure.quotas import list_shortfalls
from sandbox.azure.routes import GROUP, SUBSCRIPTION, Route

_POWER_WORDS = {
    "running": "VM running",
    "stopped": "VM stopped",
    "deallocated": "VM deallocated",
    "starting": "VM starting",
    "stopping": "VM stopping",
    "deallocating": "VM deallocating",
    "creating": "VM creating",
}


def get(call: Call) -> Answer:
    vm = call.get("vm")
    shown = show_vm(call, vm)
    if call.query.get("expand", "").lower() == "instanceview":
        shown["properties"]["instanceView"] = instance_view(vm)
    return Answer(body=shown)


def get_instance_view(call: Call) -> Answer:
    return Answer(body=instance_view(call.get("vm")))


def list_group(call: Call) -> Answer:
    rows = call.world.parts.list_shown(
        ("vm",), now=call.now, subscription_id=call.subscription_id, resource_group=call.resource_group
    )
    return list_page(call, rows, lambda vm: show_vm(call, vm), size=call.world.settings()["vm_page"])


def list_all(call: Call) -> Answer:
    """With `statusOnly`, machines have their power states but few other properties."""
    rows = call.world.parts.list_shown(("vm",), now=call.now, subscription_id=call.subscription_id)
    if call.flag("statusOnly"):
        return list_page(call, rows, _show_status, size=call.world.settings()["vm_page"])
    return list_page(call, rows, lambda vm: show_vm(call, vm), size=call.world.settings()["vm_page"])


def _show_status(vm: Part) -> Json:
    properties = {
        "vmId": vm.data["machine_id"],
        "provisioningState": vm.data["provisioning"],
        "instanceView": instance_view(vm),
    }
    return {"id": vm.arm_id, "name": vm.name, "type": VM, "location": vm.location, "properties": properties}


def list_sizes(call: Call) -> Answer:
    """Where a machine runs there are the sizes of its family only; a deallocated one may take any."""
    vm = call.get("vm")
    now, refused = find_size(vm.data["size"]), call.world.tenants.restrictions(call.subscription_id)
    found = [
        {"name": one.name, "numberOfCores": one.vcpus, "memoryInMB": int(one.memory_gib * 1024)}
        for key, one in SIZES.items()
        if key not in refused
        and (vm.data["power"] == "deallocated" or now is None or one.family == now.family)
    ]
    return Answer(body={"value": found})


def update(call: Call) -> Answer:
    """Change its size, its system disk or its data disks; nothing else, and one of them at a time.

    A running machine restarts with a size.
    """
    properties = call.body.get("properties") or {}
    storage = properties.get("storageProfile") or {}
    system_disk, others = storage.get("osDisk"), storage.get("dataDisks")
    if system_disk is not None and others is not None:
        raise ArmError("InvalidParameter", "The sandbox changes osDisk or dataDisks, not both in one call.")
    if system_disk is not None:
        return _swap(call, system_disk)
    if others is not None:
        vm, operation_id = data_disks.replace(call, others)
        return _changing(call, vm, operation_id)
    size = properties.get("hardwareProfile", {}).get("vmSize")
    vm, failure = prepare(call, "update")
    if vm.data.get("hibernated"):
        text = f"Resize is not allowed on VM '{vm.name}' since it is hibernated."
        raise ArmError("OperationNotAllowed", text, status=409)
    if find_size(size) is None:
        raise ArmError("InvalidParameter", f"The value {size} provided for the VM size is not valid.")
    reason = call.world.tenants.restrictions(call.subscription_id).get(str(size).lower())
    if reason is not None:
        raise ArmError("SkuNotAvailable", f"The requested VM size '{size}' is not available ({reason}).")
    for one in list_shortfalls(call.world, call.subscription_id, [size]):
        raise ArmError("OperationNotAllowed", one["message"], status=409)
    vm = call.world.parts.change(vm, size=str(size), power_at=call.now)
    runs = vm.data["power"] == "running"
    change = machines.restart if runs else machines.touch
    operation_id = change(call.world, vm, call.now, failure=failure)
    return _changing(call, vm, operation_id)


def _changing(call: Call, vm: Part, operation_id: str) -> Answer:
    """The SDK takes 200 only."""
    return accepted(call, operation_id, namespace="Microsoft.Compute", status=200, body=show_vm(call, vm))


def _swap(call: Call, wanted: Json) -> Answer:
    """For a deallocated machine only: docs/evidence/azure_avd.md#another-system-disk."""
    vm, failure = prepare(call, "update")
    if wanted.get("createOption") not in (None, "FromImage"):
        text = "Changing property 'osDisk.createOption' is not allowed."
        raise ArmError("PropertyChangeNotAllowed", text, status=409)
    disk = data_disks.disk_in(call, wanted)
    owner = disk.data["managed_by"]
    is_data_disk = disk.arm_id in {one["id"] for one in disks.attached_to(vm)}
    if is_data_disk or (owner and owner != vm.arm_id):
        raise ArmError("OperationNotAllowed", f"Disk {disk.name} is attached to VM {owner}.", status=409)
    if wanted.get("name") not in (None, disk.name):
        raise ArmError("InvalidParameter", "The name of the OS disk does not match its managed disk.")
    is_off = vm.data["power"] == "deallocated" and not vm.data.get("hibernated")
    if disk.arm_id != vm.data["disk"]["id"] and not is_off:
        text = f"The OS disk of VM '{vm.name}' can be swapped only while it is deallocated."
        raise ArmError("OperationNotAllowed", text, status=409)
    if vm.data.get("hibernation") and not disk.data.get("supports_hibernation"):
        text = "The referenced os disk should support hibernation for a VM with hibernation capability."
        raise ArmError("OperationNotAllowed", text, status=409)
    if failure is None:
        option = wanted.get("deleteOption") or vm.data["disk"]["delete_option"]
        vm = disks.swap(call.world, vm, disk, delete_option=option, at=call.now)
    operation_id = machines.touch(call.world, vm, call.now, failure=failure)
    return _changing(call, vm, operation_id)


def show_vm(call: Call, vm: Part) -> Json:
    data = vm.data
    shown: Json = {
        "id": vm.arm_id,
        "name": vm.name,
        "type": VM,
        "location": vm.location,
        "etag": f'"{vm.seq}"',
        "properties": _properties(vm),
    }
    if vm.tags:
        shown["tags"] = vm.tags
    if data["has_identity"]:
        shown["identity"] = {
            "type": "SystemAssigned",
            "principalId": guid("principal", vm.key, vm.born_at),
            "tenantId": call.application.tenant_id,
        }
    extensions = call.world.parts.list_children(vm.key, "extension")
    if extensions:
        shown["resources"] = [_show_extension(one) for one in extensions]
    return shown


def _properties(vm: Part) -> Json:
    data, disk = vm.data, vm.data["disk"]
    managed = {"storageAccountType": disk["sku"], "id": disk["id"]}
    properties: Json = {
        "vmId": data["machine_id"],
        "hardwareProfile": {"vmSize": data["size"]},
        "provisioningState": data["provisioning"],
        "timeCreated": iso(vm.born_at),
        "storageProfile": {
            "imageReference": data["image"],
            "osDisk": {
                "osType": "Windows",
                "name": disk["name"],
                "createOption": "FromImage",
                "caching": "ReadWrite",
                "deleteOption": disk["delete_option"],
                "managedDisk": managed,
            },
            "dataDisks": data_disks.show(vm),
        },
        "osProfile": {
            "computerName": data["computer_name"],
            "adminUsername": data["admin"],
            "windowsConfiguration": {"provisionVMAgent": True, "enableAutomaticUpdates": True},
            "secrets": [],
            "allowExtensionOperations": True,
        },
        "networkProfile": {
            "networkInterfaces": [
                {
                    "id": nic["id"],
                    "properties": {"deleteOption": nic["delete_option"], "primary": nic.get("primary", True)},
                }
                for nic in data["nics"]
            ]
        },
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
    }
    capabilities = {"hibernationEnabled": True} if data.get("hibernation") else None
    optional = {
        "licenseType": data["license"],
        "securityProfile": data["security"],
        "additionalCapabilities": capabilities,
    }
    return properties | {name: value for name, value in optional.items() if value}


def _show_extension(extension: Part) -> Json:
    data = extension.data
    properties = {
        "publisher": data["publisher"],
        "type": data["type"],
        "typeHandlerVersion": data["version"],
        "autoUpgradeMinorVersion": True,
        "provisioningState": data["provisioning"],
    }
    if data.get("settings"):
        properties["settings"] = data["settings"]
    return {
        "id": extension.arm_id,
        "name": extension.name,
        "type": EXTENSION,
        "location": extension.location,
        "properties": properties,
    }


def instance_view(vm: Part) -> Json:
    """`ProvisioningState/<state>[/<code>]`, and `PowerState/<power>` if it is known."""
    data = vm.data
    provisioning = data["provisioning"].lower()
    failure = data["failure"]
    status: Json = {
        "code": f"ProvisioningState/{provisioning}" + (f"/{failure[0]}" if failure else ""),
        "level": "Error" if failure else "Info",
        "displayStatus": f"Provisioning {provisioning}",
        "time": iso(data["power_at"]),
    }
    if failure:
        status["message"] = failure[1]
    statuses = [status]
    if data["power"] is not None:
        statuses.append(
            {
                "code": f"PowerState/{data['power']}",
                "level": "Info",
                "displayStatus": _POWER_WORDS.get(data["power"], data["power"]),
            }
        )
    if data.get("hibernated"):
        statuses.append(
            {"code": "HibernationState/Hibernated", "level": "Info", "displayStatus": "VM hibernated"}
        )
    view: Json = {"hyperVGeneration": "V2", "statuses": statuses}
    if data["power"] == "running":
        view |= {
            "computerName": data["computer_name"],
            "osName": "Windows 11 Enterprise",
            "osVersion": "10.0.26100",
        }
    return view


_VMS = "providers/microsoft.compute/virtualmachines"
_ACTION = f"{VM}/read"
ROUTES = [
    Route("GET", f"{GROUP}/{_VMS}/*", "virtualMachines.get", _ACTION, get),
    Route(
        "GET",
        f"{GROUP}/{_VMS}/*/instanceview",
        "virtualMachines.instanceView",
        f"{VM}/instanceView/read",
        get_instance_view,
    ),
    Route("PATCH", f"{GROUP}/{_VMS}/*", "virtualMachines.update", f"{VM}/write", update),
    Route(
        "GET",
        f"{GROUP}/{_VMS}/*/vmsizes",
        "virtualMachines.listAvailableSizes",
        f"{VM}/vmSizes/read",
        list_sizes,
    ),
    Route("GET", f"{GROUP}/{_VMS}", "virtualMachines.list", _ACTION, list_group),
    Route("GET", f"{SUBSCRIPTION}/{_VMS}", "virtualMachines.listAll", _ACTION, list_all),
]
