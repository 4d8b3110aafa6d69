"""A driver on its stage, with what a test of the contract needs to do and to know."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from tests.stages import Stage
from webapp.clouds.base import CloudDriver, Order
from webapp.domain.lifecycle import USABLE, Action, CloudState
from webapp.domain.observation import MachineRef, Observation
from webapp.providers.registry import get_provider

TODAY = date(2026, 11, 24)

INSTALLATION = "contract"
STEP_S, MOST_STEPS = 60.0, 180


class OpenGate:
    """No rate limit; writes down what passes."""

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.inside: list[str] = []

    def __call__(self, operation: str) -> None:
        self.operations.append(operation)

    def know_account(self, account_id: str) -> None: ...

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        self.inside.append(name)
        yield


@dataclass
class Play:
    stage: Stage
    driver: CloudDriver
    gate: OpenGate
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    def order(self, *, generation: int = 1) -> Order:
        number = next(self._numbers)
        return Order(
            f"{INSTALLATION}/row{number}/{generation}",
            self.stage.username(number),
            self.stage.bundle_id,
            get_provider(self.stage.cloud).desktops.running_mode,
            {"berth-workspace": str(number)},
        )

    def fault(self, kind: str, operation: str, *, times: int = 1, **more: object) -> None:
        self.stage.control.add_fault(kind, operation=self.stage.operations[operation], times=times, **more)

    def make(self, order: Order | None = None) -> tuple[Order, str]:
        """Order one; the order and its machine's id."""
        order = order or self.order()
        created = self.driver.create([order])
        return order, created.accepted[order.claim].cloud_workspace_id

    def usable(self, order: Order | None = None) -> tuple[Order, str]:
        """The same, and wait until it can be used, doing what the driver says it needs."""
        order, machine_id = self.make(order)
        self.until(machine_id, order, CloudState.AVAILABLE, was_usable=False)
        return order, machine_id

    def look(self, machine_id: str, order: Order, *, was_usable: bool = True) -> Observation | None:
        known = MachineRef(machine_id, order.username, was_usable=was_usable)
        return self.driver.look([known]).get(machine_id)

    def until(
        self, machine_id: str, order: Order, state: CloudState, *, was_usable: bool = True
    ) -> list[CloudState]:
        """Let time pass, as the engine would, until the machine is in this state; the states on the way."""
        passed: list[CloudState] = []
        for _ in range(MOST_STEPS):
            seen = self.look(machine_id, order, was_usable=was_usable)
            if seen is not None:
                passed.append(seen.state)
                if seen.state is state:
                    return passed
                if seen.follow_ups:
                    known = MachineRef(machine_id, order.username, was_usable=was_usable)
                    assert self.driver.do_follow_ups(known, seen.follow_ups) is None
            self.stage.control.advance(STEP_S)
        raise AssertionError(f"never {state}: {passed}")

    def end(self, machine_id: str, order: Order) -> None:
        """Ask it to end again and again, as the engine would, until its slot is empty."""
        for _ in range(MOST_STEPS):
            if not self.driver.look_in_slot(MachineRef(machine_id, order.username)):
                return
            self.driver.act(Action.TERMINATE, [machine_id])
            self.stage.control.advance(STEP_S)
        raise AssertionError("it does not end")

    def living(self) -> set[str]:
        return {one["name"] for one in self.stage.machines()}


def is_usable(seen: Observation | None) -> bool:
    return seen is not None and seen.state in USABLE
