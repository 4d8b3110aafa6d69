"""The scripted Amazon with what is on its desktops: it makes snapshots by the clock, and goes back to them.

As docs/evidence/aws_workspaces.md#snapshots says: the first within 30 minutes, then every 12 hours, of the
files always and of the system only while the desktop is healthy. Only the newest comes back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from tests.simulator.aims import Aim
from tests.simulator.cloud import ACCOUNTS, OUR_KEY, Cloud, Machine
from tests.simulator.driver import ScriptedDriver, ScriptedFactory
from tests.simulator.processes import START, Hub, Process
from webapp.clouds.base import Access, Gate
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.snapshots import Snapshots

FIRST_S, EVERY_S = (600, 1500, 1500, 7200), 12 * 3600.0
LASTS_S = (1800, 3600, 3600)
HEALTHY = (CloudState.AVAILABLE, CloudState.STOPPED)
RESTORABLE = (*HEALTHY, CloudState.UNHEALTHY, CloudState.ERROR)
NO_MACHINE = Failure("not_found", Trouble.ABSENT, "ResourceNotFoundException")
WRONG_STATE = Failure("invalid_state", Trouble.PERMANENT, "InvalidResourceStateException")
NO_SNAPSHOT = Failure("no_snapshot", Trouble.PERMANENT, "InvalidResourceStateException")
REFUSALS = (
    Failure("cloud_fault", Trouble.TRANSIENT, "InternalServerException"),
    Failure("operation_in_progress", Trouble.TRANSIENT, "OperationInProgressException"),
    Failure("invalid_request", Trouble.PERMANENT, "InvalidParameterValuesException"),
)


def moment(at_s: float) -> datetime:
    return START + timedelta(seconds=at_s)


@dataclass(frozen=True)
class Taken:
    """A snapshot: which contents it has of each disk."""

    at_s: float
    system: int | None
    """None: of the files alone."""
    files: int


@dataclass
class Disks:
    """What is on a machine, and what was kept of it."""

    system: int = 0
    files: int = 0
    next_s: float | None = None
    taken: list[Taken] = field(default_factory=list)

    def newest(self, action: Action) -> Taken | None:
        found = [one for one in self.taken if action is Action.REBUILD or one.system is not None]
        return found[-1] if found else None

    def near(self, at_s: float, action: Action) -> Taken | None:
        """The one of this moment."""
        found = [one for one in self.taken if action is Action.REBUILD or one.system is not None]
        return next((one for one in found if abs(one.at_s - at_s) < 1.0), None)


class AmazonLike(Cloud):
    """Amazon's part."""

    def __init__(self, hub: Hub, rng: Random, aim: Aim) -> None:
        super().__init__(hub, rng, aim)
        self.ready_s = (30, 120, 300)
        self._disks: dict[str, Disks] = {}
        self._writes = 0
        self.asked: dict[Process | None, dict[str, Taken | None]] = {}
        """The newest of both disks, as each process was answered last."""
        self.on_back: Callable[[Action, Machine, Taken], None] = lambda _action, _machine, _taken: None

    def work(self, machine: Machine) -> bool:
        """Its person writes something on it. False: not possible now."""
        disks = self.disks(machine)
        if machine.state is not CloudState.AVAILABLE:
            return False
        self._writes += 1
        disks.system = disks.files = self._writes
        self.stats["writes"] += 1
        return True

    def disks(self, machine: Machine) -> Disks:
        """As they are now, with what the clock has kept of them."""
        self._tick(machine)
        disks, now_s = self._disks.setdefault(machine.machine_id, Disks()), self.hub.now_s
        if disks.next_s is None and machine.state is CloudState.AVAILABLE:
            disks.next_s = now_s + self.rng.choice(FIRST_S)
        while disks.next_s is not None and now_s >= disks.next_s:
            if machine.state in RESTORABLE:
                system = disks.system if machine.state in HEALTHY else None
                disks.taken.append(Taken(disks.next_s, system, disks.files))
                self.stats["snapshots by the cloud"] += 1
            disks.next_s += EVERY_S
        return disks

    def living(self, account_id: str = ACCOUNTS[OUR_KEY]) -> list[Machine]:
        found = super().living(account_id)
        for machine in found:
            self.disks(machine)
        return found

    def act(self, action: Action, machine_id: str, secret: str) -> Failure | None:
        if action is not Action.REBUILD:
            return super().act(action, machine_id, secret)
        return self.take_back(action, machine_id, secret)

    def take_back(self, action: Action, machine_id: str, secret: str) -> Failure | None:
        """Restore or rebuild, which are over in about an hour."""
        machine = next((one for one in self.shown(secret) if one.machine_id == machine_id), None)
        if machine is None:
            return NO_MACHINE
        self.on_act(action, machine)
        disks = self.disks(machine)
        newest = disks.newest(action)
        if machine.state not in RESTORABLE or machine.then is not None:
            return WRONG_STATE
        if newest is None:
            return NO_SNAPSHOT
        if self._happens(0.1):
            self.stats["restores refused"] += 1
            return self.rng.choice(REFUSALS)
        self.on_back(action, machine, newest)
        self.stats[f"{action}s begun"] += 1
        self._writes += 1
        disks.files = newest.files
        disks.system = newest.system if action is Action.RESTORE and newest.system else self._writes
        machine.state = CloudState.MAINTENANCE
        machine.then = CloudState.ERROR if self._happens(0.05) else CloudState.AVAILABLE
        machine.then_s = self.hub.now_s + self.rng.choice(LASTS_S)
        return None


class AmazonFactory(ScriptedFactory):
    def __call__(self, access: Access, gate: Gate) -> "AmazonDriver":
        assert isinstance(self.cloud, AmazonLike)
        return AmazonDriver(self.cloud, access, gate, self.attempts)


class AmazonDriver(ScriptedDriver):
    most_a_round = 10

    def __init__(self, cloud: AmazonLike, access: Access, gate: Gate, attempts: int) -> None:
        super().__init__(cloud, access, gate, attempts)
        self.amazon = cloud
        self.restores = self.snapshots = self

    def restore(self, cloud_workspace_id: str) -> None:
        def do() -> None:
            failure = self.amazon.take_back(Action.RESTORE, cloud_workspace_id, self._secret)
            if failure is not None:
                raise CloudError(failure)

        self.request("restore", do, may_be_lost=True)

    def read_snapshots(self, cloud_workspace_id: str) -> Snapshots:
        def read() -> Snapshots:
            shown = self.amazon.shown(self._secret)
            machine = next((one for one in shown if one.machine_id == cloud_workspace_id), None)
            if machine is None:
                raise CloudError(NO_MACHINE)
            disks = self.amazon.disks(machine)
            files, both = disks.newest(Action.REBUILD), disks.newest(Action.RESTORE)
            asked = self.amazon.asked.setdefault(self.amazon.hub.current, {})
            asked[cloud_workspace_id] = both
            return Snapshots(files and moment(files.at_s), both and moment(both.at_s))

        return self.request("read_snapshots", read)
