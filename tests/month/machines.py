"""The machines of both clouds: what they are doing, who is connected, and how long each is paid for."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.month.timeline import Timeline
from webapp.clouds.registry import DRIVERS
from webapp.domain.lifecycle import CloudState
from webapp.domain.rates import Rate

MINUTE, HOUR = 60.0, 3600.0
BIN_S = 5 * MINUTE
"""Calls are counted in stretches of this length."""
PAID = frozenset({CloudState.STARTING, CloudState.AVAILABLE, CloudState.STOPPING})


@dataclass(frozen=True, slots=True)
class Kind:
    """How long things take in one cloud, from and to, in seconds, and what it can do."""

    key: str
    makes_s: tuple[float, float]
    starts_s: tuple[float, float]
    stops_s: tuple[float, float]
    auto_stop_s: float | None
    """After so long without anybody connected it stops by itself."""
    batch: int
    look_size: int
    is_azure: bool

    @property
    def rate(self) -> Rate:
        return DRIVERS[self.key].rate


AMAZON = Kind("aws", (20 * MINUTE, 40 * MINUTE), (60, 150), (60, 120), HOUR, 25, 25, is_azure=False)
AZURE = Kind("azure", (24 * MINUTE, 30 * MINUTE), (120, 300), (60, 180), None, 10, 1000, is_azure=True)


@dataclass(slots=True, eq=False)
class Machine:
    machine_id: str
    claim: str
    kind: Kind
    username: str
    """For whom it was made; empty: for nobody yet."""
    bundle_id: str
    since_s: float
    state: CloudState = CloudState.PENDING
    assigned: str = ""
    takes_sessions: bool = True
    turns: int = 0
    """Counts changes of its state: what was planned before one is void."""
    is_connected: bool = False
    wanted_until_s: float = 0.0
    """Somebody waits to be connected until then; 0: nobody."""
    last_connected_s: float | None = None
    quiet_turns: int = 0
    paid_s: float = 0.0
    has_been_usable: bool = False

    @property
    def is_usable(self) -> bool:
        is_its = bool(self.assigned) and self.takes_sessions if self.kind.is_azure else True
        return self.state is CloudState.AVAILABLE and is_its


@dataclass(eq=False)
class Account:
    account_id: str
    kind: Kind
    machines: dict[str, Machine] = field(default_factory=dict)
    calls: Counter[tuple[int, str]] = field(default_factory=Counter)
    """By stretch of time and operation; only those that count against the rate."""
    made: Counter[str] = field(default_factory=Counter)
    """Creates by claim: more than one is a double."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Somebody was connected when their desktop was stopped."""

    at_s: float
    username: str
    by: str


