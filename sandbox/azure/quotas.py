"""Quotas of processor cores: usage, and what would exceed the limit."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.azure.catalogue import find_size
from sandbox.azure.errors import Json
from sandbox.azure.world import World


def cores_used(world: World, subscription_id: str) -> tuple[int, int, dict[str, int]]:
    """The number of machines, of cores, and of cores per family. Deallocated machines count too."""
    families: dict[str, int] = {}
    machines = world.parts.list_living("vm", subscription_id)
    for vm in machines:
        size = find_size(vm.data["size"])
        if size is not None:
            families[size.family] = families.get(size.family, 0) + size.vcpus
    return len(machines), sum(families.values()), families


def list_shortfalls(world: World, subscription_id: str, sizes: Iterable[str]) -> list[Json]:
    """One error for each quota that machines of these sizes would exceed."""
    wanted: dict[str, int] = {}
    for name in sizes:
        size = find_size(name)
        if size is not None:
            for quota in ("cores", size.family):
                wanted[quota] = wanted.get(quota, 0) + size.vcpus
    if not wanted:
        return []
    _, cores, families = cores_used(world, subscription_id)
    used, limits = {"cores": cores, **families}, world.tenants.quotas(subscription_id)
    return [
        {
            "code": "QuotaExceeded",
            "message": f"Operation could not be completed as it results in exceeding approved {name} quota."
            f" Current limit: {limits[name]}, current usage: {used.get(name, 0)}, additional: {more}.",
        }
        for name, more in wanted.items()
        if used.get(name, 0) + more > limits[name]
    ]
