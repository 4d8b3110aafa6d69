"""Session hosts: how a machine appears in its pool, and what the pool shows when it starts and stops.

The data of a host: `vm_id`, `machine_id`, `status`, `status_at`, `came_up_at`, `off_at` (None: it is
up), `heartbeat_at` (set by hand, or the last before it went off), `well` (status and failed checks while
it runs), `assigned_user`, `sessions` …

A host at rest sends no heartbeat (docs/evidence/azure_avd.md#heartbeat-age): its last is from when it came
up, and it sends more only while somebody is signed in.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.azure import timing
from sandbox.azure.ids import HOST, arm_id, guid
from sandbox.azure.parts import Part
from sandbox.azure.timeline import Event
from sandbox.azure.world import World

CHECKS = (
    "DomainJoinedCheck",
    "AADJoinedHealthCheck",
    "DomainTrustCheck",
    "SxSStackListenerCheck",
    "MonitoringAgentCheck",
    "MetaDataServiceCheck",
    "AppAttachHealthCheck",
    "UrlsAccessibleCheck",
)
WELL: dict[str, Any] = {"status": "Available", "checks": []}
UNJOINED: dict[str, Any] = {"status": "Unavailable", "checks": ["DomainJoinedCheck", "AADJoinedHealthCheck"]}
_TOKEN = re.compile(r"REGISTRATIONTOKEN=[\"']?([A-Za-z0-9._=+/-]+)")


def token_in(command: str) -> str | None:
    """The registration token that a set-up command passes to the agent."""
    found = _TOKEN.search(command)
    return found[1] if found else None


def find_pool_of_token(world: World, token: str, at: float) -> Part | None:
    """The pool that a host can join now with this token."""
    for pool in world.parts.list_living("pool"):
        expires_at = pool.data["token_expires_at"] or 0.0
        if token == pool.data["token"] and at < expires_at:
            return pool
        is_old_and_good = at < pool.data["old_tokens"].get(token, 0.0)
        if is_old_and_good and world.settings()["old_tokens_work"]:
            return pool
    return None


def register(
    world: World,
    vm: Part,
    pool: Part,
    at: float,
    *,
    well: dict[str, Any] | None = None,
    upgrade_s: float = timing.UPGRADE_S,
    made_by: str = "deployment",
) -> Part:
    """The agent's first report to its pool; it takes over an existing record of the same name."""
    name = vm.data["computer_name"]
    host_id = arm_id(pool.subscription_id, pool.arm_id.split("/")[4], HOST, pool.name, name)
    data = {
        "vm_id": vm.arm_id,
        "machine_id": vm.data["machine_id"],
        "status": "Upgrading",
        "status_at": at,
        "came_up_at": at,
        "off_at": None,
        "heartbeat_at": None,
        "well": well or WELL,
        "failed_checks": [],
        "sessions": [],
    }
    found = world.parts.find(host_id)
    if found is not None:
        world.timeline.drop(found.key, "host.status")
        host = world.parts.change(found, **data)
    else:
        blank = {
            "assigned_user": None,
            "allow_new_session": True,
            "friendly_name": None,
            "object_id": guid("host", host_id, at),
        }
        host = world.parts.add(
            "host",
            host_id,
            at=at,
            resource_group=pool.resource_group,
            parent=pool.key,
            location=vm.location,
            claim=vm.claim,
            made_by=made_by,
            data={**blank, **data},
        )
    world.parts.change(vm, host=host.key)
    world.timeline.plan(at + upgrade_s, "host.status", host.key, **host.data["well"], beats=True)
    return host


def find_host_of(world: World, vm: Part) -> Part | None:
    """The record that belongs to exactly this machine."""
    host = world.parts.find(vm.data.get("host") or "")
    return host if host is not None and host.data["machine_id"] == vm.data["machine_id"] else None


def machine_stopped(
    world: World, vm: Part, at: float, *, is_announced: bool, keeps_sessions: bool = False
) -> None:
    """Its agent ends now; the pool notices later. `is_announced`: the agent could sign off."""
    host = find_host_of(world, vm)
    if host is None:
        return
    world.timeline.drop(host.key, "host.status")
    if host.data.get("off_at") is None:
        world.parts.change(host, off_at=at, heartbeat_at=beat(world, host, at))
        if not keeps_sessions and not world.settings()["sign_out_s"]:
            world.parts.change(host, sessions=[])
        world.timeline.drop(host.key, "session.end")  # nobody tells the broker any more
    status = "Shutdown" if is_announced else "Unavailable"
    if host.data["status"] != "Shutdown":
        world.timeline.plan(
            at + timing.STATUS_LAG_S, "host.status", host.key, status=status, checks=[], beats=False
        )


def machine_started(world: World, vm: Part, at: float) -> None:
    """The agent starts some time after its machine."""
    host = find_host_of(world, vm)
    if host is None or host.data.get("off_at") is None:
        return
    world.timeline.drop(host.key, "host.status")
    due_at, off_s = at + timing.HOST_BACK_S, at - host.data["off_at"]
    if off_s > timing.REGISTRATION_KEPT_S:
        world.timeline.plan(due_at, "host.status", host.key, status="Unavailable", checks=[], beats=False)
    else:
        world.timeline.plan(due_at, "host.status", host.key, **host.data["well"], beats=True)


def end_session(world: World, host: Part, session_id: str) -> None:
    world.parts.change(host, sessions=[one for one in host.data["sessions"] if one["id"] != session_id])


def session_over(world: World, event: Event) -> None:
    """The broker notices that a session has ended."""
    if (host := world.parts.find(event.key)) is not None:
        end_session(world, host, event.data["session"])


def change_status(world: World, event: Event) -> None:
    """`beats`: its agent is up from here; otherwise its heartbeat stays as it was."""
    host = world.parts.find(event.key)
    if host is None:
        return
    up: dict[str, Any] = {"heartbeat_at": None, "off_at": None, "came_up_at": event.at}
    changes = up if event.data["beats"] else {}
    world.parts.change(
        host,
        status=event.data["status"],
        status_at=event.at,
        failed_checks=event.data["checks"],
        **changes,
    )


def beat(world: World, host: Part, now: float) -> float:
    """The time of its latest heartbeat."""
    if host.data["heartbeat_at"] is not None:
        return float(host.data["heartbeat_at"])
    if world.settings()["resting_heartbeats"] and not host.data["sessions"]:
        return float(host.data.get("came_up_at", host.born_at))
    return now - (now - host.born_at) % timing.HEARTBEAT_S
