"""The drivers of the two clouds of the month: the contract of `webapp/clouds/base.py`, without a wire.

Each request waits for the account's rate, as the product's own drivers do, and then for its answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeVar

from tests.month.machines import BIN_S, Account, Clouds, Kind, Machine
from tests.month.timeline import START
from webapp.clouds.base import Access, Acted, Bundle, CoreAction, Created, Gate, Order
from webapp.clouds.reports import Check, DirectoryFacts, TestReport
from webapp.domain.connections import ConnectionState, Seen
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.rates import Rate

ANSWER_S = 0.3
"""How long each answer takes."""
FACTS = DirectoryFacts("code", "directory", "SimpleAD", None, can_reset_password=False)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Factory:
    clouds: Clouds
    kind: Kind
    bundles: Sequence[Bundle]

    @property
    def key(self) -> str:
        return self.kind.key

    @property
    def rate(self) -> Rate:
        return self.kind.rate

    def counts(self, operation: str) -> bool:
        return operation not in ("account", "claims")

    def warm(self, *, has_tests: bool) -> None: ...

    def __call__(self, access: Access, gate: Gate) -> "Driver":
        return Driver(self, self.clouds.accounts[access.account_id or ""], gate)


class Driver:
    rebuilds = moves = bills = prices = loads = people = passwords = resizes = messages = None
    snapshots = restores = disk_snapshots = disk_restores = hibernates = system_images = None

    def __init__(self, factory: Factory, account: Account, gate: Gate) -> None:
        kind = factory.kind
        self._factory, self._account, self._gate = factory, account, gate
        self._clouds, self._machines = factory.clouds, account.machines
        self.batch_size, self.look_size, self.page_size = kind.batch, kind.look_size, kind.look_size
        self.looks_at_all, self.lists_as_it_looks = kind.is_azure, not kind.is_azure
        self.connections = _Connections(self)
        self.spares = _Spares(self) if kind.is_azure else None
        self.signs_out = self.suspends = _OfAzure(self) if kind.is_azure else None

    def request(self, operation: str, effect: Callable[[], Answer]) -> Answer:
        """The answer says what is so when it is given."""
        self._gate(operation)
        if self._factory.counts(operation):
            stretch = int(self._clouds.timeline.now_s // BIN_S)
            self._account.calls[stretch, operation] += 1
        self._clouds.timeline.pause(ANSWER_S)
        return effect()

    def find(self, machine_id: str) -> Machine | None:
        return self._machines.get(machine_id)

    def prove_account(self) -> str:
        self._gate.know_account(self._account.account_id)
        return self.request("account", lambda: self._account.account_id)

    def create(self, orders: Sequence[Order]) -> Created:
        if not self._factory.kind.is_azure:
            return self.request("create", lambda: self._made(orders))
        made = Created({}, {})
        for order in orders:
            made.accepted.update(self.request("create", lambda one=order: self._made([one])).accepted)
        return made

    def _made(self, orders: Sequence[Order]) -> Created:
        accepted = {}
        for order in orders:
            machine = self._clouds.make(
                self._account, id_of(order.claim), order.claim, order.username, order.bundle_id
            )
            accepted[order.claim] = self._seen(machine, None)
        return Created(accepted, {})

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        found = self.request("look", lambda: self._looked(machines))
        if self._factory.kind.is_azure:
            # The machines of the pool besides its hosts; and what is new, singly.
            found = self.request("look", lambda: self._looked(machines))
            for _ in [one for one in machines if not one.was_usable]:
                self.request("look", lambda: None)
        return found

    def _looked(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        known = ((ref, self.find(ref.cloud_workspace_id)) for ref in machines)
        return {ref.cloud_workspace_id: self._seen(one, ref) for ref, one in known if one is not None}

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        one = self.find(machine.cloud_workspace_id)
        for follow_up in follow_ups:
            if one is None:
                continue
            if follow_up is FollowUp.ASSIGN:
                self.request("assign", lambda m=one: self._clouds.assign(m, machine.username))
            elif follow_up is FollowUp.SWITCH_ON:
                self.request("start", lambda m=one: self._clouds.start(m))
        return None

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        return self.request(
            "slot", lambda: [self._seen(one, None) for one in self._all() if one.username == slot.username]
        )

    def list_directory(self) -> Iterator[Observation]:
        pages = range(0, max(len(self._machines), 1), self.page_size)
        for first in pages:
            yield from self.request(
                "list",
                lambda at=first: [self._seen(one, None) for one in self._all()[at : at + self.page_size]],
            )

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        machine = self.find(cloud_workspace_id)
        return self.request("claim", lambda: machine.claim if machine is not None else None)

    def claims(self) -> dict[str, str]:
        return self.request("claims", lambda: {one.machine_id: one.claim for one in self._all()})

    def act(self, action: CoreAction, cloud_workspace_ids: Sequence[str]) -> Acted:
        size = 1 if self._factory.kind.is_azure else len(cloud_workspace_ids)
        for first in range(0, len(cloud_workspace_ids), size):
            batch = cloud_workspace_ids[first : first + size]
            self.request(action.value, lambda ids=batch: [self._do(action, one) for one in ids])
        return Acted({})

    def _do(self, action: CoreAction, machine_id: str) -> None:
        machine = self.find(machine_id)
        if machine is None:
            return
        if action is Action.START:
            self._clouds.start(machine)
        elif action is Action.STOP:
            self._clouds.stop(machine, by="Berth")
        elif action is Action.TERMINATE and machine.state is not CloudState.TERMINATING:
            self._clouds.end(self._account, machine)

    def list_bundles(self, *, today: date) -> list[Bundle]:
        return self.request("bundles", lambda: list(self._factory.bundles))

    def directory(self) -> DirectoryFacts:
        return FACTS

    def test(self) -> TestReport:
        account_id = self.prove_account()
        return TestReport([Check("key", "Key", is_ok=True, message="")], account_id, FACTS)

    def _all(self) -> list[Machine]:
        return list(self._machines.values())

    def _seen(self, machine: Machine, ref: MachineRef | None) -> Observation:
        """Of a listing there is no record, so it says of an Azure machine what a new one is."""
        state, follow_ups, has_host = machine.state, tuple[FollowUp, ...](), machine.kind.is_azure
        if has_host and ref is not None and state is not CloudState.PENDING:
            state, follow_ups = _judged(machine, ref)
        failure = Failure("launch_failed", Trouble.PERMANENT) if state is CloudState.ERROR else None
        return Observation(
            machine.machine_id,
            machine.username,
            state,
            state.name,
            failure,
            computer_name=machine.machine_id if has_host else None,
            running_mode=None if has_host else "AUTO_STOP",
            follow_ups=follow_ups,
            was_in_use=has_host and (bool(machine.assigned) or not machine.takes_sessions),
        )


def _judged(machine: Machine, ref: MachineRef) -> tuple[CloudState, tuple[FollowUp, ...]]:
    """What the rows of Azure's decision table say that can happen here."""
    state, is_new = machine.state, not ref.was_usable
    if state is CloudState.AVAILABLE and ref.username and not machine.assigned and not ref.is_suspended:
        return (CloudState.PENDING if is_new else CloudState.STARTING), (FollowUp.ASSIGN,)
    if state is CloudState.STOPPED and is_new and not machine.assigned and machine.takes_sessions:
        return CloudState.PENDING, (FollowUp.SWITCH_ON,)
    if state in (CloudState.STARTING, CloudState.STOPPING) and is_new and not machine.assigned:
        return CloudState.PENDING, ()
    return state, ()


