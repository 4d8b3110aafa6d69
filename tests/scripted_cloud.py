"""A cloud that follows a script, in memory: whatever a real cloud may do, at the moment a test wants it.

It implements the driver's contract (`webapp/clouds/base.py`), so that the real engine runs against it at
the speed of a function call. It keeps the promises that the engine relies on and no more: one machine per
user name, claims written by the create itself, and whatever a create makes is listed within the settle time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from webapp.clouds.base import Access, Acted, Bundle, CloudDriver, Created, Gate, Order, Rebuilds
from webapp.clouds.reports import DirectoryFacts
from webapp.clouds.reports import TestReport as Report
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.rates import Rate
from webapp.domain.usernames import username_key

ACCOUNT_ID = "111122223333"
BUNDLE_ID = "wsb-scripted0"

FAILURES: dict[str, Failure] = {
    "throttled": Failure("throttled", Trouble.THROTTLED),
    "lost": Failure("answer_lost", Trouble.UNKNOWN),
    "unreachable": Failure("cloud_unreachable", Trouble.TRANSIENT),
    "busy": Failure("resource_unavailable", Trouble.TRANSIENT),
    "denied": Failure("access_denied", Trouble.CREDENTIAL),
    "bad_key": Failure("invalid_key", Trouble.CREDENTIAL),
    "quota": Failure("quota_reached", Trouble.QUOTA),
    "invalid": Failure("invalid_request", Trouble.PERMANENT),
    "not_found": Failure("not_found", Trouble.ABSENT),
    "taken": Failure("username_taken", Trouble.EXISTS),
}
"""How calls and items may fail, by a short name."""

FAULTS = ("throttled", "lost", "lost_after", "late", "unreachable", "busy", "denied", "quota", "invalid")
"""What may befall a whole call. `lost_after`: it had its effect all the same; `late`: it has it later."""
ITEM_FAULTS = (
    "throttled",
    "busy",
    "denied",
    "quota",
    "invalid",
    "not_found",
    "taken",
    "omitted",
    "omitted_made",
)
"""What may befall one item. Omitted: the answer does not mention it, made or not."""
LATE_S = 600.0
"""How much later a late create has its effect, in seconds; together with the lag below the settle time."""

_MOVES = {
    CloudState.PENDING: CloudState.AVAILABLE,
    CloudState.STARTING: CloudState.AVAILABLE,
    CloudState.STOPPING: CloudState.STOPPED,
    CloudState.RESTARTING: CloudState.AVAILABLE,
    CloudState.MAINTENANCE: CloudState.AVAILABLE,
    CloudState.SUSPENDED: CloudState.AVAILABLE,
    CloudState.UNKNOWN: CloudState.AVAILABLE,
}
_ASKED = {
    Action.START: CloudState.STARTING,
    Action.STOP: CloudState.STOPPING,
    Action.RESTART: CloudState.RESTARTING,
    Action.REBUILD: CloudState.MAINTENANCE,
    Action.TERMINATE: CloudState.TERMINATING,
}


@dataclass(slots=True)
class Machine:
    cloud_workspace_id: str
    username: str
    claim: str | None
    """None: somebody else's."""
    state: CloudState = CloudState.PENDING
    shown_from_s: float = 0.0
    is_hidden: bool = False
    """The cloud does not list it, and its slot is taken all the same."""


