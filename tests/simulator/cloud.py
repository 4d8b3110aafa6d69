"""A scripted cloud in memory: machines with clocked lives, faults by chance, and a key that can break.

It behaves like Amazon WorkSpaces: one machine per user and directory
(docs/evidence/aws_workspaces.md#one-desktop-per-user), a create without idempotency token
(docs/evidence/aws_workspaces.md#no-create-token), machines and their tags that show up late
(docs/evidence/aws_workspaces.md#late-visibility), refusals of single items.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.simulator.aims import ANYWHERE, Aim
from tests.simulator.directory import Directory
from tests.simulator.processes import Hub
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState

OUR_KEY, OTHER_KEY = "A" * 40, "B" * 40
"""The second belongs to another account, in which nothing of ours stands."""
KEY_IDS = {OUR_KEY: "AKIA" + "A" * 16, OTHER_KEY: "AKIA" + "B" * 16}
ACCOUNTS = {OUR_KEY: "111111111111", OTHER_KEY: "222222222222"}
SIGNATURE_LASTS_S = 900.0
"""So long AWS accepts a signed request at most (docs/evidence/aws_workspaces.md#signature-window)."""

THROTTLED = CloudError(Failure("throttled", Trouble.THROTTLED, "ThrottlingException"))


@dataclass(eq=False)
class Machine:
    machine_id: str
    username: str
    claim: str | None
    """None: somebody made it by hand."""
    account_id: str
    visible_s: float
    tagged_s: float
    ready_s: float
    final: CloudState
    state: CloudState = CloudState.PENDING
    then: CloudState | None = None
    then_s: float = 0.0
    """A change that is under way, and when it is done."""
    gone_s: float | None = None
    is_open: bool = True
    """Its person is assigned, where the cloud keeps people out by this."""

    @property
    def owner(self) -> str | None:
        """Installation and row, without the generation."""
        return self.claim.rpartition("/")[0] if self.claim else None


class Cloud:
    prefix = "ws"
    """Of its machines' ids."""

    def __init__(self, hub: Hub, rng: Random, aim: Aim = ANYWHERE) -> None:
        self.hub, self.rng, self._aim = hub, rng, aim
        self.machines: dict[str, Machine] = {}
        self.has_faults = True
        self.is_key_revoked = False
        self.may_create = True
        self.ready_s: Sequence[int] = (300, 900, 1500, 2700)
        """How long a machine may take to come up."""
        self.sends: Counter[str] = Counter()
        """How many create requests arrived for each claim."""
        self.stats: Counter[str] = Counter()
        self.on_made: Callable[[Machine], None] = lambda _machine: None
        self.on_act: Callable[[Action, Machine], None] = lambda _action, _machine: None
        self.on_looked: Callable[[Machine], None] = lambda _machine: None
        self.directory: Directory | None = None
        """None: everybody is known, and users are nobody's business."""

    # What is so

    def living(self, account_id: str = ACCOUNTS[OUR_KEY]) -> list[Machine]:
        for machine in self.machines.values():
            self._tick(machine)
        return [one for one in self.machines.values() if one.gone_s is None and one.account_id == account_id]

    def shown(self, secret: str) -> list[Machine]:
        """What a complete listing shows to this key."""
        return [one for one in self.living(ACCOUNTS[secret]) if one.visible_s <= self.hub.now_s]

    def _tick(self, machine: Machine) -> None:
        now_s = self.hub.now_s
        if machine.state is CloudState.PENDING and machine.then is None and now_s >= machine.ready_s:
            machine.state = machine.final
        if machine.then is not None and now_s >= machine.then_s:
            machine.state, machine.then = machine.then, None
        if machine.state is CloudState.TERMINATING and machine.gone_s is None and now_s >= machine.then_s:
            machine.gone_s = now_s

    # Requests

    def admit(self, secret: str, signed_s: float) -> None:
        """What every request meets first. Raises CloudError."""
        if self.hub.now_s - signed_s > SIGNATURE_LASTS_S:
            self.stats["expired signatures"] += 1
            raise CloudError(Failure("expired_key", Trouble.CREDENTIAL, "RequestExpired"))
        if self.is_key_revoked:
            raise CloudError(Failure("invalid_key", Trouble.CREDENTIAL, "UnrecognizedClientException"))
        if self._happens(0.08):
            self.stats["throttled"] += 1
            raise THROTTLED
        if self._happens(0.08):
            self.stats["faults before effect"] += 1
            raise CloudError(Failure("cloud_fault", Trouble.UNKNOWN, "InternalFailure"))

    def lose_answer(self) -> None:
        """After the effect. Raises CloudError."""
        if self._happens(self._aim.lost):
            self.stats["answers lost"] += 1
            raise CloudError(Failure("answer_lost", Trouble.UNKNOWN, "ReadTimeoutError"))

    def create(self, username: str, claim: str, secret: str) -> Machine | Failure:
        """One order of a batch."""
        self.sends[claim] += 1
        if self._happens(self._aim.refused):
            self.stats["items refused"] += 1
            return self.rng.choice(self._aim.refusals)
        account_id = ACCOUNTS[secret]
        if self.directory is not None and not self.directory.is_usable(username):
            return Failure("user_not_found", Trouble.PERMANENT, "ResourceNotFound.User")
        if any(one.username == username for one in self.living(account_id)):
            return Failure("username_taken", Trouble.EXISTS, "ResourceExists.WorkSpace")
        machine = self.make(username, claim, account_id)
        self.on_made(machine)
        return machine

    def make(self, username: str, claim: str | None, account_id: str = ACCOUNTS[OUR_KEY]) -> Machine:
        rng, now_s, is_bad = self.rng, self.hub.now_s, self._happens(0.1)
        machine = Machine(
            machine_id=f"{self.prefix}-{len(self.machines) + 1:09d}",
            username=username,
            claim=claim,
            account_id=account_id,
            visible_s=now_s + (rng.choice(self._aim.visible_s) if self.has_faults else 0),
            tagged_s=now_s + (rng.choice([0, 0, 0, 45]) if self.has_faults else 0),
            ready_s=now_s + rng.choice(self.ready_s),
            final=CloudState.ERROR if is_bad else CloudState.AVAILABLE,
        )
        self.machines[machine.machine_id] = machine
        self.stats["machines"] += 1
        return machine

    def act(self, action: Action, machine_id: str, secret: str) -> Failure | None:
        """One item of a batch; None when the cloud accepts."""
        machine = next((one for one in self.shown(secret) if one.machine_id == machine_id), None)
        if machine is None:
            return Failure("not_found", Trouble.ABSENT, "ResourceNotFoundException")
        self.on_act(action, machine)
        if action is Action.TERMINATE:
            self.end(machine)
            return None
        allowed = {
            Action.START: (CloudState.STOPPED,),
            Action.STOP: (CloudState.AVAILABLE, CloudState.UNHEALTHY),
            Action.RESTART: (CloudState.AVAILABLE, CloudState.UNHEALTHY),
            Action.REBUILD: (CloudState.AVAILABLE, CloudState.UNHEALTHY, CloudState.STOPPED),
        }
        if machine.state not in allowed[action]:
            return Failure("invalid_state", Trouble.PERMANENT, "InvalidResourceStateException")
        machine.state, machine.then = {
            Action.START: (CloudState.STARTING, CloudState.AVAILABLE),
            Action.STOP: (CloudState.STOPPING, CloudState.STOPPED),
            Action.RESTART: (CloudState.RESTARTING, CloudState.AVAILABLE),
            Action.REBUILD: (CloudState.MAINTENANCE, CloudState.AVAILABLE),
        }[action]
        machine.then_s = self.hub.now_s + self.rng.choice([30, 120, 400])
        return None

    def end(self, machine: Machine) -> None:
        """It is being terminated, by us or by hand."""
        if machine.state is not CloudState.TERMINATING:
            machine.state, machine.then = CloudState.TERMINATING, None
            machine.then_s = self.hub.now_s + self.rng.choice([30, 300, 600])

    def _happens(self, probability: float) -> bool:
        return self.has_faults and self.rng.random() < probability
