"""What the engine needs: sessions, clock, limiter, drivers, the opener. One per process."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session, sessionmaker

from webapp.clouds.base import DriverFactory
from webapp.config import Settings
from webapp.domain.absence import AbsenceRule
from webapp.domain.clock import Clock
from webapp.domain.decisions.pace import Pace
from webapp.domain.retry import RetryPolicy, draw_jitter
from webapp.engine.limiter import Limiter
from webapp.engine.locks import LocalLocks, Locks
from webapp.models import CloudCredential
from webapp.queueing import Notifier
from webapp.vault.box import Opener


def no_crashpoint(_name: str) -> None:
    """A crash point does nothing in production; tests turn it into a crash or a pause."""


@dataclass(frozen=True, slots=True)
class Engine:
    sessions: sessionmaker[Session]
    clock: Clock
    limiter: Limiter
    notifier: Notifier
    settings: Settings
    opener: Opener
    """Of cloud secrets; without a key in a background worker."""
    webhook_opener: Opener
    """Of the signing keys of webhooks; without a key in a worker on cloud accounts."""
    drivers: Mapping[str, DriverFactory]
    locks: Locks = field(default_factory=LocalLocks)
    rng: random.Random = field(default_factory=random.Random)
    crashpoint: Callable[[str], None] = no_crashpoint
    gather_s: float = 1.0
    """How long after an account's newest order more are expected, to be sent together."""

    @property
    def pace(self) -> Pace:
        """What the decisions know of the settings."""
        settings = self.settings
        return Pace(
            poll=self.poll,
            rest=self.rest,
            absence=AbsenceRule(settings.settle_s, settings.absence_gap_s, settings.lost_span_s),
            retry=RetryPolicy(settings.retry_delays_s),
        )

    def draw_jitter(self) -> float:
        """A factor for the wait before another try."""
        return draw_jitter(self.rng)

    def deadline_of(self, credential: CloudCredential) -> timedelta:
        """How long a new desktop of this account may take."""
        return timedelta(seconds=self.settings.provision_timeout_of(credential.cloud_provider))

    @property
    def poll(self) -> timedelta:
        """Time between two checks of something in transition."""
        return timedelta(seconds=self.settings.poll_interval_s)

    @property
    def rest(self) -> timedelta:
        """Time between two checks of something settled."""
        return timedelta(seconds=self.settings.observe_interval_s)

    @property
    def inventory(self) -> timedelta:
        """Time between two inventories of an account."""
        return timedelta(seconds=self.settings.inventory_interval_s)

    @property
    def connections(self) -> timedelta:
        """Time between two looks at who is connected to an account's desktops."""
        return timedelta(seconds=self.settings.connections_interval_s)