@dataclass(slots=True)
class ScriptedCloud:
    """One account with one directory; also the factory of its drivers."""

    key: str = "aws"
    rate: Rate = Rate(per_s=1000.0, burst=1000)
    elapsed_s: float = 0.0
    machines: dict[str, Machine] = field(default_factory=dict)
    births: list[str] = field(default_factory=list)
    """The claims of all machines ever made, in order."""
    faults: list[str] = field(default_factory=list)
    """What befalls the next calls, one after the other."""
    create_faults: list[str] = field(default_factory=list)
    """What befalls the next creates, before any of the others."""
    item_faults: dict[str, str] = field(default_factory=dict)
    """What befalls the next item of this user name, or of this machine."""
    lag_s: float = 0.0
    """How long a new machine is not listed."""
    is_key_good: bool = True
    can_rebuild: bool = True
    is_calm: bool = False
    """Everything that is under way comes to its end when time passes."""
    sent: list[str] = field(default_factory=list)
    """The operations in their order."""
    _late: list[tuple[float, Order]] = field(default_factory=list)
    _made: int = 0

    def counts(self, operation: str) -> bool:
        return True

    def warm(self, *, has_tests: bool) -> None: ...

    def __call__(self, access: Access, gate: Gate) -> CloudDriver:
        return ScriptedDriver(self, gate)

    # The script

    def advance(self, seconds: float) -> None:
        """Time passes; late creates arrive."""
        self.elapsed_s += seconds
        due = [order for at_s, order in self._late if at_s <= self.elapsed_s]
        self._late = [one for one in self._late if one[0] > self.elapsed_s]
        for order in due:
            self.make(order)
        if self.is_calm:
            self._settle()

    def make(self, order: Order) -> Machine | None:
        """None when the slot is taken."""
        if self.slot(order.username):
            return None
        self._made += 1
        machine = Machine(
            f"ws-{self._made:09d}",
            order.username,
            order.claim or None,
            shown_from_s=self.elapsed_s + self.lag_s,
        )
        self.machines[machine.cloud_workspace_id] = machine
        if order.claim:
            self.births.append(order.claim)
        return machine

    def make_foreign(self, username: str) -> Machine | None:
        """Somebody else makes a machine."""
        machine = self.make(Order("", username, BUNDLE_ID, "AUTO_STOP"))
        if machine is not None:
            machine.state = CloudState.AVAILABLE
        return machine

    def slot(self, username: str) -> list[Machine]:
        return [one for one in self.machines.values() if username_key(one.username) == username_key(username)]

    def of_row(self, uid: str) -> list[Machine]:
        """Every machine made for this row, whatever its generation."""
        return [one for one in self.machines.values() if one.claim and one.claim.split("/")[1] == uid]

    def remove(self, cloud_workspace_id: str) -> None:
        del self.machines[cloud_workspace_id]

    def calm(self) -> None:
        """No more faults; what is not listed does not exist."""
        self.faults.clear()
        self.item_faults.clear()
        self.is_calm = self.is_key_good = True
        for machine in [one for one in self.machines.values() if one.is_hidden]:
            self.remove(machine.cloud_workspace_id)

    def _settle(self) -> None:
        for machine in list(self.machines.values()):
            if machine.state is CloudState.TERMINATING:
                self.remove(machine.cloud_workspace_id)
            else:
                machine.state = _MOVES.get(machine.state, machine.state)


