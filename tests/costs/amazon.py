"""The simulated Amazon of the campaign."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sandbox.aws.accounts import Account as AmazonAccount
from sandbox.aws.accounts import Key
from sandbox.aws.bill import Line, Terms
from sandbox.aws.server import Handle
from sandbox.calendar_days import DAY_MS
from tests.costs.accounts import Account
from tests.costs.bills import LAG_S, Cost, calls_by_name, day_of_number, dearer, number_of
from tests.costs.life import Step
from webapp.domain.lifecycle import CloudState

_WORDS = {CloudState.MAINTENANCE: "REBUILDING"}


class Amazon:
    def __init__(self, handle: Handle, accounts: list[Account]) -> None:
        self.handle, self.world = handle, handle.world
        self.handle.control.set_settings(calls_per_s=0, bill_lag_s=LAG_S)
        with self.world.store.transaction():
            for one in accounts:
                key_id = one.public_fields["access_key_id"]
                self.world.accounts.add_account(AmazonAccount(one.account_id, 5000, "item"))
                self.world.accounts.add_key(
                    Key(key_id, one.secret, one.account_id, "berth", "active", (), None)
                )
                terms = Terms(one.account_id, one.currency, one.rate, has_resources=one.is_by_machine)
                self.world.bill.set_terms(terms)
                self.world.cost_tags.set_status(one.account_id, "berth-claim", is_active=True, at=0.0)

    def do(self, step: Step, machine: str, claim: str) -> None:
        desktop, hardware = step.desktop, step.desktop.hardware
        with self.world.store.transaction():
            self.world.meter.record(
                {
                    "workspace_id": machine,
                    "account_id": desktop.account.account_id,
                    "region": desktop.account.public_fields["region"],
                    "state": "TERMINATING" if step.state is None else _WORDS.get(step.state, step.state.name),
                    "running_mode": step.mode,
                    "compute": hardware.compute,
                    "root_gib": 80,
                    "user_gib": 50,
                    "os_name": hardware.system,
                    "gone_at": step.at if step.state is None else None,
                },
                at=step.at,
            )
            if step.is_new:
                self.world.meter.record_tags(machine, {"berth-claim": claim}, at=step.at)

    def add_strangers(self, account: Account, *, first: date, last: date) -> None:
        for day in range(number_of(first), number_of(last) + 1):
            line = Line(
                account.account_id, day, day * DAY_MS, Decimal("7.12345"), resource_id=_arn("ws-stranger1")
            )
            with self.world.store.transaction():
                self.world.bill.add_cost(line, visible_at=0)

    def correct(self, account: Account, machine: str, *, day: date, amount: str, visible_at: float) -> None:
        number = number_of(day)
        line = Line(
            account.account_id,
            number,
            (number + 1) * DAY_MS - 1,
            Decimal(amount),
            workspace_id=machine,
            resource_id=_arn(machine),
        )
        with self.world.store.transaction():
            self.world.bill.add_cost(line, visible_at=visible_at)

    def raise_prices(self, number: int, *, valid_from: str) -> None:
        """First the hour, then the month, of everything."""
        part = "hour" if number == 0 else "month"
        with self.world.store.transaction():
            for key in self.world.prices.list_keys():
                found = self.world.prices.find(key, day=valid_from)
                if key.part == part and found is not None:
                    self.world.prices.set(key, dearer(found), valid_from=valid_from)

    def truth(self, account: Account, *, first: date, last: date, lag_s: float) -> Iterator[Cost]:
        with self.world.store.transaction():
            now = self.world.clock.now()
            lines = self.world.bill.lines(
                account.account_id,
                first=number_of(first),
                end=number_of(last) + 1,
                until=now - lag_s,
                now=now,
            )
        for line in lines:
            yield Cost(day_of_number(line.day), line.workspace_id or "", line.total)

    def set_now(self, at: float) -> None:
        self.world.clock.set_now(at)

    def billing_calls(self) -> dict[str, int]:
        return calls_by_name(self.handle.control.ledger(service="ce"))


def _arn(machine: str) -> str:
    return f"arn:aws:workspaces:us-east-1:0:workspace/{machine}"
