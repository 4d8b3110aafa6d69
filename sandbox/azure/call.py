"""The context of one call: who makes it, which operation, and on which world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.azure.errors import ArmError, Json, not_found
from sandbox.azure.ids import TYPES, group_id, guid
from sandbox.azure.parts import Part
from sandbox.azure.tenants import Application
from sandbox.azure.world import World
from sandbox.faults import ActiveFaults
from sandbox.ledger import Touched


@dataclass(slots=True)
class Call:
    """A call with a valid token. It runs inside the store's transaction."""

    world: World
    operation: str
    application: Application
    subscription_id: str
    resource_group: str
    names: tuple[str, ...]
    """The resource names in the path after the group, for example host pool and session host."""
    path: str
    query: dict[str, str]
    """Names in lower case, without the leading `$`."""
    body: Json
    now: float
    base: str
    """Scheme and address by which the caller reaches this server, for absolute links."""
    faults: ActiveFaults
    touched: Touched = field(default_factory=Touched)

    @property
    def name(self) -> str:
        return self.names[-1]

    @property
    def group_key(self) -> str:
        return group_id(self.subscription_id, self.resource_group).lower()

    def id_of(self, kind: str, *names: str) -> str:
        """The ARM id of a resource in this call's group, from its short kind and its names."""
        namespace, *types = TYPES[kind].split("/")
        inner = "/".join(f"{one}/{name}" for one, name in zip(types, names, strict=True))
        return f"{group_id(self.subscription_id, self.resource_group)}/providers/{namespace}/{inner}"

    def get(self, kind: str, *names: str) -> Part:
        """The existing part with these names (default: those of the path). Raises ArmError (404)."""
        wanted = names or self.names
        part = self.world.parts.find(self.id_of(kind, *wanted))
        if part is None:
            raise not_found(f"{TYPES[kind]}/{'/'.join(wanted)}", self.resource_group)
        self.touch(part)
        return part

    def touch(self, part: Part) -> None:
        """Record in the ledger that the call concerns this part."""
        if part.name not in self.touched.ids:
            self.touched.ids.append(part.name)
        if part.claim and part.claim not in self.touched.claims:
            self.touched.claims.append(part.claim)

    def activity(self) -> str:
        """The activity id that Virtual Desktop puts in its error messages."""
        return guid("activity", self.path, self.now)

    def flag(self, name: str) -> bool:
        return self.query.get(name.lower(), "").lower() == "true"

    def check_allowed(self, action: str, scope: str, *, code: str = "AuthorizationFailed") -> None:
        """Raises ArmError (403) that names the action."""
        if not self.application.may(action, scope, self.now):
            raise denial(self.application, action, scope, code=code)


@dataclass(slots=True)
class Answer:
    """The response of an operation: status, body (None: empty) and headers."""

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
