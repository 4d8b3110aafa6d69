"""One call while it is carried out: who asks, for what, in which world."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox.aws.accounts import Account, Accounts, Key, add_demo_account
from sandbox.aws.faults import AwsRule
from sandbox.aws.machines import Machine, Machines
from sandbox.aws.store import LEDGER_COLUMNS, open_store
from sandbox.aws.throttle import BURST, CALLS_PER_S
from sandbox.faults import ActiveFaults
from sandbox.ledger import Touched
from sandbox.world import World as AnyWorld


class World(AnyWorld):
    """All parts of the simulated AWS, over one store."""

    DEFAULT_SETTINGS: ClassVar[Mapping[str, float]] = {
        "calls_per_s": CALLS_PER_S,
        "burst": BURST,
        "visibility_lag_s": 0.0,
        "tag_lag_s": 0.0,
        "bundle_page": 10,
    }
    """Lags are simulated seconds. A rate of 0 means no rate limit."""

    def __init__(
        self, *, state: str | None, speed: float | None, real: Callable[[], float] = time.time
    ) -> None:
        super().__init__(
            open_store(state), rule_type=AwsRule, ledger_columns=LEDGER_COLUMNS, speed=speed, real=real
        )
        self.accounts = Accounts(self.store)
        self.machines = Machines(self.store)

    def settle(self, now: float) -> None:
        self.machines.settle(now)

    def add_demo(self) -> None:
        add_demo_account(self.accounts, now=self.clock.now())

    def is_empty(self) -> bool:
        return self.store.one("SELECT 1 FROM account") is None

    def journal(self) -> list[dict[str, Any]]:
        return self.machines.journal()

    def show(self) -> dict[str, Any]:
        from sandbox.aws.admin import show_world  # it is about the world

        return show_world(self)


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
