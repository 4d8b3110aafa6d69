"""What every simulated cloud has: memory, clock, rate limits, scripted trouble, a ledger, settings."""

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
    """What the control API may change."""
    KEPT_TABLES: ClassVar[tuple[str, ...]] = ()
    """What a reset does not forget."""

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
        """Forget everything; with the demo account again if requested."""
        self.store.wipe(keep=self.KEPT_TABLES)
        self.clock.restart()
        self.throttle.clear()
        self.forget()
        if demo:
            self.add_demo()

    def forget(self) -> None:  # noqa: B027  # most worlds remember in the store only
        """Drop what is remembered beside the store."""

    @abstractmethod
    def settle(self, now: float) -> None:
        """Let everything happen whose time has come."""

    @abstractmethod
    def add_demo(self) -> None:
        """The demo account, in an empty world."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Nobody has an account here yet."""

    @abstractmethod
    def journal(self) -> list[dict[str, Any]]:
        """Births and deaths in simulated time: the proof that there were never two at once."""
