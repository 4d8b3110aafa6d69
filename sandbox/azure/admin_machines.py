"""Machines and hosts that are created, changed or deleted manually, as in the portal or the guest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox import demo_azure as demo
from sandbox.azure.ids import NIC, POOL, VM, arm_id, guid
from sandbox.azure.lifecycles import hosts, machines
from sandbox.azure.parts import CLAIM_TAG, Part
from sandbox.azure.timing import POWER_OFF_S
from sandbox.azure.world import World
from sandbox.errors import ControlError

Body = dict[str, Any]
POWERS = ("starting", "running", "stopping", "stopped", "deallocating", "deallocated", "unknown")
PARTS = ("vm", "nic", "disk", "host")


def _place(body: Body) -> tuple[str, str]:
    return (
        str(body.get("subscription_id", demo.DEMO_SUBSCRIPTION_ID)),
        str(body.get("resource_group", demo.DEMO_RESOURCE_GROUP)),
    )


def _find_machine(world: World, body: Body) -> Part | None:
    return world.parts.find(arm_id(*_place(body), VM, body["name"]))


def get_machine(world: World, body: Body) -> Part:
    found = _find_machine(world, body)
    if found is None:
        raise ControlError(f"no such machine: {body['name']}")
    return found


def _list_hosts(world: World, name: str) -> list[Part]:
    """Every record of this name, in any pool."""
    return [host for host in world.parts.list_living("host") if host.name.lower() == name.lower()]


def get_host(world: World, body: Body) -> Part:
    found = _list_hosts(world, body["name"])
    if not found:
        raise ControlError(f"no such session host: {body['name']}")
    return found[0]


def make(world: World, body: Body) -> Body:
    """Create a running machine with network card, disk and host; with `pool` null, without a host.

    `pool_group`: the pool's resource group, if it differs from the machine's.
    `license`: its licence type (Windows_Client: no licence of Windows on the bill).
    `delete_option`: whether card and disk are deleted with it (Delete) or stay (Detach, Azure's default).
    """
    name, now = body["name"], world.clock.now()
    subscription_id, group = _place(body)
    location, tags = body.get("location", demo.DEMO_LOCATION), dict(body.get("tags") or {})
    if _find_machine(world, body) is not None:
        raise ControlError(f"{name} exists already")
    nic_id = arm_id(subscription_id, group, NIC, body.get("nic") or f"{name}-nic")
    world.parts.add(
        "nic",
        nic_id,
        at=now,
        resource_group=group,
        parent=demo.DEMO_SUBNET_ID,
        location=location,
        tags=tags,
        made_by="console",
        data={
            "subnet": demo.DEMO_SUBNET_ID,
            "accelerated": True,
            "managed_by": None,
            "reserved_until": None,
            "provisioning": "Succeeded",
            "mac": guid("mac", nic_id).replace("-", "")[:12].upper(),
            "address": "10.20.15.4",
        },
    )
    spec = _spec(name, nic_id, location=location, tags=tags, size=body.get("size", "Standard_D4s_v5"))
    spec["properties"]["licenseType"] = body.get("license")
    _keep_parts(spec, disk=body.get("disk"), delete_option=body.get("delete_option", "Delete"))
    vm = machines.new_machine(
        world, arm_id(subscription_id, group, VM, name), spec, at=now, made_by="console"
    )
    vm = world.parts.change(vm, provisioning="Succeeded", power="running", joined=True)
    tenant = world.tenants.find_subscription(subscription_id)
    if tenant is not None:
        world.tenants.claim_computer(tenant.tenant_id, name, machine_id=vm.data["machine_id"])
    machines.new_disk(world, vm, now)
    pool_name = body.get("pool", demo.DEMO_HOST_POOL)
    if pool_name is not None:
        pool = world.parts.find(arm_id(subscription_id, body.get("pool_group", group), POOL, pool_name))
        if pool is None:
            raise ControlError(f"no such host pool: {pool_name}")
        host = hosts.register(world, vm, pool, now, upgrade_s=0.0, made_by="console")
        world.parts.change(host, assigned_user=body.get("username"))
        world.settle(now)
    return {"id": vm.arm_id, "claim": tags.get(CLAIM_TAG)}


def make_deployment(world: World, body: Body) -> Body:
    """The record of somebody's deployment. `state`: Succeeded, Failed, Running …; it stays so."""
    now, (subscription_id, group) = world.clock.now(), _place(body)
    made = world.parts.add(
        "deployment",
        arm_id(subscription_id, group, "Microsoft.Resources/deployments", body["name"]),
        at=now,
        resource_group=group,
        tags=dict(body.get("tags") or {}),
        made_by="console",
        data={
            "state": body.get("state", "Succeeded"),
            "steps": [],
            "template_hash": "0",
            "parameters": {},
            "outputs": {},
            "started_at": now,
            "changed_at": now,
            "correlation_id": guid("correlation", body["name"], now),
        },
    )
    return {"id": made.arm_id}


def _spec(name: str, nic_id: str, *, location: str, tags: dict[str, str], size: str) -> Body:
    image = {
        "publisher": "MicrosoftWindowsDesktop",
        "offer": "windows-11",
        "sku": "win11-24h2-ent",
        "version": "latest",
    }
    disk = {"name": f"{name}-os", "createOption": "FromImage", "deleteOption": "Delete"}
    return {
        "location": location,
        "tags": tags,
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "hardwareProfile": {"vmSize": size},
            "osProfile": {"computerName": name, "adminUsername": "somebody", "adminPassword": "by hand"},
            "storageProfile": {"imageReference": image, "osDisk": disk},
            "networkProfile": {
                "networkInterfaces": [{"id": nic_id, "properties": {"deleteOption": "Delete"}}]
            },
        },
    }