class ScriptedDriver:
    """One run's view of the scripted cloud."""

    batch_size = look_size = page_size = 25
    looks_at_all = False
    lists_as_it_looks = True

    messages = hibernates = None
    signs_out = moves = bills = prices = connections = loads = people = passwords = suspends = None
    spares = resizes = snapshots = restores = disk_snapshots = disk_restores = system_images = None

    @property
    def rebuilds(self) -> Rebuilds | None:
        return self if self._cloud.can_rebuild else None

    def rebuild(self, cloud_workspace_id: str) -> Failure | None:
        return self.act(Action.REBUILD, [cloud_workspace_id]).refused.get(cloud_workspace_id)

    def __init__(self, cloud: ScriptedCloud, gate: Gate) -> None:
        self._cloud, self._gate = cloud, gate

    def prove_account(self) -> str:
        self._call("prove_account")
        return ACCOUNT_ID

    def create(self, orders: Sequence[Order]) -> Created:
        cloud = self._cloud
        fault = self._call("create")
        if fault == "late":
            cloud._late += [(cloud.elapsed_s + LATE_S, order) for order in orders]
            raise CloudError(FAILURES["lost"])
        created = Created({}, {})
        for order in orders:
            self._create_one(order, created)
        if fault is not None:
            raise CloudError(FAILURES["lost"])
        return created

    def _create_one(self, order: Order, created: Created) -> None:
        fault = self._cloud.item_faults.pop(order.username, None)
        if fault == "omitted":
            return
        if fault not in (None, "omitted_made"):
            created.refused[order.claim] = FAILURES[fault or ""]
            return
        machine = self._cloud.make(order)
        if fault == "omitted_made":
            return
        if machine is None:
            created.refused[order.claim] = FAILURES["taken"]
        else:
            created.accepted[order.claim] = _observation(machine)

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        self._read("look")
        ids = [one.cloud_workspace_id for one in machines]
        return {one: _observation(self._cloud.machines[one]) for one in ids if self._shows(one)}

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        return None

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        self._read("look_in_slot")
        machines = self._cloud.slot(slot.username)
        return [_observation(one) for one in machines if self._shows(one.cloud_workspace_id)]

    def list_directory(self) -> Iterator[Observation]:
        self._read("list_directory")
        return iter(
            [_observation(self._cloud.machines[one]) for one in self._cloud.machines if self._shows(one)]
        )

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        self._read("claim_of")
        machine = self._cloud.machines.get(cloud_workspace_id)
        return machine.claim if machine else None

    def claims(self) -> dict[str, str]:
        self._read("claims")
        machines = self._cloud.machines.values()
        return {one.cloud_workspace_id: one.claim for one in machines if one.claim}

    def act(self, action: Action, cloud_workspace_ids: Sequence[str]) -> Acted:
        fault = self._call(action.value)
        if fault == "late":
            raise CloudError(FAILURES["lost"])
        refused = {}
        for cloud_id in cloud_workspace_ids:
            item = self._cloud.item_faults.pop(cloud_id, None)
            if item in FAILURES:
                refused[cloud_id] = FAILURES[item]
            elif not self._shows(cloud_id):
                refused[cloud_id] = FAILURES["not_found"]
            elif self._cloud.machines[cloud_id].state is not CloudState.TERMINATING:
                self._cloud.machines[cloud_id].state = _ASKED[action]
        if fault is not None:
            raise CloudError(FAILURES["lost"])
        return Acted(refused)

    def list_bundles(self, *, today: date) -> list[Bundle]:
        self._read("list_bundles")
        return [
            Bundle(BUNDLE_ID, "Standard", "", "amazon", "STANDARD", 2, 4, 80, 50, "Ubuntu 22.04", "ubuntu")
        ]

    def directory(self) -> DirectoryFacts:
        self._read("directory")
        return DirectoryFacts("WScripted", "corp.example", "SIMPLE_AD", None, False)

    def test(self) -> Report:
        return (
            Report([], account_id=ACCOUNT_ID)
            if self._cloud.is_key_good
            else Report([], failure=FAILURES["bad_key"])
        )

    def _read(self, operation: str) -> None:
        if self._call(operation) is not None:
            raise CloudError(FAILURES["lost"])

    def _call(self, operation: str) -> str | None:
        """Pass the gate and meet the next fault; None, or how the answer of a call with effect is lost."""
        cloud = self._cloud
        self._gate(operation)
        cloud.sent.append(operation)
        if not cloud.is_key_good:
            raise CloudError(FAILURES["bad_key"])
        is_chosen = operation == "create" and cloud.create_faults
        queue = cloud.create_faults if is_chosen else cloud.faults
        fault = queue.pop(0) if queue else None
        if fault in FAILURES:
            raise CloudError(FAILURES[fault])
        return fault

    def _shows(self, cloud_workspace_id: str) -> bool:
        machine = self._cloud.machines.get(cloud_workspace_id)
        return machine is not None and not machine.is_hidden and machine.shown_from_s <= self._cloud.elapsed_s


def _observation(machine: Machine) -> Observation:
    return Observation(
        machine.cloud_workspace_id, machine.username, machine.state, machine.state.value.upper()
    )
