"""A cloud of many accounts that answers at once, in this process; a few machines change by the clock."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar

from webapp.clouds.base import Access, Acted, Bundle, Created, Order
from webapp.domain.clock import Clock
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import MachineRef, Observation
from webapp.domain.rates import Rate

SOON_S, MADE_S = 90.0, 1200.0
"""How long a machine takes to start or stop, and to be made."""
BATCH = 25
LASTING = {
    Action.START: (CloudState.STARTING, CloudState.AVAILABLE),
    Action.STOP: (CloudState.STOPPING, CloudState.STOPPED),
}


@dataclass
class FleetCloud:
    """What is in every account. It is also the factory of the drivers."""

    clock: Clock
    machines: dict[str, dict[str, Observation]] = field(default_factory=dict)
    """By account and machine."""
    claims: dict[str, str] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    calls_of: Counter[str] = field(default_factory=Counter)
    """By account; only those that count against its rate."""
    looked: int = 0
    """How many machines all looks together were about."""
    made: Counter[str] = field(default_factory=Counter)
    """Creates by claim: more than one is a double."""
    seen_s: dict[str, float] = field(default_factory=dict)
    longest_unseen_s: float = 0.0
    _changes: list[tuple[float, str, str, CloudState]] = field(default_factory=list)

    key: ClassVar[str] = "aws"
    rate: ClassVar[Rate] = Rate(per_s=1e9, burst=10**9)

    @staticmethod
    def counts(_operation: str) -> bool:
        return False

    @staticmethod
    def warm(*, has_tests: bool) -> None:
        """Nothing is loaded lazily."""

    def __call__(self, access: Access, _gate: object) -> "AccountDriver":
        self._let_change()
        return AccountDriver(self, access.account_id or "")

    def put(self, account_id: str, machine: Observation, claim: str) -> None:
        self.machines.setdefault(account_id, {})[machine.cloud_workspace_id] = machine
        self.claims[machine.cloud_workspace_id] = claim
        self.seen_s[machine.cloud_workspace_id] = self.clock.monotonic_s()

    def count(self, account_id: str, operation: str, *, is_limited: bool = True) -> None:
        self.calls[operation] += 1
        self.calls_of[account_id] += is_limited

    def see(self, machine_id: str) -> None:
        now_s = self.clock.monotonic_s()
        self.longest_unseen_s = max(self.longest_unseen_s, now_s - self.seen_s[machine_id])
        self.seen_s[machine_id] = now_s

    def change(self, account_id: str, machine_id: str, state: CloudState, *, in_s: float = 0.0) -> None:
        if in_s:
            heapq.heappush(self._changes, (self.clock.monotonic_s() + in_s, account_id, machine_id, state))
            return
        known = self.machines[account_id][machine_id]
        self.machines[account_id][machine_id] = replace(known, state=state, word=state.name)

    def _let_change(self) -> None:
        while self._changes and self._changes[0][0] <= self.clock.monotonic_s():
            _, account_id, machine_id, state = heapq.heappop(self._changes)
            self.change(account_id, machine_id, state)


class AccountDriver:
    batch_size = look_size = page_size = BATCH
    looks_at_all = False
    lists_as_it_looks = True
    rebuilds = signs_out = moves = bills = prices = connections = loads = people = passwords = suspends = None
    messages = hibernates = None
    spares = resizes = snapshots = restores = disk_snapshots = disk_restores = system_images = None

    def __init__(self, cloud: FleetCloud, account_id: str) -> None:
        self._cloud, self._account_id = cloud, account_id
        self._machines = cloud.machines.setdefault(account_id, {})

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        self._cloud.count(self._account_id, "look")
        self._cloud.looked += len(machines)
        return {one: self._machines[one] for one in self._seen(ref.cloud_workspace_id for ref in machines)}

    def list_directory(self) -> Iterator[Observation]:
        for number, one in enumerate(self._seen(list(self._machines))):
            if number % BATCH == 0:
                self._cloud.count(self._account_id, "page of a list")
            yield self._machines[one]

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        self._cloud.count(self._account_id, "look into a slot")
        return [one for one in self._machines.values() if one.username == slot.username]

    def claims(self) -> dict[str, str]:
        self._cloud.count(self._account_id, "claims", is_limited=False)
        return {one: self._cloud.claims[one] for one in self._machines}

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        return self._cloud.claims.get(cloud_workspace_id)

    def create(self, orders: Sequence[Order]) -> Created:
        self._cloud.count(self._account_id, "create")
        return Created({order.claim: self._made(order) for order in orders}, {})

    def act(self, action: Any, cloud_workspace_ids: Sequence[str]) -> Acted:
        self._cloud.count(self._account_id, str(action))
        for one in cloud_workspace_ids:
            at_once, then = LASTING[action]
            self._cloud.change(self._account_id, one, at_once)
            self._cloud.change(self._account_id, one, then, in_s=SOON_S)
        return Acted({})

    def list_bundles(self, *, today: date) -> list[Bundle]:
        self._cloud.count(self._account_id, "bundles")
        return []

    def _made(self, order: Order) -> Observation:
        self._cloud.made[order.claim] += 1
        machine = Observation(
            f"ws-{order.claim.split('/')[1]}", order.username, CloudState.PENDING, CloudState.PENDING.name
        )
        self._cloud.put(self._account_id, machine, order.claim)
        self._cloud.change(self._account_id, machine.cloud_workspace_id, CloudState.AVAILABLE, in_s=MADE_S)
        return machine

    def _seen(self, ids: Any) -> Iterator[str]:
        for one in ids:
            self._cloud.see(one)
            yield one
