"""Scripting what Azure Monitor has measured of a machine."""

from __future__ import annotations

from sandbox.azure.admin_machines import Body, get_machine
from sandbox.azure.loads import CPU, FREE_MEMORY, HOUR_S
from sandbox.azure.world import World

DAY_S = 86400
FIRST_HOUR = 9
QUIET = 0.5
"""What any other hour has of the busiest one."""


def set_load(world: World, body: Body) -> Body:
    """Days until now, each with one hour as busy as is said, at 9:00 UTC, and others half as busy."""
    key = get_machine(world, body).key
    world.store.run("DELETE FROM load WHERE key = ?", key)
    today = int(world.clock.now()) // DAY_S * DAY_S
    for day in range(1, int(body["days"]) + 1):
        for number in range(int(body["hours"])):
            hour, share = today - day * DAY_S + (FIRST_HOUR + number) * HOUR_S, 1 if number == 0 else QUIET
            if body.get("cpu") is not None:
                _insert(world, key, CPU, hour, float(body["cpu"]) * share)
            if body.get("memory") is not None:
                _insert(world, key, FREE_MEMORY, hour, 100 - float(body["memory"]) * share)
    return {}


def _insert(world: World, key: str, metric: str, hour: int, value: float) -> None:
    world.store.insert("load", {"key": key, "metric": metric, "hour": hour, "value": value})
