"""Locks on a resource group and on what is in it."""

from __future__ import annotations

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import Json
from sandbox.azure.ids import group_id
from sandbox.azure.locks import list_locked
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route

TYPE = "Microsoft.Authorization/locks"


def list_locks(call: Call) -> Answer:
    """Of the group, and of everything in it."""
    whole = group_id(call.subscription_id, call.resource_group).lower()
    found = [one for one in list_locked(call.world) if f"{one.arm_id.lower()}/".startswith(f"{whole}/")]
    return Answer(body={"value": [_show(one) for one in found]})


def _show(part: Part) -> Json:
    name = f"keep-{part.name}"
    return {
        "id": f"{part.arm_id}/providers/{TYPE}/{name}",
        "type": TYPE,
        "name": name,
        "properties": {"level": part.data["lock"]},
    }


ROUTES = [
    Route(
        "GET",
        f"{GROUP}/providers/microsoft.authorization/locks",
        "managementLocks.list",
        f"{TYPE}/read",
        list_locks,
    )
]