class _Connections:
    remembers: bool

    def __init__(self, driver: Driver) -> None:
        kind = driver._account.kind
        self._driver, self.most, self.remembers = driver, 10_000 if kind.is_azure else 25, not kind.is_azure

    def read_connections(self, cloud_workspace_ids: Sequence[str]) -> dict[str, Seen]:
        def read() -> dict[str, Seen]:
            found = ((one, self._driver.find(one)) for one in cloud_workspace_ids)
            return {one: self._seen(machine) for one, machine in found if machine is not None}

        return self._driver.request("connections", read)

    def _seen(self, machine: Machine) -> Seen:
        state = ConnectionState.CONNECTED if machine.is_connected else ConnectionState.DISCONNECTED
        if machine.state is not CloudState.AVAILABLE and not machine.kind.is_azure:
            state = ConnectionState.UNKNOWN
        last_s = machine.last_connected_s if self.remembers else None
        return Seen(state, None if last_s is None else START + timedelta(seconds=last_s))


class _OfAzure:
    disables_users = False

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def sign_out(self, cloud_workspace_id: str, *, only_if_unused: bool = False) -> int | Seen:
        machine = self._driver.find(cloud_workspace_id)
        if machine is None:
            return 0
        seen = self.see_sessions(cloud_workspace_id)
        if only_if_unused and seen.state is ConnectionState.CONNECTED:
            return seen
        return self._driver.request("sign out", lambda: self._driver._clouds.sign_out(machine))

    def see_sessions(self, cloud_workspace_id: str) -> Seen:
        def read() -> ConnectionState:
            machine = self._driver.find(cloud_workspace_id)
            is_there = machine is not None and machine.is_connected
            return ConnectionState.CONNECTED if is_there else ConnectionState.DISCONNECTED

        return Seen(self._driver.request("sign out", read))

    def suspend(self, machine: MachineRef) -> None:
        one = self._driver.find(machine.cloud_workspace_id)
        if one is not None:
            self._driver.request("suspend", lambda: self._close(one))

    def _close(self, machine: Machine) -> None:
        machine.assigned, machine.takes_sessions = "", False
        machine.is_connected = False

    def leaves_running(self, machine: MachineRef) -> bool:
        return True

    def resume(self, machine: MachineRef) -> bool:
        one = self._driver.find(machine.cloud_workspace_id)
        if one is not None:
            self._driver.request("resume", lambda: self._driver._clouds.assign(one, machine.username))
        return False


class _Spares:
    made_of = "image/1"

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def machine_id_of(self, claim: str) -> str:
        return id_of(claim)

    def make_spares(self, orders: Sequence[Order]) -> Created:
        return self._driver.create(orders)


def id_of(claim: str) -> str:
    """A machine's name follows from its claim, as on Azure; another generation is another machine."""
    return f"m-{sha256(claim.encode()).hexdigest()[:20]}"


def bundles_by_id(bundles: Sequence[Bundle]) -> Mapping[str, Bundle]:
    return {one.bundle_id: one for one in bundles}
