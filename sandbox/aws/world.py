"""The state of the simulated AWS: accounts, desktops and their bill, over one store."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sandbox import demo, world
from sandbox.aws.accounts import Accounts, add_demo_account
from sandbox.aws.bill import Bill, Terms
from sandbox.aws.cost_tags import CostTags
from sandbox.aws.disks import DiskRoom, Disks
from sandbox.aws.faults import AwsRule
from sandbox.aws.images import Images
from sandbox.aws.machines import FIRST_SNAPSHOT_S, Machine, Machines
from sandbox.aws.meter import Meter
from sandbox.aws.people import People
from sandbox.aws.prices import Prices
from sandbox.aws.roles import Roles
from sandbox.aws.store import LEDGER_COLUMNS, open_store
from sandbox.aws.throttle import BURST, CALLS_PER_S

DEMO_COST_TAGS = ("berth-claim", "berth-workspace")
"""The demo's bill has always been divided by these."""


class World(world.World):
    DEFAULT_SETTINGS: ClassVar[Mapping[str, float]] = {
        "calls_per_s": CALLS_PER_S,
        "burst": BURST,
        "visibility_lag_s": 0.0,
        "tag_lag_s": 0.0,
        "bundle_page": 10,
        "first_snapshot_s": FIRST_SNAPSHOT_S,
        "image_quota": 40,
        "bill_lag_s": 0.0,
        "bill_close_days": 5,
        "bill_page": 2000,
        "tag_key_lag_s": 0.0,
        "backfill_s": 3600.0,
        "user_read_lag_s": 0.0,
        "user_lag_s": 120.0,
        "user_busy_s": 0.0,
        "data_access_s": 600.0,
        "session_lifetime_s": 0.0,
    }
    """Lags are in simulated seconds. A rate of 0 means no rate limit.

    `bill_lag_s`: usage that is younger is not on the bill yet. `bill_close_days`: a month is closed so many
    days after its end. `bill_page`: rows (groups of a day) a page. `tag_key_lag_s`: a new tag key cannot
    be activated sooner. `backfill_s`: how long a back-fill takes. Of a directory's users, `user_read_lag_s`:
    how long its own API does not show a new one; `user_lag_s`: how long no desktop can be made for it;
    `user_busy_s`: how long after a change another one is in conflict. `data_access_s`: how long enabling
    data access takes. `session_lifetime_s`: a role's session lasts no longer, in real seconds; 0: as asked.
    `image_quota`: how many images an account has in a region at most.
    """

    def __init__(
        self, *, state: str | None, speed: float | None, real: Callable[[], float] = time.time
    ) -> None:
        super().__init__(
            open_store(state), rule_type=AwsRule, ledger_columns=LEDGER_COLUMNS, speed=speed, real=real
        )
        self.accounts = Accounts(self.store)
        self.roles = Roles(self.store)
        self.meter = Meter(self.store)
        self.machines = Machines(self.store, self.meter)
        self.disks = DiskRoom(self.store)
        self.images = Images(self.store)
        self.people = People(self.store)
        self.prices = Prices(self.store)
        self.cost_tags = CostTags(self.store)
        self.bill = Bill(self.store, self.meter, self.prices, self.cost_tags)

    def disks_of(self, machine: Machine) -> Disks:
        """With the snapshots that are there by now; call it before what changes the desktop's state."""
        return self.disks.read(machine, now=self.clock.now(), first_s=self.settings()["first_snapshot_s"])

    def settle(self, now: float) -> None:
        self.machines.settle(now)
        self.images.settle(now)
        self.cost_tags.settle(now)

    def forget(self) -> None:
        self.prices.forget()
        self.bill.forget()
        self.meter.forget()

    def add_demo(self) -> None:
        add_demo_account(self.accounts, now=self.clock.now())
        self.bill.set_terms(Terms(demo.DEMO_ACCOUNT_ID, has_resources=True))
        for key in DEMO_COST_TAGS:
            self.cost_tags.set_status(demo.DEMO_ACCOUNT_ID, key, is_active=True, at=0.0)

    def is_empty(self) -> bool:
        return self.store.one("SELECT 1 FROM account") is None

    def journal(self) -> list[dict[str, Any]]:
        return self.machines.journal()
