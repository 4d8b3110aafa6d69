"""The quota that an account has left, as a number: how many more desktops fit into it."""

from dataclasses import dataclass
from enum import StrEnum


class QuotaUnit(StrEnum):
    """What the cloud counts."""

    DESKTOPS = "desktops"
    CORES = "cores"
    """Processor cores: a desktop takes as many as its bundle has."""


@dataclass(frozen=True, slots=True)
class QuotaLeft:
    """At most so much is left; another limit of the cloud may be reached before."""

    count: int
    unit: QuotaUnit
    limit: int | None = None
    """The whole quota; None where the cloud does not say it."""

    def desktops(self, *, vcpus: int | None) -> int | None:
        """How many more desktops of a bundle with so many cores fit; None when its cores are not known."""
        if self.unit is QuotaUnit.DESKTOPS:
            return self.count
        return self.count // vcpus if vcpus else None
