"""One installation in the simulator: entry points, scheduler, workers, notifier and cloud."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from random import Random

from jobs import DUE, JOBS
from tests.desk import key_pair, make_settings
from tests.simulator.aims import ANYWHERE, Aim
from tests.simulator.azure import Azure, AzureFactory
from tests.simulator.cloud import Cloud
from tests.simulator.database import Database, PointedSession, PointedSessions
from tests.simulator.driver import ScriptedFactory
from tests.simulator.processes import Hub, Process
from tests.simulator.readiness.cloud import ReadyCloud, SpareCloud
from tests.simulator.readiness.driver import ReadyFactory
from tests.simulator.restores.amazon import AmazonFactory, AmazonLike
from tests.simulator.restores.azure import AzureLike
from tests.simulator.restores.azure_driver import AzureLikeFactory
from tests.simulator.watch import Watch
from webapp.clouds.base import DriverFactory
from webapp.clouds.registry import by_key
from webapp.config import Settings
from webapp.domain.errors import AppError, CloudError, Failure, Trouble
from webapp.engine.context import Engine
from webapp.engine.limiter import LocalLimiter
from webapp.engine.locks import HELD_S, PATIENCE_S
from webapp.engine.sweep import Sweeper
from webapp.queueing import JobName
from webapp.services.context import ServiceContext
from webapp.vault.box import Opener, Sealer

POLL_S, REST_S = 240, 1800
"""Longer than in production: fewer looks and inventories, the same engine."""
LONG_POLL_S, LONG_REST_S = 3600, 43_200
"""In the calm of contracts, which lasts for days."""
WITHIN = frozenset({"pool_giving"})
"""Crash points within a transaction, of which nothing is left: as if it had died where that begins."""
_OF_OTHERS = (
    JobName.PRUNE,
    JobName.TRAIL,
    JobName.RECORDS,
    JobName.DELIVER,
    JobName.MAIL,
    JobName.DIGEST,
)
"""They have no part in what is judged where contracts are played."""


@dataclass
class Notifier:
    """The queue in Redis: it can lose a notification, and be wiped."""

    rng: Random
    notifications: list[tuple[JobName, int]] = field(default_factory=list)
    loses: bool = True

    def notify(self, name: JobName, subject_id: int) -> None:
        if (name, subject_id) not in self.notifications and not (self.loses and self.rng.random() < 0.2):
            self.notifications.append((name, subject_id))

    def notify_due(self, found: Sequence[tuple[JobName, int]]) -> None:
        for name, subject_id in found:
            self.notify(name, subject_id)

    def is_other_pressed(self, *_: object) -> bool:
        return False


@dataclass
class SimulatedLocks:
    """The locks in Redis: one that a dead process left behind falls open."""

    hub: Hub
    held_until_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        for _ in range(PATIENCE_S):
            if self.held_until_s.get(name, 0.0) <= self.hub.now_s:
                break
            self.hub.pause(1.0)
        else:
            raise CloudError(Failure("operation_in_progress", Trouble.TRANSIENT))
        self.held_until_s[name] = own_s = self.hub.now_s + HELD_S
        try:
            yield
        finally:
            if self.held_until_s.get(name) == own_s:
                del self.held_until_s[name]


class World:
    """`database` may hold credentials of both clouds; then both are played (`Database(is_mixed=True)`)."""

    def __init__(
        self,
        seed: int,
        database: Database,
        *,
        attempts: int,
        aim: Aim = ANYWHERE,
        has_contracts: bool = False,
        is_ready: bool = False,
        has_restores: bool = False,
    ) -> None:
        database.renew()
        self._leaves_others_out = has_contracts or is_ready or has_restores
        self.longest_tick_s = float(REST_S)
        """So long the calm passes at most at once."""
        self.raw = database.raw
        self.rng, self.aim = Random(seed), aim
        self.hub = Hub()
        kinds = (ReadyCloud, SpareCloud) if is_ready else (Cloud,)
        if has_restores:
            kinds = (AmazonLike, AzureLike)
        self.cloud: Cloud
        self.cloud, *further = (kind(self.hub, self.rng, aim) for kind in kinds)
        self.pools = further[0] if further else None
        """A further scripted cloud."""
        self.azure = Azure(self.hub, self.rng) if database.is_mixed else None
        self.refused: Counter[str] = Counter()
        """What people could not do, by code."""
        self.watch = Watch(self.raw, self.hub, self.cloud, self.azure)
        self.notifier = Notifier(self.rng)
        self._database = database
        self.engine = Engine(
            sessions=PointedSessions(database.connection, self.hub),
            clock=self.hub,
            limiter=LocalLimiter(self.hub),
            notifier=self.notifier,
            settings=_settings(),
            opener=_opener(),
            webhook_opener=Opener(()),
            drivers=self._drivers(attempts),
            locks=SimulatedLocks(self.hub),
            rng=self.rng,
            crashpoint=self._crash,
            gather_s=0.0,
        )

    def _drivers(self, attempts: int) -> dict[str, DriverFactory]:
        factories: list[DriverFactory] = []
        if isinstance(self.cloud, ReadyCloud):
            factories.append(ReadyFactory(self.cloud, attempts, key="aws"))
        elif isinstance(self.cloud, AmazonLike):
            factories.append(AmazonFactory(self.cloud, attempts))
        else:
            factories.append(ScriptedFactory(self.cloud, attempts))
        if isinstance(self.pools, SpareCloud):
            factories.append(ReadyFactory(self.pools, attempts, key="azure"))
        if isinstance(self.pools, AzureLike):
            factories.append(AzureLikeFactory(self.pools, attempts))
        if self.azure is not None:
            factories.append(AzureFactory(self.azure))
        return by_key(factories)

    def _crash(self, name: str) -> None:
        if name not in WITHIN:
            self.hub.point(name)

    def slow_down(self) -> None:
        """Whoever starts from now on looks more rarely."""
        self.engine = replace(self.engine, settings=_long_settings())
        self.longest_tick_s = float(LONG_REST_S)

    def living(self, *, is_ours: bool = False) -> set[str]:
        """The ids of everything that lives at the clouds, or of what is ours of it."""
        azure = self.azure.living() if self.azure else ()
        found = [*self.cloud.living(), *(self.pools.living() if self.pools else ()), *azure]
        return {one.machine_id for one in found if one.claim is not None or not is_ours}

    def step(self, process: Process) -> None:
        """One step of one process, and a look at what it wrote."""
        self.hub.step(process)
        self.watch.look(process)

    def start_worker(self, name: JobName, subject_id: int) -> Process:
        # Only who reconciles an account needs its lease; an answer to a question is true without.
        work = partial(JOBS[name].work, self.engine, subject_id)
        return self._spawn(name.name.lower(), work, is_reconciling=name is JobName.RECONCILE)

    def start_sweep(self) -> Process:
        # Nothing gets old here, and one more job would change what each seed draws.
        left_out = _OF_OTHERS if self._leaves_others_out else (JobName.PRUNE,)
        due = [one for one in DUE if one[0] not in left_out]
        sweeper = Sweeper(self.engine.sessions, self.hub, self.notifier, due)
        return self._spawn("sweep", sweeper.sweep, is_reconciling=False)

    def start_entry_point(self, name: str, press: Callable[[ServiceContext], object]) -> Process:
        """Somebody presses something: one request with a session of its own."""

        def work() -> None:
            session = PointedSession(self._database.connection, expire_on_commit=False)
            session.hub = self.hub
            try:
                press(ServiceContext(session, self.hub, self.notifier, self.engine.settings, _sealer()))
            except AppError as error:
                self.refused[f"{name}: {error.code}"] += 1  # not possible now, and said so
            finally:
                session.close()

        return self._spawn(name, work, is_reconciling=False)

    def _spawn(self, name: str, work: Callable[[], object], *, is_reconciling: bool) -> Process:
        def guarded() -> None:
            try:
                work()
            except Exception:  # as jobs/runtime does; but here it is a finding
                self.watch.accuse("the product raised", traceback.format_exc(limit=-4))

        return self.hub.spawn(name, guarded, is_reconciling=is_reconciling)


@lru_cache
def _settings() -> Settings:
    settings = make_settings("sqlite://")
    return replace(settings, poll_interval_s=POLL_S, observe_interval_s=REST_S, inventory_interval_s=REST_S)


@lru_cache
def _long_settings() -> Settings:
    return replace(
        _settings(),
        poll_interval_s=LONG_POLL_S,
        observe_interval_s=LONG_REST_S,
        inventory_interval_s=LONG_REST_S,
    )


@lru_cache
def ready_settings(*, is_calm: bool) -> Settings:
    """What waits in a pool must have been seen lately; in the calm, which lasts for shifts, nobody orders."""
    if not is_calm:
        return replace(_settings(), observe_interval_s=REST_S // 2)
    return replace(
        _settings(), observe_interval_s=3600, inventory_interval_s=7200, connections_interval_s=1800
    )


@lru_cache
def restore_settings() -> Settings:
    """Days pass, in which desktops need few looks."""
    return replace(_settings(), observe_interval_s=21_600, inventory_interval_s=43_200)


@lru_cache
def _opener() -> Opener:
    return Opener((key_pair()[1],))


@lru_cache
def _sealer() -> Sealer:
    return Sealer(key_pair()[0])
