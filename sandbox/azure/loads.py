"""What Azure Monitor has measured of machines: averages of an hour, as a test scripts them."""

from __future__ import annotations

from sandbox.azure.admin_machines import Body, get_machine
from sandbox.azure.world import World

DAY_S, HOUR_S = 86400, 3600
FIRST_HOUR = 9
QUIET = 0.5
"""What any other hour has of the busiest one."""
CPU, FREE_MEMORY = "Percentage CPU", "Available Memory Percentage"


def points(world: World, key: str, metric: str, *, since: float, until: float) -> dict[int, float]:
    """Averages by hour."""
    rows = world.store.rows(
        "SELECT hour, value FROM load WHERE key = ? AND metric = ? AND hour >= ? AND hour < ?",
        key,
        metric,
        int(since),
        int(until),
    )
    return {row["hour"]: row["value"] for row in rows}


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
