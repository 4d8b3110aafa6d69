"""Orphans: machines at the cloud that no live row stands for. What kinds there are, and what each allows.

The rules (docs/evidence/reliability.md#orphans): by itself Berth ends only what carries its own claim,
was seen twice, and whose row is wanted absent; everything else waits for a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OBSERVATIONS_NEEDED = 2
OBSERVATIONS_SPAN = timedelta(minutes=10)
"""A listing may be older than a row: nothing is done about an orphan before so many, so far apart."""
ROUNDS_TO_GONE = 2
"""Complete inventories in a row without the machine, until it counts as gone."""
MOST_ENDED_A_ROUND = 3
"""More orphans than that are never ended in one round without a person: then the records are suspect."""


class OrphanKind(StrEnum):
    UNKNOWN_ROW = "unknown_row"
    """Our installation's claim, but no such row: the database is older than the cloud."""
    CLOSED_ROW = "closed_row"
    """Its row is over: a create that arrived very late, or an end that did not last."""
    SECOND = "second"
    """Its row is live and has another machine."""
    UNMARKED = "unmarked"
    """It carries no claim: made by hand, or by another program."""
    OTHER_INSTALLATION = "other_installation"
    """It carries the claim of another Berth."""

    @property
    def is_ours(self) -> bool:
        """Only a machine with our own mark may ever be ended from here."""
        return self in (OrphanKind.UNKNOWN_ROW, OrphanKind.CLOSED_ROW, OrphanKind.SECOND)


class OrphanStatus(StrEnum):
    OPEN = "open"
    """Waits for a person, or for the second observation."""
    IGNORED = "ignored"
    """A person said that it is all right."""
    ADOPTED = "adopted"
    """A live row stands for it now."""
    TERMINATING = "terminating"
    """It is to be ended, or its end is being proven."""
    GONE = "gone"
    """Not listed any more."""


LISTED = (OrphanStatus.OPEN, OrphanStatus.IGNORED, OrphanStatus.TERMINATING)
"""Statuses of machines that are still at the cloud and that no row stands for."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Our mark on a machine, taken apart."""

    installation: str
    row_uid: str
    generation: int

    def __str__(self) -> str:
        return f"{self.installation}/{self.row_uid}/{self.generation}"


def parse_claim(text: str | None) -> Claim | None:
    """None for a mark that no Berth wrote."""
    parts = (text or "").split("/")
    if len(parts) != 3 or not all(parts) or not parts[2].isdecimal() or len(parts[2]) > 9:
        return None
    return Claim(parts[0], parts[1], int(parts[2]))


def is_confirmed(*, observations: int, first_seen_at: datetime, last_seen_at: datetime) -> bool:
    """Seen often and long enough to be acted upon."""
    return observations >= OBSERVATIONS_NEEDED and last_seen_at - first_seen_at >= OBSERVATIONS_SPAN


def most_lost(machines: int) -> int:
    """How many of an account's machines may be called lost within an hour: 3, or a tenth of many."""
    return max(3, machines // 10)
