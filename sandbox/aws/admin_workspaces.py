"""Desktops that are created, terminated or changed manually, as in the cloud's console."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sandbox.aws.accounts import Key
from sandbox.aws.call import Call
from sandbox.aws.machines import TERMINATE_S, Machine, launch_seconds
from sandbox.aws.operations.create import add_machine
from sandbox.aws.world import World
from sandbox.errors import ControlError
from sandbox.faults import ActiveFaults

STATES = (
    "PENDING",
    "AVAILABLE",
    "IMPAIRED",
    "UNHEALTHY",
    "REBOOTING",
    "STARTING",
    "REBUILDING",
    "RESTORING",
    "MAINTENANCE",
    "ADMIN_MAINTENANCE",
    "TERMINATING",
    "TERMINATED",
    "SUSPENDED",
    "UPDATING",
    "STOPPING",
    "STOPPED",
    "ERROR",
)


def handle_workspaces(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """`action` is create, terminate, set, vanish or write."""
    action = body.get("action")
    if action == "create":
        machine = _create(world, body)
    elif action in _ACTIONS:
        row = world.store.one("SELECT 1 FROM workspace WHERE workspace_id = ?", body["workspace_id"])
        if row is None:
            raise ControlError("no such workspace")
        machine = world.machines.get(body["workspace_id"])
        world.disks_of(machine)  # snapshots of its state until now
        _ACTIONS[action](world, machine, body)
    else:
        raise ControlError("action is create, terminate, set, vanish or write")
    machine = world.machines.get(machine.workspace_id)
    return {**show_machine(world, machine), "disks": asdict(world.disks_of(machine))}


def show_machine(world: World, machine: Machine) -> dict[str, Any]:
    """Everything that the sandbox stores about a desktop, including its tags."""
    return {**asdict(machine), "tags": world.machines.tags_of(machine.workspace_id)}


def _create(world: World, body: dict[str, Any]) -> Machine:
    row = world.store.one(
        "SELECT account_id, region FROM directory WHERE directory_id = ?", body["directory_id"]
    )
    if row is None:
        raise ControlError("no such directory")
    where = {"account_id": row["account_id"], "region": row["region"]}
    directory = world.accounts.find_directory(body["directory_id"], **where)
    bundle = world.accounts.find_bundle(body["bundle_id"], **where)
    if directory is None or bundle is None:
        raise ControlError("no such bundle")
    if world.machines.find_in_slot(directory.directory_id, body["user_name"]):
        raise ControlError("this user has a workspace already")
    console = Key("console", "", row["account_id"], "console", "active", (), None)
    call = Call(
        world,
        "CreateWorkspaces",
        row["region"],
        world.accounts.get_account(row["account_id"]),
        console,
        {},
        world.clock.now(),
        ActiveFaults([]),
    )
    tags = [{"Key": key, "Value": value} for key, value in (body.get("tags") or {}).items()]
    machine = add_machine(
        call,
        directory=directory,
        bundle=bundle,
        mode=body.get("running_mode", "AUTO_STOP"),
        request={"UserName": body["user_name"], "Tags": tags},
        auto_stop_min=60,
        made_by="console",
    )
    after_s = 0.0 if body.get("ready") else launch_seconds(machine.workspace_id, machine.launches)
    world.machines.move(machine, "PENDING", then="AVAILABLE", now=call.now, after_s=after_s)
    world.machines.settle(call.now)
    return machine


def _terminate(world: World, machine: Machine, body: dict[str, Any]) -> None:
    now = world.clock.now()
    world.machines.update(machine.workspace_id, terminate_asked_at=now, connected=0)
    world.machines.move(machine, "TERMINATING", then="TERMINATED", now=now, after_s=TERMINATE_S)


def _vanish(world: World, machine: Machine, body: dict[str, Any]) -> None:
    """Remove it immediately, also from every listing, as if it had been terminated long ago."""
    now = world.clock.now()
    world.machines.update(machine.workspace_id, at=now, state="TERMINATED", gone_at=now - 3600, until=None)


def _write(world: World, machine: Machine, body: dict[str, Any]) -> None:
    """Somebody changed the system (`root`), files (`user`), or both: their version grows by one."""
    first_s = world.settings()["first_snapshot_s"]
    world.disks.write(
        machine,
        root=bool(body.get("root")),
        user=bool(body.get("user")),
        now=world.clock.now(),
        first_s=first_s,
    )


def _set(world: World, machine: Machine, body: dict[str, Any]) -> None:
    """Change its state (which then stays), error, connection, running mode or visibility."""
    changes: dict[str, Any] = {}
    now = world.clock.now()
    if "state" in body:
        if body["state"] not in STATES:
            raise ControlError(f"state is one of {', '.join(STATES)}")
        changes |= {
            "state": body["state"],
            "state_since": now,
            "until": None,
            "then_state": None,
            "error_code": body.get("error_code"),
            "error_message": body.get("error_message"),
            "gone_at": now if body["state"] == "TERMINATED" else None,
        }
    if "connected" in body:
        changes["connected"] = int(bool(body["connected"]))
        if body["connected"]:
            changes["last_connected_at"] = now
    for name in ("running_mode", "visible_at", "tags_visible_at"):
        if name in body:
            changes[name] = body[name]
    if not changes:
        raise ControlError("nothing to set")
    world.machines.update(machine.workspace_id, at=now, **changes)


_ACTIONS = {"terminate": _terminate, "set": _set, "vanish": _vanish, "write": _write}
