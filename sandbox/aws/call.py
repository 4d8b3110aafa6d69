"""One call while it is carried out: who asks, for what, in which world."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.accounts import Account, Accounts, Key
from sandbox.aws.clock import Clock
from sandbox.aws.faults import ActiveFaults, Faults
from sandbox.aws.ledger import Ledger, Touched
from sandbox.aws.machines import Machine, Machines
from sandbox.aws.store import Store
from sandbox.aws.throttle import BURST, CALLS_PER_S, Throttle

DEFAULT_SETTINGS = {
    "calls_per_s": CALLS_PER_S,
    "burst": BURST,
    "visibility_lag_s": 0.0,
    "tag_lag_s": 0.0,
    "bundle_page": 10,
}
"""What the control API may change; lags in simulated seconds. A rate of 0 means no rate limit."""


class World:
    """All parts of the sandbox, over one store."""

    def __init__(
        self, *, state: str | None, speed: float | None, real: Callable[[], float] = time.time
    ) -> None:
        self.store = Store(state)
        self.clock = Clock(self.store, speed=speed, real=real)
        self.throttle = Throttle()
        self.faults = Faults(self.store)
        self.ledger = Ledger(self.store)
        self.accounts = Accounts(self.store)
        self.machines = Machines(self.store)

    def settings(self) -> dict[str, float]:
        return {**DEFAULT_SETTINGS, **self.store.get_meta("settings", {})}

    def settings_were_changed(self) -> bool:
        with self.store.transaction():
            return self.store.get_meta("settings", None) is not None


@dataclass(slots=True)
class Call:
    """A genuine call of a known key, inside the store's transaction."""

    world: World
    operation: str
    region: str
    account: Account
    key: Key
    params: dict[str, Any]
    now: float
    faults: ActiveFaults
    touched: Touched = field(default_factory=Touched)

    def find_machine(self, workspace_id: str) -> Machine | None:
        return self.world.machines.find_visible(
            workspace_id, account_id=self.account.account_id, region=self.region, now=self.now
        )

    def list_machines(self, **wanted: str) -> list[Machine]:
        return self.world.machines.list_visible(
            account_id=self.account.account_id, region=self.region, now=self.now, **wanted
        )

    def touch(self, machine: Machine) -> None:
        """Note in the ledger that this desktop was concerned."""
        self.touched.ids.append(machine.workspace_id)
        self.touched.users.append(machine.user_name)
        if machine.claim:
            self.touched.claims.append(machine.claim)


Operation = Callable[[Call], dict[str, Any]]