def _keep_parts(spec: Body, *, disk: str | None, delete_option: str) -> None:
    """The disk's name, and what happens to disk and card when the machine is deleted."""
    profiles = spec["properties"]
    os_disk = profiles["storageProfile"]["osDisk"]
    os_disk["deleteOption"] = delete_option
    os_disk["name"] = disk or os_disk["name"]
    for card in profiles["networkProfile"]["networkInterfaces"]:
        card["properties"]["deleteOption"] = delete_option


def delete(world: World, body: Body) -> Body:
    """Delete the named parts of a machine immediately; the others stay."""
    wanted = tuple(body.get("parts") or PARTS)
    if unknown := set(wanted) - set(PARTS):
        raise ControlError(f"no such part: {', '.join(sorted(unknown))}")
    name, now = body["name"], world.clock.now()
    vm = _find_machine(world, body)
    gone = [] if vm is None else _with_owned(world, vm, wanted)
    if vm is not None and "vm" in wanted:
        machines.remove(world, vm, now, with_parts=False)
    if "host" in wanted:
        gone += _list_hosts(world, name)
    if vm is None:
        gone += _leftovers(world, body, wanted)
    for part in gone:
        world.timeline.drop(part.key, "host.status")
        machines.preempt(world, part, now)
        world.parts.end(part, now)
    if vm is None and not gone:
        raise ControlError(f"nothing of that name: {name}")
    return {"gone": [part.name for part in gone]}


def _with_owned(world: World, vm: Part, wanted: tuple[str, ...]) -> list[Part]:
    ids = [one["id"] for one in vm.data["nics"]] if "nic" in wanted else []
    ids += [vm.data["disk"]["id"]] if "disk" in wanted else []
    return [part for one in ids if (part := world.parts.find(one)) is not None]


def _leftovers(world: World, body: Body, wanted: tuple[str, ...]) -> list[Part]:
    """Card and disk of a deleted machine, found by their names."""
    names = {"nic": f"{body['name']}-nic", "disk": f"{body['name']}-os"}
    place = _place(body)
    types = {"nic": NIC, "disk": "Microsoft.Compute/disks"}
    ids = [arm_id(*place, types[kind], name) for kind, name in names.items() if kind in wanted]
    return [part for one in ids if (part := world.parts.find(one)) is not None]


