"""What Azure Monitor has measured of machines: averages of an hour, as a test scripts them."""

from __future__ import annotations

from sandbox.azure.world import World

HOUR_S = 3600
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
