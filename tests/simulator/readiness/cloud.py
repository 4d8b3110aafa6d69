"""The scripted cloud with all that desktops can become: connected, changed, moved, and made for nobody.

Amazon's part: one change at a time (docs/evidence/aws_workspaces.md#changing-a-desktop), moves without a
token (docs/evidence/aws_workspaces.md#migration). Azure's part, with a cloud of its own: machines without a
person, which follow from their claim (docs/evidence/azure_avd.md#personal-assignment).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.simulator.aims import Aim
from tests.simulator.cloud import ACCOUNTS, OUR_KEY, Cloud, Machine
from tests.simulator.processes import Hub, Process
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.resizes import QUIET, Resize, ResizeKind, with_volume

BUNDLES = {"wsb-1": "STANDARD", "wsb-2": "PERFORMANCE"}
CHANGEABLE = (CloudState.AVAILABLE, CloudState.STOPPED)
MOVABLE = (*CHANGEABLE, CloudState.ERROR)
CHANGES_S, MOVES_S = (200, 900, 3300), (300, 1500, 3300)
_NO_MACHINE = Failure("not_found", Trouble.ABSENT, "ResourceNotFoundException")
_WRONG_STATE = Failure("invalid_state", Trouble.PERMANENT, "InvalidResourceStateException")
_BUSY = Failure("operation_in_progress", Trouble.TRANSIENT, "OperationInProgressException")
_REFUSALS = (
    Failure("invalid_request", Trouble.PERMANENT, "InvalidParameterValuesException"),
    Failure("cloud_fault", Trouble.TRANSIENT, "InternalServerException"),
    _BUSY,
)


@dataclass
class Move:
    """Under way: the new machine, and what the old one is meanwhile."""

    target: Machine
    before: CloudState
    done_s: float
    fails: bool


@dataclass
class Facts:
    """What a machine is, besides its state."""

    bundle_id: str
    compute_type: str
    running_mode: str = "AUTO_STOP"
    auto_stop_minutes: int | None = 60
    volumes: str = "80/50"
    connected_s: float | None = None
    """Since when somebody is connected; None: nobody is."""
    left_s: float | None = None
    """When somebody was connected last."""
    up_s: float = 0.0
    """Since when it runs, if it does."""
    change: Resize | None = None
    change_s: float = 0.0
    """When it is done; afterwards, when it was."""
    change_fails: bool = False
    has_failed: bool = False
    move: Move | None = None
    assigned: str = ""
    """Who has it; nobody in particular, where the cloud assigns persons."""
    persons: set[str] = field(default_factory=set)
    """Whoever had it."""
    asked: dict[Process | None, tuple[float, bool]] = field(default_factory=dict)
    """When each process was last answered who is connected, and whether somebody was."""
    seen_assigned: dict[Process | None, bool] = field(default_factory=dict)
    """What each process was shown last."""


class ReadyCloud(Cloud):
    """Amazon's part."""

    bundle_id, compute_type = "wsb-1", "STANDARD"

    def __init__(self, hub: Hub, rng: Random, aim: Aim) -> None:
        super().__init__(hub, rng, aim)
        self.ready_s = (30, 120, 300, 900)
        self.may_see_connections = True
        self._facts: dict[str, Facts] = {}
        self.on_resize: Callable[[Machine, Resize], None] = lambda _machine, _resize: None
        self.on_resized = self.on_resize
        self.on_move: Callable[[Machine], None] = lambda _machine: None
        self.on_moved = self.on_move
        self.on_power: Callable[[Action, Machine], None] = lambda _action, _machine: None

    def facts(self, machine: Machine) -> Facts:
        return self._facts.setdefault(machine.machine_id, Facts(self.bundle_id, self.compute_type))

    def living(self, account_id: str = ACCOUNTS[OUR_KEY]) -> list[Machine]:
        for machine in list(self.machines.values()):
            self._pass(machine, self.facts(machine))
        return super().living(account_id)

    def _pass(self, machine: Machine, facts: Facts) -> None:
        """What time has done to it."""
        was = machine.state
        self._tick(machine)
        if machine.state is CloudState.AVAILABLE and was is not CloudState.AVAILABLE:
            facts.up_s = self.hub.now_s
        if machine.state is not CloudState.AVAILABLE:
            self._leave(facts)
        if facts.change is not None and self.hub.now_s >= facts.change_s:
            if not facts.change_fails:
                _become(facts, facts.change)
            facts.has_failed, facts.change = facts.change_fails, None
        if facts.move is not None and self.hub.now_s >= facts.move.done_s:
            self._finish(machine, facts, facts.move)

    def _finish(self, source: Machine, facts: Facts, move: Move) -> None:
        facts.move = None
        if source.state is CloudState.TERMINATING:
            return
        if move.fails:
            move.target.gone_s, source.state = self.hub.now_s, move.before
        else:
            self.end(source)

    # People

    def connect(self, machine: Machine) -> bool:
        """Its person comes; one that is stopped starts first. False: not possible now."""
        facts = self.facts(machine)
        if facts.change is not None or facts.move is not None or not machine.is_open:
            return False
        if machine.state is CloudState.STOPPED:
            machine.state, machine.then = CloudState.STARTING, CloudState.AVAILABLE
            machine.then_s = self.hub.now_s + self.rng.choice((30, 120, 400))
            self.stats["starts by a client"] += 1
            return True
        if machine.state is not CloudState.AVAILABLE or facts.connected_s is not None:
            return False
        facts.connected_s = self.hub.now_s
        self.stats["connections"] += 1
        return True

    def disconnect(self, machine: Machine) -> None:
        self._leave(self.facts(machine))

    def _leave(self, facts: Facts) -> None:
        if facts.connected_s is not None:
            facts.connected_s, facts.left_s = None, self.hub.now_s

    # Requests

    def act(self, action: Action, machine_id: str, secret: str) -> Failure | None:
        machine = self._shown(machine_id, secret)
        if machine is not None and action is not Action.TERMINATE:
            facts = self.facts(machine)
            if facts.change is not None or facts.move is not None:
                return _BUSY
            self.on_power(action, machine)
        failure = super().act(action, machine_id, secret)
        if failure is None:
            self.living()  # who was connected is not any more
        return failure

    def resize(self, machine_id: str, wanted: Resize, secret: str) -> Failure | None:
        machine = self._shown(machine_id, secret)
        if machine is None:
            return _NO_MACHINE
        self.on_resize(machine, wanted)
        facts = self.facts(machine)
        if facts.change is not None or facts.move is not None:
            return _BUSY
        if machine.state not in CHANGEABLE:
            return _WRONG_STATE
        if self._happens(0.2):
            self.stats["resizes refused"] += 1
            return self.rng.choice(_REFUSALS)
        self.on_resized(machine, wanted)
        self.stats[f"resizes: {wanted.kind}"] += 1
        if wanted.kind in QUIET:
            _become(facts, wanted)
            return None
        facts.change, facts.change_s = wanted, self.hub.now_s + self.rng.choice(CHANGES_S)
        facts.change_fails = self._happens(0.2)
        facts.has_failed = False
        self._leave(facts)
        return None

    def move(self, machine_id: str, bundle_id: str, secret: str) -> str | Failure:
        source = self._shown(machine_id, secret)
        if source is None:
            return _NO_MACHINE
        self.on_move(source)
        facts = self.facts(source)
        if facts.change is not None or facts.move is not None:
            return _BUSY
        if source.state not in MOVABLE:
            return _WRONG_STATE
        if self._happens(0.2):
            self.stats["moves refused"] += 1
            return self.rng.choice(_REFUSALS)
        self.on_moved(source)
        self.stats["moves"] += 1
        target = self.make(source.username, source.claim, source.account_id)
        done_s = self.hub.now_s + self.rng.choice(MOVES_S)
        target.ready_s, target.final = done_s, CloudState.AVAILABLE
        self._facts[target.machine_id] = Facts(
            bundle_id, BUNDLES[bundle_id], facts.running_mode, facts.auto_stop_minutes, facts.volumes
        )
        facts.move = Move(target, source.state, done_s, fails=self._happens(0.25))
        source.state, source.then = CloudState.MAINTENANCE, None
        self._leave(facts)
        return target.machine_id

    def _shown(self, machine_id: str, secret: str) -> Machine | None:
        return next((one for one in self.shown(secret) if one.machine_id == machine_id), None)


