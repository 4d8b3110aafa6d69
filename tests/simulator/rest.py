"""When something can happen next, and whether anything is left to happen."""

from datetime import UTC, datetime

from tests.simulator.processes import START
from tests.simulator.world import World

TICK_S = 30.0

_WHEN = """
SELECT due_at FROM schedules UNION ALL SELECT lease_until FROM cloud_credentials
UNION ALL SELECT blocked_until FROM cloud_credentials UNION ALL SELECT due_at FROM duties
"""
_RESTLESS = """
SELECT count(*) FROM workspaces WHERE phase NOT IN ('gone', 'create_failed', 'conflict', 'ready', 'lost')
OR requested_action IS NOT NULL OR (desired = 'absent' AND phase != 'gone')
"""
_READY = "SELECT cloud_workspace_id FROM workspaces WHERE phase = 'ready'"
_LOST = "SELECT cloud_workspace_id FROM workspaces WHERE phase = 'lost'"


def next_s(world: World) -> float:
    """When something can happen again: a row or a duty is due, a lease or a wait ends, a process wakes."""
    texts = [text for (text,) in world.raw.execute(_WHEN) if text]
    times = [(datetime.fromisoformat(text).replace(tzinfo=UTC) - START).total_seconds() for text in texts]
    times += [process.wake_s for process in world.hub.processes]
    now_s = world.hub.now_s
    latest_s = now_s + (TICK_S if any(one <= now_s for one in times) else world.longest_tick_s)
    return min([latest_s, *(one for one in times if one > now_s)])


def is_at_rest(world: World) -> bool:
    """Every request is fulfilled, or waits for a person; no machine is left over, and nobody is at work."""
    if world.hub.processes or world.raw.execute(_RESTLESS).fetchone()[0]:
        return False
    living = world.living()
    ready = {one for (one,) in world.raw.execute(_READY)}
    lost = {one for (one,) in world.raw.execute(_LOST)}
    return (
        ready <= living
        and not lost & living
        and world.living(is_ours=True) <= ready | world.watch.also_known()
    )
