"""The comparator: what most scripts do. One create call a desktop, then one look at each, every 30 s.

It uses the same driver, sandbox, clock and rate limit as the engine, and keeps neither rows nor leases.
"""

import heapq

from tests.desk import UBUNTU, Desk
from webapp.clouds.base import Order
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import MachineRef
from webapp.engine.account import AccountGate, make_driver


def create_and_poll(desk: Desk, count: int, *, every_s: float) -> float:
    """Create so many desktops and look until all are AVAILABLE; the simulated seconds that it took."""
    credential = desk.credential()
    driver = make_driver(desk.engine, credential, AccountGate(desk.engine, credential, None))
    started_s = desk.clock.elapsed_s
    looks: list[tuple[float, str]] = []
    for number in range(count):
        order = Order(
            claim=f"single/{number}/1",
            username=f"single.{number}",
            bundle_id=UBUNTU,
            running_mode="AUTO_STOP",
        )
        (machine,) = driver.create([order]).accepted.values()
        heapq.heappush(looks, (desk.clock.elapsed_s + every_s, machine.cloud_workspace_id))
    while looks:
        at_s, cloud_id = heapq.heappop(looks)
        desk.clock.pause(max(at_s - desk.clock.elapsed_s, 0.0))
        seen = driver.look([MachineRef(cloud_id)]).values()
        if not any(one.state is CloudState.AVAILABLE for one in seen):
            heapq.heappush(looks, (desk.clock.elapsed_s + every_s, cloud_id))
    return desk.clock.elapsed_s - started_s