class SpareCloud(ReadyCloud):
    """Azure's part: who makes a machine assigns it to its person later."""

    prefix, bundle_id, compute_type = "az", "az-standard", "Standard_D4s_v5"

    def __init__(self, hub: Hub, rng: Random, aim: Aim) -> None:
        super().__init__(hub, rng, aim)
        self.image = "image 1"
        self.on_spare: Callable[[Machine], None] = lambda _machine: None
        self.on_assigned: Callable[[Machine, str], None] = lambda _machine, _username: None

    def make_spare(self, claim: str, machine_id: str) -> Machine | Failure:
        """The same claim makes the same machine."""
        self.sends[claim] += 1
        there = self.machines.get(machine_id)
        if there is not None and there.gone_s is None:
            return there
        if self._happens(self._aim.refused):
            self.stats["spares refused"] += 1
            return self.rng.choice(self._aim.refusals)
        machine = self.make("", claim)
        del self.machines[machine.machine_id]
        machine.machine_id, machine.tagged_s = machine_id, 0.0  # its order carries the tags
        if self._happens(0.05):
            machine.ready_s = float("inf")
        self.machines[machine_id] = machine
        self.stats["spares"] += 1
        self.on_spare(machine)
        return machine

    def assign(self, machine: Machine, username: str) -> None:
        """Given to its person by a call of ours."""
        facts = self.facts(machine)
        if facts.assigned in ("", username):
            self.on_assigned(machine, username)
            self._give(machine, username)

    def take_by_hand(self, machine: Machine, username: str) -> None:
        """Somebody gives it away at the cloud's own console."""
        self._give(machine, username)
        self.stats["spares taken by hand"] += 1

    def _give(self, machine: Machine, username: str) -> None:
        facts = self.facts(machine)
        facts.assigned = machine.username = username
        facts.persons.add(username)

    def switch_on(self, machine: Machine) -> None:
        if machine.state is CloudState.STOPPED:
            machine.state, machine.then = CloudState.STARTING, CloudState.AVAILABLE
            machine.then_s = self.hub.now_s + self.rng.choice((30, 120, 400))


def _become(facts: Facts, wanted: Resize) -> None:
    match wanted.kind:
        case ResizeKind.RUNNING_MODE:
            facts.running_mode = wanted.value
            facts.auto_stop_minutes = 60 if wanted.value == "AUTO_STOP" else None
        case ResizeKind.AUTO_STOP:
            facts.auto_stop_minutes = int(wanted.value)
        case ResizeKind.SIZE:
            facts.compute_type = wanted.value
        case ResizeKind.ROOT_VOLUME | ResizeKind.USER_VOLUME:
            facts.volumes = with_volume(facts.volumes, wanted.kind, wanted.value)
