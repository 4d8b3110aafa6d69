"""What a line in the table of operations says."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.azure.call import Operation

READ, WRITE, DELETE = "reads", "writes", "deletes"
"""Resource Manager's buckets of calls."""
SUBSCRIPTION = "subscriptions/*"
GROUP = f"{SUBSCRIPTION}/resourcegroups/*"
_BUCKETS = {"GET": READ, "HEAD": READ, "DELETE": DELETE}


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: where it is found, what it is called, which right it needs."""

    method: str
    pattern: str
    """A path in lower case with `*` for names."""
    operation: str
    """`<group>.<method>`, for ledger and faults."""
    action: str
    """Of roles; empty: none needed."""
    work: Operation

    @property
    def bucket(self) -> str:
        return _BUCKETS.get(self.method, WRITE)
