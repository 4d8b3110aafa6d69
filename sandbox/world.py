"""What every simulated cloud has: storage, clock, rate limits, faults, ledger and settings."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sandbox.clock import Clock
from sandbox.faults import FaultRule, Faults
from sandbox.ledger import Ledger
from sandbox.store import Store
from sandbox.throttle import Throttle


class World(ABC):
    DEFAULT_SETTINGS: ClassVar[Mapping[str, float]] = {}
    """The settings that the control API can change."""
    KEPT_TABLES: ClassVar[tuple[str, ...]] = ()
    """Tables that a reset keeps."""

    def __init__(
        self,
        store: Store,
        *,
        rule_type: type[FaultRule],
        ledger_columns: tuple[str, ...],
        speed: float | None,
        real: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.clock = Clock(store, speed=speed, real=real)
        self.throttle = Throttle()
        self.faults = Faults(store, rule_type)
        self.ledger = Ledger(store, ledger_columns)

    def settings(self) -> dict[str, float]:
        return {**self.DEFAULT_SETTINGS, **self.store.get_meta("settings", {})}

    def settings_were_changed(self) -> bool:
        with self.store.transaction():
            return self.store.get_meta("settings", None) is not None

    def change_settings(self, changes: Mapping[str, float]) -> None:
        self.store.set_meta("settings", {**self.settings(), **changes})
        self.throttle.clear()

    def reset(self, *, demo: bool) -> None:
        """Delete everything; restore the demo account if requested."""
        self.store.wipe(keep=self.KEPT_TABLES)
        self.clock.restart()
        self.throttle.clear()
        self.forget()
        if demo:
            self.add_demo()

    def forget(self) -> None:  # noqa: B027  # most worlds keep all their state in the store
        """Clear caches of the store."""

    @abstractmethod
    def settle(self, now: float) -> None:
        """Apply everything that is due."""

    @abstractmethod
    def add_demo(self) -> None:
        """Add the demo account to an empty world."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether there is no account yet."""

    @abstractmethod
    def journal(self) -> list[dict[str, Any]]:
        """When everything was created and deleted, in simulated time: proves that nothing existed twice."""
