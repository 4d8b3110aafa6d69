"""The scripted Azure with disks: Berth copies them at a moment, makes others of the copies, and swaps them.

As docs/evidence/azure_avd.md#snapshots-of-disks and docs/evidence/azure_avd.md#another-system-disk say.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.simulator.aims import Aim
from tests.simulator.cloud import ACCOUNTS, OUR_KEY, Cloud, Machine
from tests.simulator.processes import Hub
from webapp.domain.disk_restores import MachineDisk, Power
from webapp.domain.errors import Failure, Trouble
from webapp.domain.file_returns import Copy, CopyState
from webapp.domain.lifecycle import CloudState

COPIES_S, READY_S, LAGS_S = (5, 60, 300), (30, 300, 900), (0, 0, 30, 240)
OF_OTHERS = -1
"""The content of what somebody else has made."""
TAKEN = Failure("snapshot_name_taken", Trouble.EXISTS)
DISK_TAKEN = Failure("disk_name_taken", Trouble.EXISTS)
NOT_OURS = Failure("not_ours", Trouble.PERMANENT)
ABSENT = Failure("not_found", Trouble.ABSENT, "ResourceNotFound")
BUSY = Failure("operation_in_progress", Trouble.TRANSIENT, "Conflict")
WRONG_STATE = Failure("invalid_state", Trouble.PERMANENT, "OperationNotAllowed")
NOT_SWAPPED = Failure("cloud_fault", Trouble.PERMANENT, "InternalExecutionError")
REFUSALS = (
    Failure("cloud_fault", Trouble.TRANSIENT, "InternalServerError"),
    BUSY,
    Failure("invalid_request", Trouble.PERMANENT, "BadRequest"),
)
_POWER = {
    CloudState.AVAILABLE: Power.ON,
    CloudState.STARTING: Power.ON,
    CloudState.RESTARTING: Power.ON,
    CloudState.UNHEALTHY: Power.ON,
    CloudState.STOPPED: Power.OFF,
}


@dataclass(eq=False)
class Snapshot:
    name: str
    claim: str | None
    machine: str
    content: int
    taken_s: float
    ready_s: float
    visible_s: float
    has_failed: bool = False


@dataclass(eq=False)
class Disk:
    name: str
    claim: str | None
    content: int
    ready_s: float
    holder: str = ""
    has_failed: bool = False


@dataclass
class Facts:
    """Of a machine."""

    disk: str
    failure: Failure | None = None
    swapped_s: dict[str, float] = field(default_factory=dict)
    """When it got each disk."""
    up_s: float = 0.0
    """When it was last seen up."""
    returned: list[int] = field(default_factory=list)
    """The contents of former disks that were copied to it."""


class AzureLike(Cloud):
    """Azure's part."""

    prefix = "az"

    def __init__(self, hub: Hub, rng: Random, aim: Aim) -> None:
        super().__init__(hub, rng, aim)
        self.ready_s = (30, 120, 300)
        self.snapshots: dict[str, Snapshot] = {}
        self.kept: defaultdict[str, list[Snapshot]] = defaultdict(list)
        """Every one that there ever was, by name."""
        self.disks: dict[str, Disk] = {}
        self.facts: dict[str, Facts] = {}
        self.copies: dict[tuple[str, str], tuple[float, int]] = {}
        """When each copy of files is done, and of what."""
        self.by_hand: set[str] = set()
        """Names of snapshots and disks that somebody has deleted at the console."""
        self._writes = 0
        self.on_taken: Callable[[Snapshot], None] = lambda _snapshot: None
        self.on_ended: Callable[[Snapshot], None] = lambda _snapshot: None
        self.on_swapped: Callable[[Machine, Disk], None] = lambda _machine, _disk: None
        self.on_disk_ended: Callable[[Disk], None] = lambda _disk: None
        self.on_disk_made: Callable[[Disk, Snapshot], None] = lambda _disk, _snapshot: None

    # What is so

    def make(self, username: str, claim: str | None, account_id: str = ACCOUNTS[OUR_KEY]) -> Machine:
        machine = super().make(username, claim, account_id)
        disk = Disk(f"{machine.machine_id}-os", None, 0, self.hub.now_s, holder=machine.machine_id)
        self.disks[disk.name], self.facts[machine.machine_id] = disk, Facts(disk.name)
        return machine

    def _tick(self, machine: Machine) -> None:
        super()._tick(machine)
        facts = self.facts.get(machine.machine_id)
        if facts is None:
            return
        if machine.state is CloudState.AVAILABLE:
            facts.up_s = self.hub.now_s
        if machine.gone_s is not None:
            del self.facts[machine.machine_id]
            for disk in list(self.disks.values()):
                if disk.holder == machine.machine_id or (disk.claim and disk.claim == machine.claim):
                    del self.disks[disk.name]

    def find(self, machine_id: str) -> Machine | None:
        return next((one for one in self.living() if one.machine_id == machine_id), None)

    def work(self, machine: Machine) -> bool:
        """Its person writes something on it. False: not possible now."""
        if self.find(machine.machine_id) is None or machine.state is not CloudState.AVAILABLE:
            return False
        self._writes += 1
        self.disks[self.facts[machine.machine_id].disk].content = self._writes
        self.stats["writes"] += 1
        return True

    def refuses(self, what: str) -> Failure | None:
        if not self._happens(0.05):
            return None
        self.stats[f"{what} refused"] += 1
        return self.rng.choice(REFUSALS)

    # Snapshots

    def listed(self) -> list[Snapshot]:
        now_s = self.hub.now_s
        found = [one for one in self.snapshots.values() if one.claim and one.visible_s <= now_s]
        if found and self._happens(0.05):
            found.remove(self.rng.choice(found))  # a list may lag
        return found

    def take(self, machine_id: str, name: str, claim: str) -> Failure | None:
        there = self.snapshots.get(name)
        if there is not None:
            return None if there.claim == claim else TAKEN
        machine = self.find(machine_id)
        if machine is None:
            return ABSENT
        if (failure := self.refuses("snapshots")) is not None:
            return failure
        now_s = self.hub.now_s
        taken = Snapshot(
            name,
            claim,
            machine_id,
            self.disks[self.facts[machine_id].disk].content,
            now_s,
            now_s + self.rng.choice(READY_S),
            now_s + (self.rng.choice(LAGS_S) if self.has_faults else 0),
            has_failed=self._happens(0.03),
        )
        self.on_taken(taken)
        self.plant(taken)
        self.stats["snapshots taken"] += 1
        return None

    def plant(self, snapshot: Snapshot) -> None:
        self.snapshots[snapshot.name] = snapshot
        self.kept[snapshot.name].append(snapshot)

    def end_snapshot(self, name: str, claim: str) -> Failure | None:
        there = self.snapshots.get(name)
        if there is None:
            return ABSENT
        if there.claim != claim:
            return NOT_OURS
        if (failure := self.refuses("ends of snapshots")) is not None:
            return failure
        self.on_ended(there)
        del self.snapshots[name]
        self.stats["snapshots ended"] += 1
        return None

    def delete_by_hand(self, name: str) -> None:
        if self.disks.pop(name, None) is None:
            del self.snapshots[name]
        self.by_hand.add(name)
        self.stats["deleted by hand"] += 1

    # Disks

    def machine_disk(self, machine_id: str) -> MachineDisk | None:
        machine = self.find(machine_id)
        if machine is None:
            return None
        facts, power = self.facts[machine_id], _POWER.get(machine.state, Power.MOVING)
        return MachineDisk(facts.disk, power, machine.then is not None, facts.failure)

    def make_disk(self, name: str, machine_id: str, snapshot: str, claim: str) -> Failure | None:
        there, source = self.disks.get(name), self.snapshots.get(snapshot)
        if there is not None:
            return None if there.claim == claim else DISK_TAKEN
        if source is None or self.find(machine_id) is None:
            return ABSENT
        if (failure := self.refuses("disks")) is not None:
            return failure
        ready_s = self.hub.now_s + self.rng.choice(COPIES_S)
        made = Disk(name, claim, source.content, ready_s, has_failed=self._happens(0.03))
        self.on_disk_made(made, source)
        self.disks[name] = made
        self.stats["disks made"] += 1
        return None

    def use_disk(self, machine_id: str, name: str) -> Failure | None:
        """The swap of the system disk."""
        machine, disk = self.find(machine_id), self.disks.get(name)
        if machine is None or disk is None:
            return ABSENT
        facts = self.facts[machine_id]
        if facts.disk == name:
            return None
        if machine.then is not None or disk.ready_s > self.hub.now_s:
            return BUSY
        if machine.state is not CloudState.STOPPED or disk.holder:
            return WRONG_STATE
        if (failure := self.refuses("swaps")) is not None:
            return failure
        facts.failure = NOT_SWAPPED if self._happens(0.05) else None
        if facts.failure is not None:
            return None
        self.on_swapped(machine, disk)
        self.disks[facts.disk].holder, disk.holder = "", machine_id
        facts.disk, facts.swapped_s[name] = name, self.hub.now_s
        self.stats["swaps"] += 1
        return None

    def end_disk(self, name: str, claim: str) -> Failure | None:
        disk = self.disks.get(name)
        if disk is None:
            return None
        if disk.claim != claim or disk.holder:
            return NOT_OURS
        if (failure := self.refuses("ends of disks")) is not None:
            return failure
        self.on_disk_ended(disk)
        del self.disks[name]
        self.stats["disks ended"] += 1
        return None

    # Former disks

    def attach(self, machine_id: str, name: str) -> Failure | None:
        machine, disk = self.find(machine_id), self.disks.get(name)
        if machine is None or disk is None:
            return ABSENT
        if disk.holder == machine_id:
            return None
        if machine.state is not CloudState.AVAILABLE or disk.holder:
            return WRONG_STATE
        disk.holder = machine_id
        return None

    def detach(self, machine_id: str, name: str) -> Failure | None:
        disk = self.disks.get(name)
        if disk is not None and disk.holder == machine_id:
            disk.holder = ""
        return None

    def copy(self, machine_id: str, name: str) -> Failure | None:
        machine, disk = self.find(machine_id), self.disks.get(name)
        if machine is None or disk is None or disk.holder != machine_id:
            return ABSENT
        if machine.state is not CloudState.AVAILABLE:
            return WRONG_STATE
        if (machine_id, name) not in self.copies:
            self.copies[machine_id, name] = (self.hub.now_s + self.rng.choice(READY_S), disk.content)
            self.facts[machine_id].returned.append(disk.content)
            self.stats["files copied"] += 1
        return None

    def copy_of(self, machine_id: str, name: str) -> Copy | None:
        found = self.copies.get((machine_id, name))
        if found is None:
            return None
        return Copy(CopyState.DONE if found[0] <= self.hub.now_s else CopyState.RUNNING)
