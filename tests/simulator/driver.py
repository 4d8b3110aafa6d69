"""The driver of the scripted cloud: the contract of `webapp/clouds/base.py`, with a point at each border."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from inspect import unwrap
from typing import TypeVar

from tests.simulator.cloud import ACCOUNTS, Cloud, Machine
from tests.simulator.directory_calls import OPERATIONS, DirectoryCalls
from webapp.clouds.aws_workspaces import client as aws_client
from webapp.clouds.aws_workspaces.sessions import Keys
from webapp.clouds.base import Access, Acted, Bundle, Created, Gate, Moves, Order, Rebuilds, Restores
from webapp.clouds.connections import ReadsConnections
from webapp.clouds.disk_restores import RestoresDisks
from webapp.clouds.disk_snapshots import KeepsDiskSnapshots
from webapp.clouds.reports import Check, DirectoryFacts, TestReport
from webapp.clouds.resizing import Resizes
from webapp.clouds.snapshots import ReadsSnapshots
from webapp.clouds.spares import MakesSpares
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.rates import Rate

Answer = TypeVar("Answer")
BUNDLE = Bundle(
    bundle_id="wsb-1",
    name="Standard",
    description="",
    owner="amazon",
    compute_type="STANDARD",
    vcpus=2,
    memory_gib=4,
    root_storage_gib=80,
    user_storage_gib=50,
    operating_system="Ubuntu 22.04",
    workspace_type="ubuntu",
)


def attempts_of_the_sdk() -> int:
    """How often the product's own SDK client sends a request whose answer was lost."""
    # A session of tests keeps clients; one that was made before the defence was lost would hide the loss.
    make = unwrap(aws_client._make)  # pyright: ignore[reportPrivateUsage]
    keys = Keys("x", "x")
    client = make("workspaces", region="eu-central-1", keys=keys, endpoint_url=None, read_timeout_s=1)
    return int(client.meta.config.retries["total_max_attempts"])


@dataclass(frozen=True)
class ScriptedFactory:
    cloud: Cloud
    attempts: int
    key: str = "aws"
    rate: Rate = Rate(per_s=2.0, burst=4)

    def warm(self, *, has_tests: bool) -> None: ...

    def counts(self, operation: str) -> bool:
        return operation not in ("account", "claims", *OPERATIONS)

    def __call__(self, access: Access, gate: Gate) -> "ScriptedDriver":
        return ScriptedDriver(self.cloud, access, gate, self.attempts)


