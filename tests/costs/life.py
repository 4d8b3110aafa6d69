"""What becomes of a desktop: drawn day by day from a seed, the same in every run.

Each step happens at the cloud, and Berth sees it a little later: within a poll where somebody waits for it,
within an interval of observation where it comes by itself.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from tests.costs.accounts import Account
from webapp.domain.lifecycle import CloudState

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
POLL_S, LOOK_S, LOST_S = 30.0, 300.0, 2400.0
"""How late Berth sees what it waits for, what comes by itself, and that a machine is not there any more."""


class Habit(StrEnum):
    OFFICE = "office"
    """Started and stopped on working days."""
    FORGETS = "forgets"
    """Amazon stops it, an hour after its person has gone."""
    NIGHTS = "nights"
    ALWAYS = "always"
    IDLE = "idle"
    """Stopped after its first day, and never used."""


@dataclass(frozen=True, slots=True)
class Hardware:
    compute: str
    volumes: str
    system: str
    is_known: bool = True
    """Its price is one that Berth can know."""


AMAZON = (
    Hardware("STANDARD", "80/50", "WINDOWS_SERVER_2022"),
    Hardware("PERFORMANCE", "80/100", "WINDOWS_SERVER_2022"),
    Hardware("VALUE", "80/10", "UBUNTU_22_04"),
    Hardware("POWER", "175/100", "AMAZON_LINUX_2"),
    Hardware("STANDARD", "", "WINDOWS_SERVER_2022", is_known=False),
)
"""The last one's disks the cloud does not say."""
AZURE = (
    Hardware("Standard_D2s_v5", "127", "Windows"),
    Hardware("Standard_D4s_v5", "127", "Windows"),
    Hardware("Standard_D8s_v5", "127", "Windows"),
    Hardware("Standard_E4s_v5", "127", "Windows", is_known=False),
)
"""The last one is a size that Berth does not order: somebody made it, and Berth adopted it."""
UNKNOWN_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    at: float
    """Seconds since 1970."""
    seen_at: float
    desktop: "Desktop"
    state: CloudState | None
    """None: the cloud has no such machine any more."""
    generation: int
    mode: str
    is_new: bool = False
    """A machine begins."""
    is_last: bool = False
    """The desktop ends with it."""


