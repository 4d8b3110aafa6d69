"""The control API of roles: their trust and rights, and the end of their sessions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sandbox.aws.roles import Role
from sandbox.aws.world import World

Body = dict[str, Any]


def handle_roles(world: World, body: Body) -> Body:
    """Add or replace a role, remove it, end its sessions, or list all of them with their secrets."""
    if body.get("list_sessions"):
        return {"sessions": [dict(row) for row in world.store.rows("SELECT * FROM session")]}
    role_arn = body["role_arn"]
    if body.get("remove"):
        world.roles.remove(role_arn)
        return {"role_arn": role_arn}
    if body.get("end_sessions"):
        world.roles.end_sessions(role_arn, real_now=world.clock.real_now())
        return {"role_arn": role_arn}
    role = Role(
        role_arn,
        role_arn.split(":")[4],
        tuple(body.get("principals", ())),
        body.get("external_id"),
        bool(body.get("allows_no_external_id")),
        tuple(body.get("denied", ())),
        int(body.get("max_session_s", 3600)),
    )
    world.roles.put(role)
    return asdict(role)
