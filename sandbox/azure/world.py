"""The state of the simulated Azure: tenants, resources and planned events, over one store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from sandbox import world
from sandbox.azure.bill import Bill
from sandbox.azure.errors import Json
from sandbox.azure.faults import AzureRule
from sandbox.azure.meter import Meter
from sandbox.azure.parts import Parts
from sandbox.azure.people import People
from sandbox.azure.prices import Prices
from sandbox.azure.progress import ProgressBook
from sandbox.azure.store import LEDGER_COLUMNS, open_store
from sandbox.azure.tenants import Tenants
from sandbox.azure.timeline import Timeline
from sandbox.azure.tokens import Tokens

GHOST_PREFIX = "ghost"


class World(world.World):
    """Abstract: `settle` and `add_demo` depend on modules above this one (see `simulation.py`)."""

    DEFAULT_SETTINGS: ClassVar[Mapping[str, float]] = {
        "reads_per_s": 25.0,
        "reads_burst": 250.0,
        "writes_per_s": 10.0,
        "writes_burst": 200.0,
        "deletes_per_s": 10.0,
        "deletes_burst": 200.0,
        "list_all_per_min": 300.0,
        "vm_page": 100,
        "resource_page": 100,
        "host_page": 100,
        "deployment_page": 100,
        "list_lag_s": 0.0,
        "role_lag_s": 0.0,
        "disk_tags": 0,
        "sign_out_s": 0.0,
        "subnet_prefixes": 0,
        "old_tokens_work": 0,
        "resting_heartbeats": 1,
        "recorded_shapes": 0,
        "null_times": 0,
        "token_lifetime_s": 3599.0,
        "bill_lag_s": 0.0,
        "bill_settling_s": 0.0,
        "bill_page": 1000,
        "bill_ids_as_made": 0,
        "cost_denied_403": 0,
        "qpu_per_min": 60.0,
        "qpu_burst": 12.0,
        "qpu_retry_after": 0,
        "retail_page": 1000,
        "graph_per_s": 350.0,
        "graph_burst": 3500.0,
        "graph_lag_s": 0.0,
        "member_page": 100,
        "opaque_tokens": 0,
    }
    """A rate of 0 means no rate limit. Lags are in simulated seconds, the token lifetime in real seconds.

    `graph_lag_s`: how long a new user is not found by reads, in simulated seconds.
    `bill_…`, `cost_…`, `qpu_…` and `retail_page`: see the README.
    """
    KEPT_TABLES: ClassVar[tuple[str, ...]] = ("kept",)

    def __init__(
        self, *, state: str | None, speed: float | None, real: Callable[[], float] = time.time
    ) -> None:
        super().__init__(
            open_store(state), rule_type=AzureRule, ledger_columns=LEDGER_COLUMNS, speed=speed, real=real
        )
        self.tenants = Tenants(self.store)
        self.tokens = Tokens(self.store)
        self.meter = Meter(self.store)
        self.prices = Prices(self.store)
        self.bill = Bill(self.store, self.meter, self.prices)
        self.parts = Parts(self.store, self.meter)
        self.timeline = Timeline(self.store)
        self.people = People(self.store, is_old=self.has_old)
        self.progress = ProgressBook(self.store)
        self._settings: dict[str, float] | None = None
        with self.store.transaction():
            self.parts.list_lag_s = self.settings()["list_lag_s"]

    def settings(self) -> dict[str, float]:
        if self._settings is None:
            self._settings = super().settings()
        return self._settings

    def change_settings(self, changes: Mapping[str, float]) -> None:
        super().change_settings(changes)
        self.forget()

    def forget(self) -> None:
        self._settings = None
        self.prices.forget()
        self.bill.forget()
        self.parts.list_lag_s = self.settings()["list_lag_s"]

    def knows(self, user: str) -> bool:
        """Is this person in the tenant?"""
        return self.has_old(user) or self.people.knows_new(user, now=self.clock.now())

    def has_old(self, user: str) -> bool:
        """Without a list, everybody whose name does not start with "ghost"."""
        people: list[str] | None = self.store.get_meta("people", None)
        if people is None:
            return "@" in user and not user.lower().startswith(GHOST_PREFIX)
        return user.lower() in {one.lower() for one in people}

    def set_people(self, people: Iterable[str] | None) -> None:
        self.store.set_meta("people", None if people is None else list(people))

    def is_empty(self) -> bool:
        return self.store.one("SELECT 1 FROM application") is None

    def journal(self) -> list[Json]:
        return [
            {
                "kind": part.kind,
                "name": part.name,
                "resource_group": part.resource_group,
                "subscription_id": part.subscription_id,
                "id": part.arm_id,
                "claim": part.claim,
                "born_at": part.born_at,
                "gone_at": part.gone_at,
                "made_by": part.made_by,
            }
            for part in self.parts.list_all()
        ]
