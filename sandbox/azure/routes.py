"""One line in the table of operations."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.azure.call import Operation

READ, WRITE, DELETE = "reads", "writes", "deletes"
"""Resource Manager's rate limit buckets."""
COST = "cost"
"""Cost Management counts by itself (operations/cost_query.py)."""
SUBSCRIPTION = "subscriptions/*"
GROUP = f"{SUBSCRIPTION}/resourcegroups/*"
_BUCKETS = {"GET": READ, "HEAD": READ, "DELETE": DELETE}


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: its path, its name, and the permission it needs."""

    method: str
    pattern: str
    """A path in lower case, with `*` for names."""
    operation: str
    """`<group>.<method>`, for ledger and faults."""
    action: str
    """The role action that it needs; empty: none."""
    work: Operation
    own_bucket: str = ""
    """Instead of Resource Manager's."""

    @property
    def bucket(self) -> str:
        return self.own_bucket or _BUCKETS.get(self.method, WRITE)
