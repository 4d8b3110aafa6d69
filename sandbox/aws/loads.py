"""What CloudWatch has measured of desktops: averages of an hour, as a test scripts them."""

from __future__ import annotations

from typing import Any

from sandbox.aws.world import World
from sandbox.errors import ControlError

DAY_S, HOUR_S = 86400, 3600
FIRST_HOUR = 9
METRICS = {"cpu": "CPUUsage", "memory": "MemoryUsage"}
QUIET = 0.5
"""What any other hour has of the busiest one."""


def points(
    world: World, workspace_id: str, metric: str, *, since: float, until: float
) -> list[tuple[int, float]]:
    """Hours and averages, the newest first."""
    rows = world.store.rows(
        "SELECT hour, value FROM load WHERE workspace_id = ? AND metric = ? AND hour >= ? AND hour < ?"
        " ORDER BY hour DESC",
        workspace_id,
        metric,
        int(since),
        int(until),
    )
    return [(row["hour"], row["value"]) for row in rows]


def set_load(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Days until now, each with one hour as busy as is said, at 9:00 UTC, and others half as busy."""
    workspace_id = body["workspace_id"]
    if world.store.one("SELECT 1 FROM workspace WHERE workspace_id = ?", workspace_id) is None:
        raise ControlError("no such workspace")
    world.store.run("DELETE FROM load WHERE workspace_id = ?", workspace_id)
    today = int(world.clock.now()) // DAY_S * DAY_S
    for day in range(1, int(body["days"]) + 1):
        for number in range(int(body.get("hours", 8))):
            hour = today - day * DAY_S + (FIRST_HOUR + number) * HOUR_S
            for name, metric in METRICS.items():
                if body.get(name) is not None:
                    value = float(body[name]) * (1 if number == 0 else QUIET)
                    world.store.insert(
                        "load", {"workspace_id": workspace_id, "metric": metric, "hour": hour, "value": value}
                    )
    return {}
