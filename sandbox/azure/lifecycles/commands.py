"""Run commands: a script that runs on a machine, and what it has done in the end.

The sandbox knows one script, whatever its text is: it copies the files of each data disk to the system disk.
`returned` in the data of a system disk has the versions of what was copied there (see `disks.py`).

The data of a command: what it was asked for with (`source`, `parameters`, `timeout_s`, `mark` of the whole
body), `provisioning`, `operation` (its latest), and its run: `state`, `exit_code`, `output`, `error`,
`started_at`, `ended_at`.
"""

from __future__ import annotations

from typing import Any

from sandbox.azure import timing
from sandbox.azure.errors import Json
from sandbox.azure.lifecycles import disks
from sandbox.azure.parts import Part
from sandbox.azure.timeline import Event
from sandbox.azure.world import World

RUNNING, SUCCEEDED, FAILED, TIMED_OUT = "Running", "Succeeded", "Failed", "TimedOut"
Failure = tuple[str, str] | None
_NO_ROOM = "Not enough space: 80 GiB are needed, 12 GiB are free."


def start(
    world: World,
    vm: Part,
    command_id: str,
    asked: Json,
    *,
    tags: dict[str, str],
    at: float,
    failure: Failure = None,
) -> Part:
    """Run a new command, or one that exists again. With a `failure` it never runs."""
    operation_id = world.progress.begin(command_id, at)
    run: Json = {"exit_code": 0, "output": "", "error": "", "started_at": at, "ended_at": None}
    data = {**asked, **run, "state": "Pending" if failure else RUNNING, "operation": operation_id}
    found = world.parts.find(command_id)
    if found is None:
        about: dict[str, Any] = {"resource_group": vm.resource_group, "location": vm.location}
        data["provisioning"] = "Creating"
        command = world.parts.add(
            "command",
            command_id,
            at=at,
            parent=vm.key,
            tags=tags,
            claim=vm.claim,
            made_by="call",
            data=data,
            **about,
        )
    else:
        world.parts.set_tags(found, tags, at=at)
        command = world.parts.change(found, **data, provisioning="Updating")
    settled_at = at + timing.PART_UPDATE_S
    world.timeline.plan(settled_at, "command.settle", command.key, operation=operation_id, failure=failure)
    if failure is None:
        ends_at = at + min(timing.FILES_COPY_S, asked["timeout_s"])
        world.timeline.plan(ends_at, "command.end", command.key, operation=operation_id)
    return command


def settle(world: World, event: Event) -> None:
    """The machine has taken the script; it does not wait for the script's end."""
    command, failure = _find(world, event), event.data["failure"]
    status = "Failed" if failure else "Succeeded"
    if command is not None:
        changes = {"state": FAILED, "ended_at": event.at} if failure else {}
        world.parts.change(command, provisioning=status, **changes)
    error = {"code": failure[0], "message": failure[1]} if failure else None
    world.progress.end(event.data["operation"], event.at, status=status, error=error)


def end(world: World, event: Event) -> None:
    """The script has ended, or its time has."""
    command = _find(world, event)
    if command is None:
        return
    vm = world.parts.get(command.parent)
    system_disk = world.parts.find(vm.data["disk"]["id"])
    changes: Json = {"ended_at": event.at}
    if vm.data["power"] != "running" or system_disk is None:
        changes |= {"state": FAILED, "exit_code": 1, "error": "The machine does not run."}
    elif command.data["timeout_s"] < timing.FILES_COPY_S:
        changes |= {"state": TIMED_OUT, "exit_code": -1}
    else:
        changes |= _copy(world, vm, system_disk)
    world.parts.change(command, **changes)


def _find(world: World, event: Event) -> Part | None:
    """The command, if it still is what this event was planned for."""
    command = world.parts.find(event.key)
    if command is None or command.data["operation"] != event.data["operation"]:
        return None
    return None if command.data["provisioning"] == "Deleting" else command


def _copy(world: World, vm: Part, system_disk: Part) -> Json:
    """What the script does, and how it ends."""
    attached = [world.parts.find(one["id"]) for one in disks.attached_to(vm)]
    versions = [disks.version_of(one) for one in attached if one is not None]
    if not versions:
        return {"state": FAILED, "exit_code": 2, "output": "No former disk is attached."}
    if system_disk.data.get("full"):
        return {"state": FAILED, "exit_code": 3, "output": _NO_ROOM}
    returned = list(dict.fromkeys([*system_disk.data.get("returned", []), *versions]))
    world.parts.change(system_disk, returned=returned)
    return {"state": SUCCEEDED, "exit_code": 0, "output": "Copied."}
