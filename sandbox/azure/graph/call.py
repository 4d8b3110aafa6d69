"""One call of Graph: who makes it, about what, and the errors that every operation may give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.azure.call import Answer
from sandbox.azure.errors import GraphError, Json
from sandbox.azure.people import Person
from sandbox.azure.world import World
from sandbox.ledger import Touched


@dataclass(slots=True)
class GraphCall:
    """A call with a valid token. It runs inside the store's transaction."""

    world: World
    tenant_id: str
    names: tuple[str, ...]
    """The ids in the path."""
    query: dict[str, str]
    """Names in lower case, without the leading `$`."""
    body: Json
    now: float
    url: str
    """Of the request without its query, for absolute links."""
    permissions: tuple[str, ...]
    touched: Touched = field(default_factory=Touched)

    def get_user(self, key: str) -> Person:
        """Raises GraphError."""
        found = self.world.people.find(self.tenant_id, key, now=self.now)
        if found is None:
            raise not_found(key)
        self.touched.users.append(found.upn)
        return found


Work = Callable[[GraphCall], Answer]


@dataclass(frozen=True, slots=True)
class GraphRoute:
    method: str
    pattern: str
    """A path in lower case after the version, with `*` for ids."""
    operation: str
    """`<group>.<method>`, for ledger and faults."""
    permissions: frozenset[str]
    """Application permissions; each of them is enough."""
    work: Work


def not_found(key: str) -> GraphError:
    return GraphError(
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
        status=404,
    )


def denied() -> GraphError:
    return GraphError(
        "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", status=403
    )


def bad_request(message: str, *, detail: str = "", target: str = "") -> GraphError:
    """`detail`: the code inside, such as ObjectConflict."""
    inner = {"code": detail, "message": message, "target": target}
    return GraphError("Request_BadRequest", message, status=400, details=[inner] if detail else None)