class ScriptedDriver:
    batch_size = look_size = page_size = 25
    looks_at_all = False
    lists_as_it_looks = True

    messages = hibernates = system_images = signs_out = bills = prices = loads = None
    restores: Restores | None = None
    snapshots: ReadsSnapshots | None = None
    disk_snapshots: KeepsDiskSnapshots | None = None
    disk_restores: RestoresDisks | None = None
    moves: Moves | None = None
    connections: ReadsConnections | None = None
    spares: MakesSpares | None = None
    resizes: Resizes | None = None

    @property
    def rebuilds(self) -> Rebuilds | None:
        return self

    def rebuild(self, cloud_workspace_id: str) -> Failure | None:
        def do() -> Failure | None:
            return self._cloud.act(Action.REBUILD, cloud_workspace_id, self._secret)

        return self.request(Action.REBUILD.value, do, may_be_lost=True)

    def __init__(self, cloud: Cloud, access: Access, gate: Gate, attempts: int) -> None:
        self._cloud, self._gate, self._attempts = cloud, gate, attempts
        self._access, self._secret = access, access.secret.reveal()
        directory, calls = cloud.directory, None
        if directory is not None:
            calls = DirectoryCalls(cloud, directory, access, self.request)
        self.people = calls and calls.people
        self.passwords = calls and calls.passwords
        self.suspends = calls and calls.suspends

    def prove_account(self) -> str:
        account_id = self.request("account", lambda: ACCOUNTS[self._secret])
        self._gate.know_account(account_id)
        return account_id

    def create(self, orders: Sequence[Order]) -> Created:
        return self.request("create", lambda: self._create(orders), may_be_lost=True)

    def _create(self, orders: Sequence[Order]) -> Created:
        if not self._cloud.may_create:
            raise CloudError(Failure("access_denied", Trouble.CREDENTIAL, "AccessDeniedException"))
        made = Created(accepted={}, refused={})
        for order in orders:
            result = self._cloud.create(order.username, order.claim, self._secret)
            if isinstance(result, Machine):
                made.accepted[order.claim] = self.observation(result)
            else:
                made.refused[order.claim] = result
        return made

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        refs = {one.cloud_workspace_id: one for one in machines}

        def read() -> dict[str, Observation]:
            found = [one for one in self._cloud.shown(self._secret) if one.machine_id in refs]
            for one in found:
                self._cloud.on_looked(one)
            return {one.machine_id: self.observation(one, refs[one.machine_id]) for one in found}

        return self.request("look", read)

    def observation(self, machine: Machine, ref: MachineRef | None = None) -> Observation:
        """As the cloud shows it. `ref`: who asks, and what for; None: a listing."""
        failure = Failure("launch_failed", Trouble.PERMANENT) if machine.state.value == "error" else None
        return Observation(
            machine.machine_id, machine.username, machine.state, machine.state.value.upper(), failure
        )

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        return None

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        return self.request(
            "look_in_slot",
            lambda: [
                self.observation(one)
                for one in self._cloud.shown(self._secret)
                if one.username == slot.username
            ],
        )

    def list_directory(self) -> Iterator[Observation]:
        yield from self.request(
            "list_directory", lambda: [self.observation(one) for one in self._cloud.shown(self._secret)]
        )

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        def read() -> str | None:
            machine = self._cloud.machines[cloud_workspace_id]
            return machine.claim if machine.tagged_s <= self._cloud.hub.now_s else None

        return self.request("claim_of", read)

    def claims(self) -> dict[str, str]:
        def read() -> dict[str, str]:
            now_s, shown = self._cloud.hub.now_s, self._cloud.shown(self._secret)
            return {one.machine_id: one.claim for one in shown if one.claim and one.tagged_s <= now_s}

        return self.request("claims", read)

    def act(self, action: Action, cloud_workspace_ids: Sequence[str]) -> Acted:
        def do() -> Acted:
            results = {one: self._cloud.act(action, one, self._secret) for one in cloud_workspace_ids}
            return Acted({one: failure for one, failure in results.items() if failure is not None})

        return self.request(action.value, do, may_be_lost=True)

    def list_bundles(self, *, today: date) -> list[Bundle]:
        return self.request("list_bundles", lambda: [BUNDLE])

    def directory(self) -> DirectoryFacts:
        if self._cloud.directory is not None:
            return self._cloud.directory.facts
        return DirectoryFacts("code", "directory", "SimpleAD", None, can_reset_password=False)

    def test(self) -> TestReport:
        try:
            account_id = self.prove_account()
        except CloudError as error:
            return TestReport([Check("key", "Key", is_ok=False, message="")], failure=error.failure)
        if self._access.account_id not in (None, account_id):
            failure = Failure("account_mismatch", Trouble.CREDENTIAL)
            return TestReport([Check("account", "Account", is_ok=False, message="")], failure=failure)
        return TestReport([Check("key", "Key", is_ok=True, message="")], account_id, self.directory())

    def request(self, operation: str, effect: Callable[[], Answer], *, may_be_lost: bool = False) -> Answer:
        """One request, as often as the SDK sends it. A process that sleeps here has signed already."""
        self._gate(operation)
        hub, left = self._cloud.hub, self._attempts
        if operation in OPERATIONS and self._cloud.directory is not None:
            self._cloud.directory.stats["directory calls"] += 1
        while True:
            left -= 1
            signed_s = hub.now_s
            hub.point(f"{operation} signed")
            try:
                self._cloud.admit(self._secret, signed_s)
                answer = effect()
                if may_be_lost:
                    self._cloud.lose_answer()
            except CloudError as error:
                hub.point(f"{operation} failed")
                if left > 0 and error.failure.trouble is Trouble.UNKNOWN:
                    continue
                raise
            hub.point(f"{operation} answered")
            return answer