def set_tags(world: World, body: Body) -> Body:
    """Replace the tags of a machine, its card or its disk."""
    wanted = tuple(body["parts"])
    if unknown := set(wanted) - {"vm", "nic", "disk"}:
        raise ControlError(f"no part with tags: {', '.join(sorted(unknown))}")
    vm = _find_machine(world, body)
    found = [] if vm is None else _with_owned(world, vm, wanted) + ([vm] if "vm" in wanted else [])
    found = found or _leftovers(world, body, wanted)
    if not found:
        raise ControlError(f"nothing of that name: {body['name']}")
    for part in found:
        world.parts.set_tags(part, dict(body["tags"]), at=world.clock.now())
    return {"changed": [part.name for part in found]}


def shut_down(world: World, body: Body) -> Body:
    """Simulate “Shut down” in Windows: the machine stays allocated and billed."""
    vm = get_machine(world, body)
    if vm.data["power"] != "running":
        raise ControlError(f"{vm.name} is not running")
    machines.move(world, vm, at=world.clock.now(), after_s=POWER_OFF_S, passing="stopping", then="stopped")
    return {"name": vm.name}


def set_power(world: World, body: Body) -> Body:
    """Takes effect immediately; the host does not notice. `unknown`: Azure reports no power state."""
    vm, now = get_machine(world, body), world.clock.now()
    changes: Body = {}
    if (power := body.get("power")) is not None:
        if power not in POWERS:
            raise ControlError(f"power is one of {', '.join(POWERS)}")
        if vm.data["provisioning"] != "Deleting":
            machines.preempt(world, vm, now)
        changes |= {"power": None if power == "unknown" else power, "power_at": now}
    if body.get("provisioning") is not None:
        changes["provisioning"] = body["provisioning"]
    if body.get("code") is not None:
        changes["failure"] = [body["code"], body.get("message", "")]
    if not changes:
        raise ControlError("nothing to set")
    world.parts.change(vm, **changes)
    return {"name": vm.name}


def set_host(world: World, body: Body) -> Body:
    """Lasts until the machine is stopped or started. A null age: as its life gives it."""
    host, now = get_host(world, body), world.clock.now()
    changes: Body = {}
    if body.get("status") is not None:
        world.timeline.drop(host.key, "host.status")
        changes |= {"status": body["status"], "status_at": now}
    if "heartbeat_age_s" in body:
        age_s = body["heartbeat_age_s"]
        changes["heartbeat_at"] = None if age_s is None else now - float(age_s)
    if "assigned_user" in body:
        changes["assigned_user"] = body["assigned_user"] or None
    if "failed_checks" in body:
        changes["failed_checks"] = list(body["failed_checks"])
    if "allow_new_session" in body:
        changes["allow_new_session"] = bool(body["allow_new_session"])
    if not changes:
        raise ControlError("nothing to set")
    world.parts.change(host, **changes)
    return {"name": host.name}


def open_session(world: World, body: Body) -> Body:
    """Sign a user in."""
    host = get_host(world, body)
    number = str(len(host.data["sessions"]) + 2)
    session = {
        "id": number,
        "user": body["user"],
        "state": body.get("state", "Active"),
        "since": world.clock.now(),
        "messages": [],
    }
    world.parts.change(host, sessions=[*host.data["sessions"], session])
    return {"session_id": number}


def close_sessions(world: World, body: Body) -> Body:
    """Everybody signs out by themselves."""
    host = get_host(world, body)
    ended = [one["id"] for one in host.data["sessions"]]
    world.parts.change(host, sessions=[])
    return {"ended": ended}


ROUTES: dict[tuple[str, str], Callable[[World, Body], Any]] = {
    ("POST", "machines"): make,
    ("DELETE", "machines"): delete,
    ("POST", "deployments"): make_deployment,
    ("POST", "tags"): set_tags,
    ("POST", "shutdown"): shut_down,
    ("POST", "power"): set_power,
    ("POST", "hosts"): set_host,
    ("POST", "sessions"): open_session,
    ("DELETE", "sessions"): close_sessions,
}
