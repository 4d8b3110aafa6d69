"""Locks: what they are on, and which calls they refuse."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure.errors import ArmError
from sandbox.azure.parts import Part
from sandbox.azure.world import World

LOCKABLE = ("group", "pool", "vm", "nic", "disk")
READ_ONLY = "ReadOnly"
_GROUP, _RESOURCE = 4, 8
"""Segments of the id of a group, and of a resource in it."""


def list_locked(world: World) -> list[Part]:
    return [one for kind in LOCKABLE for one in world.parts.list_living(kind) if one.data.get("lock")]


def check_locks(world: World, method: str, path: str) -> None:
    """A lock holds for what it is on and everything in it. Raises ArmError."""
    if method == "GET":
        return
    for scope in _scopes(path):
        found = world.parts.find(scope)
        level = found.data.get("lock") if found is not None else None
        if level and (method == "DELETE" or level == READ_ONLY):
            verb = "delete" if method == "DELETE" else "write"
            raise ArmError(
                "ScopeLocked",
                f"The scope '{path}' cannot perform {verb} operation because following scope(s) are locked:"
                f" '{scope}'. Please remove the lock and try again.",
                status=409,
            )


def _scopes(path: str) -> Iterator[str]:
    """The group, and each resource on the way."""
    segments = path.strip("/").split("/")
    for count in (_GROUP, *range(_RESOURCE, len(segments) + 1, 2)):
        if len(segments) >= count:
            yield "/" + "/".join(segments[:count])
