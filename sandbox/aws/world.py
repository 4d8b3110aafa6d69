"""The state of the simulated AWS: accounts and desktops, over one store."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sandbox import world
from sandbox.aws.accounts import Accounts, add_demo_account
from sandbox.aws.faults import AwsRule
from sandbox.aws.machines import FIRST_SNAPSHOT_S, Machines
from sandbox.aws.store import LEDGER_COLUMNS, open_store
from sandbox.aws.throttle import BURST, CALLS_PER_S


class World(world.World):
    DEFAULT_SETTINGS: ClassVar[Mapping[str, float]] = {
        "calls_per_s": CALLS_PER_S,
        "burst": BURST,
        "visibility_lag_s": 0.0,
        "tag_lag_s": 0.0,
        "bundle_page": 10,
        "first_snapshot_s": FIRST_SNAPSHOT_S,
    }
    """Lags are in simulated seconds. A rate of 0 means no rate limit."""

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
