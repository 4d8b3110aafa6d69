"""The simulated Azure of the campaign."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox import demo_azure
from sandbox.azure import landscape
from sandbox.azure.bill import Line, Terms
from sandbox.azure.server import Handle
from tests.costs.accounts import Account
from tests.costs.bills import LAG_S, SETTLING_S, Cost, calls_by_name, day_of_number, dearer, number_of
from tests.costs.life import Step
from webapp.domain.lifecycle import CloudState

_POWER = {
    CloudState.PENDING: "starting",
    CloudState.STARTING: "starting",
    CloudState.AVAILABLE: "running",
    CloudState.ERROR: "running",
    CloudState.STOPPING: "deallocating",
    CloudState.STOPPED: "deallocated",
    CloudState.TERMINATING: "running",
}
_DISKS = {"Standard_D2s_v5": "StandardSSD_LRS"}


@dataclass(slots=True)
class AzurePart:
    """A machine or its disk, as the meter takes it."""

    kind: str
    arm_id: str
    subscription_id: str
    data: dict[str, Any]
    tags: dict[str, str]
    resource_group: str = demo_azure.DEMO_RESOURCE_GROUP
    location: str = demo_azure.DEMO_LOCATION
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.arm_id.lower()


class Azure:
    def __init__(self, handle: Handle, accounts: list[Account]) -> None:
        self.handle, self.world = handle, handle.world
        self.handle.control.set_settings(
            bill_lag_s=LAG_S, bill_settling_s=SETTLING_S, qpu_per_min=0, reads_per_s=0
        )
        with self.world.store.transaction():
            for one in accounts:
                self.world.tenants.add_subscription(one.account_id, tenant_id=demo_azure.DEMO_TENANT_ID)
                landscape.add_group(
                    self.world,
                    one.account_id,
                    demo_azure.DEMO_RESOURCE_GROUP,
                    location=demo_azure.DEMO_LOCATION,
                )
                self.world.bill.set_terms(Terms(one.account_id, one.currency, one.rate))

    def do(self, step: Step, machine: str, claim: str) -> None:
        parts = self._parts(step, machine, claim)
        with self.world.store.transaction():
            for part in parts:
                if step.state is None:
                    self.world.meter.end(part, at=step.at)
                elif part.kind == "vm" or step.is_new:
                    self.world.meter.record(part, at=step.at)

    def add_strangers(self, account: Account, *, first: date, last: date) -> None:
        group = f"/subscriptions/{account.account_id}/resourceGroups/{demo_azure.DEMO_RESOURCE_GROUP}"
        for name, kind, amount in (
            ("stranger", "Microsoft.Compute/virtualMachines", "3.21987"),
            ("files", "Microsoft.Storage/storageAccounts", "0.37123"),
        ):
            for day in range(number_of(first), number_of(last) + 1):
                self._add(account, f"{group}/providers/{kind}/{name}", day, amount, 0.0)

    def correct(self, account: Account, machine: str, *, day: date, amount: str, visible_at: float) -> None:
        self._add(account, _vm_id(account, machine), number_of(day), amount, visible_at)

    def _add(self, account: Account, resource_id: str, day: int, amount: str, visible_at: float) -> None:
        line = Line(
            account.account_id,
            day,
            Decimal(amount),
            resource_id=resource_id,
            resource_group=demo_azure.DEMO_RESOURCE_GROUP,
        )
        with self.world.store.transaction():
            self.world.bill.add_cost(line, visible_at=visible_at)

    def raise_prices(self, number: int, *, valid_from: str) -> None:
        """All hours at once, and all disks."""
        with self.world.store.transaction():
            for key in self.world.prices.keys():  # noqa: SIM118  # no mapping
                found = self.world.prices.find(key, day=valid_from)
                if key.region == demo_azure.DEMO_LOCATION and found is not None:
                    self.world.prices.set(key, dearer(found[1]), valid_from=valid_from)

    def truth(self, account: Account, *, first: date, last: date, lag_s: float) -> Iterator[Cost]:
        settling_s = SETTLING_S if lag_s else 0.0
        with self.world.store.transaction():
            now = self.world.clock.now()
            lines = list(
                self.world.bill.lines(
                    account.account_id,
                    first_day=number_of(first),
                    last_day=number_of(last),
                    until=now - lag_s,
                    now=now,
                    settling_s=settling_s,
                )
            )
        for line in lines:
            yield Cost(day_of_number(line.day), _machine_in(line.resource_id), line.amount)

    def set_now(self, at: float) -> None:
        self.world.clock.set_now(at)

    def billing_calls(self) -> dict[str, int]:
        found = calls_by_name(self.handle.control.ledger())
        return {name: count for name, count in found.items() if name.startswith("query.")}

    def _parts(self, step: Step, machine: str, claim: str) -> tuple[AzurePart, AzurePart]:
        account, size = step.desktop.account, step.desktop.hardware.compute
        vm = {
            "power": _POWER.get(step.state, "running") if step.state else None,
            "provisioning": "Succeeded",
            "size": size,
            "license": "Windows_Client",
            "image": {"publisher": "MicrosoftWindowsDesktop"},
        }
        disk = {"sku": _DISKS.get(size, "Premium_LRS"), "gib": 127}
        tags = {"berth-claim": claim}
        vm_id = _vm_id(account, machine)
        disk_id = vm_id.replace("virtualMachines", "disks") + "-os"
        return (
            AzurePart("vm", vm_id, account.account_id, vm, tags),
            AzurePart("disk", disk_id, account.account_id, disk, tags),
        )


def _vm_id(account: Account, machine: str) -> str:
    return (
        f"/subscriptions/{account.account_id}/resourceGroups/{demo_azure.DEMO_RESOURCE_GROUP}"
        f"/providers/Microsoft.Compute/virtualMachines/{machine}"
    )


def _machine_in(resource_id: str) -> str:
    return resource_id.lower().rpartition("/")[2].removesuffix("-os")
