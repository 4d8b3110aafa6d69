"""The context of one call: who makes it, which operation, and on which world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.accounts import Account, Key
from sandbox.aws.machines import Machine
from sandbox.aws.world import World
from sandbox.faults import ActiveFaults
from sandbox.ledger import Touched


@dataclass(slots=True)
class Call:
    """An authenticated call. It runs inside the store's transaction."""

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
        """Record in the ledger that the call concerns this desktop."""
        self.touched.ids.append(machine.workspace_id)
        self.touched.users.append(machine.user_name)
        if machine.claim:
            self.touched.claims.append(machine.claim)


Operation = Callable[[Call], dict[str, Any]]
