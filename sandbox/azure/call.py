"""One call while it is carried out: who asks, for what, in which world."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox.azure.errors import ArmError, Json, not_found
from sandbox.azure.faults import AzureRule
from sandbox.azure.ids import TYPES, group_id, guid
from sandbox.azure.landscape import add_demo
from sandbox.azure.parts import Part, Parts
from sandbox.azure.progress import ProgressBook
from sandbox.azure.store import LEDGER_COLUMNS, open_store
from sandbox.azure.tenants import Application, Tenants
from sandbox.azure.timeline import Timeline
from sandbox.azure.tokens import Tokens
from sandbox.faults import ActiveFaults
from sandbox.ledger import Touched
from sandbox.world import World as AnyWorld


class World(AnyWorld):
    """All parts of the simulated Azure, over one store."""

    DEFAULT_SETTINGS: ClassVar[Mapping[str, float]] = {
        "reads_per_s": 25.0,
        "reads_burst": 250.0,
        "writes_per_s": 10.0,
        "writes_burst": 200.0,
        "deletes_per_s": 10.0,
        "deletes_burst": 200.0,
        "list_all_per_min": 300.0,
        "vm_page": 100,
        "resource_page": 100,
        "host_page": 100,
        "deployment_page": 100,
        "list_lag_s": 0.0,
        "role_lag_s": 0.0,
        "disk_tags": 0,
        "old_tokens_work": 0,
        "token_lifetime_s": 3599.0,
    }
    """Rates of 0 mean no rate limit; lags are simulated seconds, the lifetime is real ones."""
    KEPT_TABLES: ClassVar[tuple[str, ...]] = ("kept",)

    def __init__(
        self, *, state: str | None, speed: float | None, real: Callable[[], float] = time.time
    ) -> None:
        super().__init__(
            open_store(state), rule_type=AzureRule, ledger_columns=LEDGER_COLUMNS, speed=speed, real=real
        )
        self.tenants = Tenants(self.store)
        self.tokens = Tokens(self.store)
        self.parts = Parts(self.store)
        self.timeline = Timeline(self.store)
        self.progress = ProgressBook(self.store)
        self._settings: dict[str, float] | None = None
        with self.store.transaction():
            self.parts.list_lag_s = self.settings()["list_lag_s"]

    def settings(self) -> dict[str, float]:
        if self._settings is None:
            self._settings = super().settings()
        return self._settings

    def change_settings(self, changes: Mapping[str, float]) -> None:
        super().change_settings(changes)
        self.forget()

    def forget(self) -> None:
        self._settings = None
        self.parts.list_lag_s = self.settings()["list_lag_s"]

    def settle(self, now: float) -> None:
        from sandbox.azure.lifecycles import EVENT_HANDLERS  # they need the world themselves

        while (event := self.timeline.take(now)) is not None:
            EVENT_HANDLERS[event.handler](self, event)

    def add_demo(self) -> None:
        add_demo(self)

    def is_empty(self) -> bool:
        return self.store.one("SELECT 1 FROM application") is None

    def journal(self) -> list[Json]:
        return [
            {
                "kind": part.kind,
                "name": part.name,
                "resource_group": part.resource_group,
                "subscription_id": part.subscription_id,
                "id": part.arm_id,
                "claim": part.claim,
                "born_at": part.born_at,
                "gone_at": part.gone_at,
                "made_by": part.made_by,
            }
            for part in self.parts.list_all()
        ]

    def show(self) -> Json:
        from sandbox.azure.admin import show_world  # it is about the world

        return show_world(self)


@dataclass(slots=True)
class Call:
    """A call with a good token, inside the store's transaction."""

    world: World
    operation: str
    application: Application
    subscription_id: str
    resource_group: str
    names: tuple[str, ...]
    """The names in the path after the group: host pool and session host, machine …"""
    path: str
    query: dict[str, str]
    """Names in lower case, without their `$`."""
    body: Json
    now: float
    base: str
    """Scheme and address by which the caller reaches this server: for absolute links."""
    faults: ActiveFaults
    touched: Touched = field(default_factory=Touched)

    @property
    def name(self) -> str:
        return self.names[-1]

    @property
    def group_key(self) -> str:
        return group_id(self.subscription_id, self.resource_group).lower()

    def id_of(self, kind: str, *names: str) -> str:
        """The ARM id of something in this call's group, by its short kind and names."""
        namespace, *types = TYPES[kind].split("/")
        inner = "/".join(f"{one}/{name}" for one, name in zip(types, names, strict=True))
        return f"{group_id(self.subscription_id, self.resource_group)}/providers/{namespace}/{inner}"

    def get(self, kind: str, *names: str) -> Part:
        """The living part of this kind and these names (else of the path's). Raises ArmError (404)."""
        wanted = names or self.names
        part = self.world.parts.find(self.id_of(kind, *wanted))
        if part is None:
            raise not_found(f"{TYPES[kind]}/{'/'.join(wanted)}", self.resource_group)
        self.touch(part)
        return part

    def touch(self, part: Part) -> None:
        """Note in the ledger that this part was concerned."""
        if part.name not in self.touched.ids:
            self.touched.ids.append(part.name)
        if part.claim and part.claim not in self.touched.claims:
            self.touched.claims.append(part.claim)

    def activity(self) -> str:
        """The id that Virtual Desktop names in its refusals."""
        return guid("activity", self.path, self.now)

    def flag(self, name: str) -> bool:
        return self.query.get(name.lower(), "").lower() == "true"

    def check_allowed(self, action: str, scope: str, *, code: str = "AuthorizationFailed") -> None:
        """Raises ArmError (403), naming the action."""
        if not self.application.may(action, scope, self.now):
            raise denial(self.application, action, scope, code=code)


@dataclass(slots=True)
class Answer:
    """What an operation answers: a status, a body (None: empty), headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Operation = Callable[[Call], Answer]


def denial(
    application: Application, action: str, scope: str, *, code: str = "AuthorizationFailed"
) -> ArmError:
    return ArmError(
        code,
        f"The client '{application.client_id}' with object id '{application.object_id}' does not have"
        f" authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access"
        " was recently granted, please refresh your credentials.",
        status=403,
    )
