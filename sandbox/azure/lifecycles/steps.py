"""The steps of a deployment: how the creation of each kind of resource starts and ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.azure import timing
from sandbox.azure.errors import Json
from sandbox.azure.ids import KINDS, guid, share
from sandbox.azure.lifecycles import hosts, machines
from sandbox.azure.parts import Part
from sandbox.azure.quotas import list_shortfalls
from sandbox.azure.timeline import Event
from sandbox.azure.world import World

JOIN, SCRIPT = "AADLoginForWindows", "CustomScriptExtension"
NESTED_CODES = ("VMExtension", "OSProvisioning", "VMAgent")
"""Codes with these prefixes appear as JSON text in another error's message."""
_WITHOUT_DISK = (
    "AllocationFailed",
    "ZonalAllocationFailed",
    "OverconstrainedAllocationRequest",
    "QuotaExceeded",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How and when a step will end."""

    after_s: float | None
    """None: never."""
    part_key: str
    """Empty: the step created nothing."""
    error: Json | None = None
    """The error that the deployment reports, unless another one occurs first."""
    more: Json = field(default_factory=dict)


def begin(world: World, step: Json, spec: Json, *, rules: list[Json], deployment: Part, at: float) -> Outcome:
    kind = KINDS[step["type"].lower()]
    scripted = _rule_for(rules, "deployment_error", step["type"])
    found = world.parts.find(step["key"])
    if found is not None and found.data["provisioning"] == "Deleting":
        return _refused("AnotherOperationInProgress", f"{found.arm_id} is being deleted.")
    if found is not None and found.data["provisioning"] == "Succeeded" and scripted is None:
        if spec.get("tags") and kind != "extension":
            world.parts.set_tags(found, spec["tags"], at=at)
        return Outcome(timing.UNCHANGED_S, found.key, _changed_password(found, spec, kind))
    outcome = {"nic": _begin_nic, "vm": _begin_vm, "extension": _begin_extension}[kind](
        world, step, spec, rules, at
    )
    if _rule_for(rules, "stuck", step["type"]) is not None:
        return Outcome(None, outcome.part_key)
    if scripted is not None:
        error = _reported(scripted["code"], scripted["message"] or "Scripted error.", scripted["inner_code"])
        return Outcome(outcome.after_s, outcome.part_key, error, {**outcome.more, "code": scripted["code"]})
    return outcome


def _refused(code: str, message: str) -> Outcome:
    """The provider refuses, and nothing is created."""
    return Outcome(timing.UNCHANGED_S, "", _reported(code, message, None))


def end(world: World, event: Event) -> Json | None:
    """Put the resource into its final state, and return the error that the deployment reports."""
    data = event.data
    if not data["part"]:
        refused: Json | None = data["error"]
        return refused
    part = world.parts.find(data["part"])
    if part is None or part.data.get("provisioning") == "Deleting":
        gone = "The resource was deleted while it was being made."
        return _reported("OperationPreempted", gone, None)
    error: Json | None = data["error"]
    code = data["more"].get("code") or (error or {}).get("code")
    if part.kind == "vm" and part.data["provisioning"] == "Creating":
        _end_vm(world, part, code if error else None, (error or {}).get("message", ""), event.at)
    elif part.kind == "extension":
        error = _end_extension(world, part, error, data, event.at)
    elif part.kind == "nic":
        world.parts.change(part, provisioning="Failed" if error else "Succeeded")
    return error


def _begin_nic(world: World, step: Json, spec: Json, rules: list[Json], at: float) -> Outcome:
    settings = [one["properties"] for one in spec["properties"]["ipConfigurations"]]
    data = {
        "subnet": settings[0]["subnet"]["id"],
        "accelerated": bool(spec["properties"].get("enableAcceleratedNetworking")),
        "managed_by": None,
        "reserved_until": None,
        "provisioning": "Updating",
        "mac": guid("mac", step["key"], at).replace("-", "")[:12].upper(),
    }
    nic = world.parts.find(step["key"])
    if nic is None:
        segments = step["arm_id"].split("/")
        nic = world.parts.add(
            "nic",
            step["arm_id"],
            at=at,
            resource_group=segments[4],
            parent=data["subnet"],
            location=spec["location"],
            tags=spec.get("tags") or {},
            data=data,
        )
        world.parts.change(nic, address=f"10.20.{nic.seq // 250 % 16}.{nic.seq % 250 + 4}")
    return Outcome(timing.NIC_S, nic.key)


def _begin_vm(world: World, step: Json, spec: Json, rules: list[Json], at: float) -> Outcome:
    least, most = timing.VM_S
    after_s = least + share("vm", step["key"]) * (most - least)
    found = world.parts.find(step["key"])
    if found is not None:
        world.parts.change(found, provisioning="Creating", power="starting", power_at=at, failure=None)
        vm = found
    else:
        # Another deployment may have used up the quota since this one was accepted.
        size = spec["properties"]["hardwareProfile"]["vmSize"]
        if shortfalls := list_shortfalls(world, step["arm_id"].split("/")[2], [size]):
            return _refused(shortfalls[0]["code"], shortfalls[0]["message"])
        if world.parts.find(disk_id := machines.disk_id_of(step["arm_id"], spec, at)) is not None:
            text = f"Disk {disk_id} already exists. Only CreateOption.Attach is supported."
            return _refused("ConflictingUserInput", text)
        vm = machines.new_machine(world, step["arm_id"], spec, at=at)
    scripted = _rule_for(rules, "deployment_error", step["type"])
    if scripted is None or scripted["code"] not in _WITHOUT_DISK:
        machines.new_disk(world, vm, at)
    return Outcome(after_s, vm.key)


def _end_vm(world: World, vm: Part, code: str | None, message: str, at: float) -> None:
    if code is None:
        world.parts.change(vm, provisioning="Succeeded", power="running", power_at=at)
        return
    power = None if code in _WITHOUT_DISK else "running"
    world.parts.change(vm, provisioning="Failed", power=power, power_at=at, failure=[code, _plain(message)])
    for one in vm.data["nics"]:
        if (nic := world.parts.find(one["id"])) is not None:
            world.parts.change(nic, reserved_until=at + timing.NIC_RESERVED_S)


def _begin_extension(world: World, step: Json, spec: Json, rules: list[Json], at: float) -> Outcome:
    properties = spec["properties"]
    kind = str(properties.get("type"))
    vm_key = step["key"].rpartition("/extensions/")[0]
    data = {
        "publisher": properties.get("publisher"),
        "type": kind,
        "version": properties.get("typeHandlerVersion"),
        "settings": properties.get("settings"),
        "provisioning": "Creating",
    }
    found = world.parts.find(step["key"])
    if found is not None:
        extension = world.parts.change(found, **data)
    else:
        extension = world.parts.add(
            "extension",
            step["arm_id"],
            at=at,
            resource_group=step["arm_id"].split("/")[4],
            parent=vm_key,
            location=spec.get("location", ""),
            tags=spec.get("tags") or {},
            data=data,
        )
    if kind == JOIN:
        return Outcome(timing.JOIN_S, extension.key)
    secrets = {**(properties.get("settings") or {}), **(properties.get("protectedSettings") or {})}
    token = hosts.token_in(str(secrets.get("commandToExecute", ""))) if kind == SCRIPT else None
    if token is None:
        return Outcome(timing.EXTENSION_S, extension.key)
    pool = hosts.find_pool_of_token(world, token, at)
    if pool is None:
        text = (
            "VM has reported a failure when processing extension 'agent'. Error message:"
            " INVALID_REGISTRATION_TOKEN: the agent could not register with its host pool."
        )
        error = _reported("VMExtensionProvisioningError", text, None)
        return Outcome(timing.AGENT_FAILURE_S, extension.key, error, {"code": "VMExtensionProvisioningError"})
    return Outcome(timing.AGENT_S, extension.key, more={"pool": pool.key})


def _end_extension(
    world: World, extension: Part, error: Json | None, data: dict[str, Any], at: float
) -> Json | None:
    vm = world.parts.find(extension.parent)
    if vm is None or vm.data["provisioning"] == "Deleting":
        return _reported("OperationPreempted", "The machine was deleted meanwhile.", None)
    world.parts.change(extension, provisioning="Failed" if error else "Succeeded")
    if error:
        code = data["more"].get("code") or error["code"]
        world.parts.change(vm, provisioning="Failed", failure=[code, _plain(error["message"])])
        return error
    if extension.data["type"] == JOIN:
        tenant = world.tenants.find_subscription(vm.subscription_id)
        joined = tenant is not None and world.tenants.claim_computer(
            tenant.tenant_id, vm.data["computer_name"], machine_id=vm.data["machine_id"]
        )
        world.parts.change(vm, joined=joined)
    pool = world.parts.find(data["more"].get("pool") or "")
    if pool is not None:
        _register(world, vm, pool, data["rules"], at)
    return None


def _register(world: World, vm: Part, pool: Part, rules: list[Json], at: float) -> None:
    if _rule_for(rules, "agent_silent") is not None:
        return
    slow, status = _rule_for(rules, "agent_upgrading"), _rule_for(rules, "host_status")
    well = hosts.WELL if vm.data["joined"] else hosts.UNJOINED
    if status is not None:
        well = {"status": status["host_status"], "checks": list(status["failed_checks"])}
    upgrade_s = slow["seconds"] if slow is not None else timing.UPGRADE_S
    hosts.register(world, vm, pool, at, well=well, upgrade_s=upgrade_s)


def _rule_for(rules: list[Json], kind: str, type_name: str | None = None) -> Json | None:
    for rule in rules:
        is_for = type_name is None or rule["resource_type"].lower() == type_name.lower()
        if rule["kind"] == kind and is_for:
            return rule
    return None


def _changed_password(part: Part, spec: Json, kind: str) -> Json | None:
    """Some properties of a machine cannot be changed after its creation."""
    if kind != "vm":
        return None
    password = (spec["properties"].get("osProfile") or {}).get("adminPassword")
    if guid(password) == part.data["password_mark"]:
        return None
    return _reported(
        "PropertyChangeNotAllowed", "Changing property 'osProfile.adminPassword' is not allowed.", None
    )


def _reported(code: str, message: str, inner_code: str | None) -> Json:
    """A provider's error as a deployment reports it: whole errors are JSON text in a message."""
    inner: Json = {"code": code, "message": message}
    if inner_code is not None:
        inner["message"] = json.dumps({"error": {"code": inner_code, "message": message}})
    if not code.startswith(NESTED_CODES):
        return inner
    wrapper = {
        "code": "ResourceDeploymentFailure",
        "message": "The resource write operation failed to complete successfully, because it reached terminal"
        " provisioning state 'Failed'.",
        "details": [inner],
    }
    return {"code": "Conflict", "message": json.dumps({"status": "Failed", "error": wrapper})}


def _plain(message: str) -> str:
    """The innermost sentence of a message that contains JSON."""
    while message.startswith("{"):
        error = json.loads(message)["error"]
        details = error.get("details") or [error]
        message = details[0]["message"]
    return message