class Clouds:
    """Everything that the two clouds know and do."""

    def __init__(self, timeline: Timeline, rng: random.Random) -> None:
        self.timeline, self.rng = timeline, rng
        self.accounts: dict[str, Account] = {}
        self.by_user: dict[str, Machine] = {}
        self.broken_bundles: set[str] = set()
        """What is made of them fails."""
        self.cuts: list[Cut] = []
        self.waited_s: list[float] = []
        """How long people who connected had to wait for their desktop."""
        self.on_usable: Callable[[Machine], object] = lambda _machine: None
        """Its person can connect for the first time."""
        self.paid_of_ended_s: Counter[bool] = Counter()
        """Of machines that are gone, by whether they had a person; and what others waited for one."""

    def add(self, account_id: str, kind: Kind) -> Account:
        self.accounts[account_id] = account = Account(account_id, kind)
        return account

    def make(self, account: Account, machine_id: str, claim: str, username: str, bundle_id: str) -> Machine:
        account.made[claim] += 1
        if (known := account.machines.get(machine_id)) is not None:
            return known
        machine = Machine(machine_id, claim, account.kind, username, bundle_id, self.timeline.now_s)
        account.machines[machine_id] = machine
        if username:
            self.by_user[username] = machine
        ready = CloudState.ERROR if bundle_id in self.broken_bundles else CloudState.AVAILABLE
        self._later(machine, account.kind.makes_s, ready)
        return machine

    def assign(self, machine: Machine, username: str) -> None:
        if not machine.username:  # what it cost while it waited is the pool's
            waited_s = machine.paid_s
            if machine.state in PAID:
                waited_s += self.timeline.now_s - machine.since_s
            machine.paid_s -= waited_s
            self.paid_of_ended_s[False] += waited_s
        machine.assigned = machine.username = username
        machine.takes_sessions = True
        self.by_user[username] = machine
        self._settle(machine)

    def start(self, machine: Machine) -> None:
        if machine.state is CloudState.STOPPED:
            self._turn(machine, CloudState.STARTING)
            self._later(machine, machine.kind.starts_s, CloudState.AVAILABLE)

    def stop(self, machine: Machine, *, by: str) -> None:
        """Whoever is connected is cut off."""
        if machine.state is not CloudState.AVAILABLE:
            return
        if machine.is_connected:
            self.cuts.append(Cut(self.timeline.now_s, machine.username, by))
            self._leave(machine)
        machine.wanted_until_s = 0.0
        self._turn(machine, CloudState.STOPPING)
        self._later(machine, machine.kind.stops_s, CloudState.STOPPED)

    def sign_out(self, machine: Machine) -> int:
        """How many were signed in."""
        if not machine.is_connected:
            return 0
        self.cuts.append(Cut(self.timeline.now_s, machine.username, "sign out"))
        self._leave(machine)
        return 1

    def end(self, account: Account, machine: Machine) -> None:
        self._turn(machine, CloudState.TERMINATING)
        machine.is_connected, machine.wanted_until_s = False, 0.0

        def gone() -> None:
            account.machines.pop(machine.machine_id, None)
            if self.by_user.get(machine.username) is machine:
                del self.by_user[machine.username]
            self.paid_of_ended_s[bool(machine.username)] += machine.paid_s

        self.timeline.at(self.timeline.now_s + 5 * MINUTE, gone)

    # People

    def connect(self, username: str, until_s: float) -> None:
        """Somebody opens their desktop; one that is off starts by that, and they wait."""
        machine = self.by_user.get(username)
        if machine is None or machine.is_connected:
            return
        machine.wanted_until_s = until_s
        if machine.is_usable:
            self.waited_s.append(0.0)
            self._settle(machine)
            return
        began_s = self.timeline.now_s
        self._come_up(machine, began_s)

    def leave(self, username: str) -> None:
        machine = self.by_user.get(username)
        if machine is not None:
            machine.wanted_until_s = 0.0
            if machine.is_connected:
                self._leave(machine)

    def _come_up(self, machine: Machine, began_s: float) -> None:
        """Whoever waits tries every few seconds, as the client does."""
        if machine.wanted_until_s <= self.timeline.now_s:
            return
        if machine.is_connected or machine.is_usable:
            self.waited_s.append(self.timeline.now_s - began_s)
            self._settle(machine)
            return
        if machine.state is CloudState.STOPPED and (machine.assigned or not machine.kind.is_azure):
            self.start(machine)
        self.timeline.at(self.timeline.now_s + 15, lambda: self._come_up(machine, began_s))

    def _leave(self, machine: Machine) -> None:
        machine.is_connected, machine.last_connected_s = False, self.timeline.now_s
        self._watch_quiet(machine)

    # States

    def _turn(self, machine: Machine, state: CloudState) -> None:
        now_s = self.timeline.now_s
        if machine.state in PAID:
            machine.paid_s += now_s - machine.since_s
        machine.state, machine.since_s = state, now_s
        machine.turns += 1
        self._settle(machine)

    def _later(self, machine: Machine, span_s: tuple[float, float], state: CloudState) -> None:
        turns = machine.turns

        def do() -> None:
            if machine.turns == turns:
                self._turn(machine, state)

        self.timeline.at(self.timeline.now_s + self.rng.uniform(*span_s), do)

    def _settle(self, machine: Machine) -> None:
        """What follows from its being usable now."""
        if machine.state is not CloudState.AVAILABLE:
            return
        if machine.is_usable and machine.username and not machine.has_been_usable:
            machine.has_been_usable = True
            self.on_usable(machine)
        if machine.is_usable and machine.wanted_until_s > self.timeline.now_s:
            machine.is_connected, machine.last_connected_s = True, self.timeline.now_s
            machine.quiet_turns += 1
        else:
            self._watch_quiet(machine)

    def _watch_quiet(self, machine: Machine) -> None:
        """Amazon's AutoStop."""
        wait_s, machine.quiet_turns = machine.kind.auto_stop_s, machine.quiet_turns + 1
        if wait_s is None or machine.is_connected or machine.state is not CloudState.AVAILABLE:
            return
        turns, quiet = machine.turns, machine.quiet_turns

        def do() -> None:
            if (machine.turns, machine.quiet_turns) == (turns, quiet):
                self.stop(machine, by="AutoStop")

        self.timeline.at(self.timeline.now_s + wait_s, do)

    def paid_s(self) -> Counter[bool]:
        """Until now, by whether it has a person."""
        paid = Counter(self.paid_of_ended_s)
        for account in self.accounts.values():
            for one in account.machines.values():
                running_s = self.timeline.now_s - one.since_s if one.state in PAID else 0.0
                paid[bool(one.username)] += one.paid_s + running_s
        return paid