@dataclass(slots=True)
class Desktop:
    workspace_id: int
    uid: str
    account: Account
    hardware: Hardware
    habit: Habit
    mode: str
    born_at: float
    seed: str
    generation: int = 1
    is_over: bool = False
    _is_running: bool = False
    _until: float = 0.0
    """Nothing new happens to it before."""
    _seen_at: float = 0.0
    """Up to when Berth has seen what became of it: it sees everything in its order."""
    _rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)

    def live(self, day_at: float) -> Iterator[Step]:
        """The steps that begin on this day, in order."""
        if self.is_over or self.born_at >= day_at + DAY:
            return
        if self.born_at >= day_at:
            yield from self._begin(self.born_at)
        for at, is_start in self._switches(day_at):
            if at > max(self._until, day_at) and is_start != self._is_running and not self.is_over:
                yield from self._start(at) if is_start else self._stop(at)
        yield from self._mishaps(day_at)

    def _begin(self, at: float) -> Iterator[Step]:
        yield self._step(at, CloudState.PENDING, POLL_S, is_new=True)
        ready_at = at + self._rng.uniform(20, 40) * MINUTE
        if self._rng.random() < 0.02:
            yield self._step(ready_at, CloudState.ERROR, POLL_S)
            yield self._step(ready_at + 5 * MINUTE, None, POLL_S)
            self.generation += 1
            yield from self._begin(ready_at + 10 * MINUTE)
            return
        yield self._step(ready_at, CloudState.AVAILABLE, POLL_S)
        self._is_running, self._until = True, ready_at

    def _switches(self, day_at: float) -> Iterator[tuple[float, bool]]:
        """When its person starts and stops it."""
        rng, is_weekend = self._rng, (day_at // DAY + 3) % 7 >= 5
        begin, end = day_at + rng.uniform(7, 9.5) * HOUR, day_at + rng.uniform(16, 19) * HOUR
        if self.habit is Habit.ALWAYS:
            yield begin, True
        elif self.habit is Habit.IDLE:
            yield end, False
        elif self.habit is Habit.NIGHTS:
            yield day_at + rng.uniform(4, 6) * HOUR, False
            yield day_at + rng.uniform(20, 22) * HOUR, True
        elif not is_weekend and rng.random() > 0.05:
            yield begin, True
            if rng.random() < 0.3:
                yield begin + 3 * HOUR, False
                yield begin + rng.uniform(3.2, 5) * HOUR, True
            yield end, False

    def _start(self, at: float) -> Iterator[Step]:
        yield self._step(at, CloudState.STARTING, POLL_S)
        self._until = at + self._rng.uniform(60, 150)
        yield self._step(self._until, CloudState.AVAILABLE, POLL_S)
        self._is_running = True

    def _stop(self, at: float) -> Iterator[Step]:
        is_by_itself = self.habit is Habit.FORGETS and self.account.has_modes
        yield self._step(at, CloudState.STOPPING, LOOK_S if is_by_itself else POLL_S)
        self._until = at + self._rng.uniform(30, 120)
        yield self._step(self._until, CloudState.STOPPED, LOOK_S if is_by_itself else POLL_S)
        self._is_running = False

    def _mishaps(self, day_at: float) -> Iterator[Step]:
        """At most one a day, in the evening."""
        draw, at = self._rng.random(), day_at + self._rng.uniform(22.5, 23.2) * HOUR
        if at <= self._until:
            return
        if draw < 0.0015:
            yield self._step(at, None, LOST_S, is_last=True)
            self.is_over = True
        elif draw < 0.0025:
            yield self._step(at, CloudState.TERMINATING, POLL_S)
            yield self._step(at + 3 * MINUTE, None, POLL_S, is_last=True)
            self.is_over = True
        elif self.account.has_modes and draw < 0.0055 and self._is_running:
            state = CloudState.MAINTENANCE if draw < 0.0045 else CloudState.ERROR
            yield self._step(at, state, POLL_S if draw < 0.0045 else LOOK_S)
            self._until = at + self._rng.uniform(15, 40) * MINUTE
            yield self._step(self._until, CloudState.AVAILABLE, LOOK_S)
        elif self.account.has_modes and draw < 0.006 and self._is_running and self.mode == "AUTO_STOP":
            self.mode = "ALWAYS_ON"
            yield self._step(at, CloudState.AVAILABLE, LOOK_S)

    def _step(
        self,
        at: float,
        state: CloudState | None,
        latest_s: float,
        *,
        is_new: bool = False,
        is_last: bool = False,
    ) -> Step:
        self._seen_at = max(self._seen_at, at + self._rng.uniform(latest_s / 10, latest_s))
        return Step(at, self._seen_at, self, state, self.generation, self.mode, is_new, is_last)


def draw_desktop(
    workspace_id: int, account: Account, *, seed: int, first_at: float, days: int, is_spare: bool = False
) -> Desktop:
    """One that is ordered in the first days, or later; a spare one is ordered when another has ended."""
    rng = random.Random(f"{seed}/{workspace_id}")
    kinds = AMAZON if account.has_modes else AZURE
    is_known = rng.random() >= UNKNOWN_SHARE
    hardware = rng.choice([one for one in kinds if one.is_known == is_known])
    habit = rng.choices(list(Habit), weights=[60, 20, 5, 10, 5])[0]
    mode = "AUTO_STOP"
    if account.has_modes and habit is Habit.ALWAYS:
        mode = "ALWAYS_ON"
    # Most on the first day, some until two thirds are over.
    born_at = first_at + (rng.uniform(0, 0.6) if rng.random() < 0.8 else rng.uniform(0, days * 0.66)) * DAY
    return Desktop(
        workspace_id,
        f"w{workspace_id}",
        account,
        hardware,
        habit,
        mode,
        float("inf") if is_spare else born_at,
        f"{seed}/{workspace_id}/life",
    )
