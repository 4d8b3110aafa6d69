"""Orphans: machines in the cloud without a live row. Their kinds, and what each allows.

The rules (docs/evidence/reliability.md#orphans): by itself Berth terminates only what has its own claim,
was observed twice, and whose row was terminated; everything else waits for a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OBSERVATIONS_NEEDED = 2
OBSERVATIONS_SPAN = timedelta(minutes=10)
"""A listing may be older than a row: nothing is done about an orphan before this many, this far apart."""
ROUNDS_TO_GONE = 2
"""Consecutive complete inventories without the machine until it counts as gone."""
MOST_ENDED_A_ROUND = 3
"""Without a person, Berth never terminates more per round: more orphans make our records suspect."""


class OrphanKind(StrEnum):
    UNKNOWN_ROW = "unknown_row"
    """Our installation's claim, but no such row: the database is older than the cloud."""
    CLOSED_ROW = "closed_row"
    """Its row is closed: a create that arrived very late, or a termination that did not work."""
    SECOND = "second"
    """Its row is live and has another machine."""
    UNMARKED = "unmarked"
    """It has no claim: created by hand, or by another program."""
    OTHER_INSTALLATION = "other_installation"
    """It has the claim of another Berth installation."""

    @property
    def is_ours(self) -> bool:
        """Berth may only terminate machines with its own claim."""
        return self in (OrphanKind.UNKNOWN_ROW, OrphanKind.CLOSED_ROW, OrphanKind.SECOND)


class OrphanStatus(StrEnum):
    OPEN = "open"
    """Waits for a person, or for the second observation."""
    IGNORED = "ignored"
    """A person chose to ignore it."""
    ADOPTED = "adopted"
    """It has a live row now."""
    TERMINATING = "terminating"
    """It is being terminated, or its absence is being proven."""
    GONE = "gone"
    """No longer listed."""


LISTED = (OrphanStatus.OPEN, OrphanStatus.IGNORED, OrphanStatus.TERMINATING)
"""Statuses of machines that still exist in the cloud without a row."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Our claim on a machine, parsed."""

    installation: str
    row_uid: str
    generation: int

    def __str__(self) -> str:
        return f"{self.installation}/{self.row_uid}/{self.generation}"


def parse_claim(text: str | None) -> Claim | None:
    """None for a claim that no Berth wrote."""
    parts = (text or "").split("/")
    if len(parts) != 3 or not all(parts) or not parts[2].isdecimal() or len(parts[2]) > 9:
        return None
    return Claim(parts[0], parts[1], int(parts[2]))


def is_confirmed(*, observations: int, first_seen_at: datetime, last_seen_at: datetime) -> bool:
    """Observed often and long enough to act on."""
    return observations >= OBSERVATIONS_NEEDED and last_seen_at - first_seen_at >= OBSERVATIONS_SPAN


def most_lost(machines: int) -> int:
    """How many of an account's machines may be marked lost within an hour: 3, or a tenth of many."""
    return max(3, machines // 10)
