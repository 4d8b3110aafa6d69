"""The only way to conclude "it is not there": docs/evidence/reliability.md#proof-of-absence.

Counts only what comes from a complete, successful listing of the right account, region and slot; three
such answers at least a gap apart, all of them later than the settle time after the newest create.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

NEEDED = 3


@dataclass(frozen=True, slots=True)
class AbsenceRule:
    settle_s: int
    """How long after `issued_at` a machine may still appear."""
    gap_s: int
    """Minimum time between two listings that both count."""
    lost_span_s: int
    """How long a machine in use must be absent before it counts as lost."""

    def settles_at(self, issued_at: datetime | None) -> datetime | None:
        return None if issued_at is None else issued_at + timedelta(seconds=self.settle_s)


@dataclass(frozen=True, slots=True)
class Evidence:
    count: int
    first_at: datetime | None
    last_at: datetime | None

    def after_absence(self, now: datetime, *, issued_at: datetime | None, rule: AbsenceRule) -> "Evidence":
        """The evidence with one more listing without the machine; unchanged if it comes too early."""
        settles_at = rule.settles_at(issued_at)
        if settles_at is not None and now < settles_at:
            return self
        if self.last_at is not None and now < self.last_at + timedelta(seconds=rule.gap_s):
            return self
        return Evidence(self.count + 1, self.first_at or now, now)

    def is_proof(self) -> bool:
        return self.count >= NEEDED

    def spans_s(self, now: datetime) -> float:
        """How long the machine has been absent, in seconds."""
        return (now - self.first_at).total_seconds() if self.first_at else 0.0

    def next_look_at(self, now: datetime, *, issued_at: datetime | None, rule: AbsenceRule) -> datetime:
        """When the next check can add evidence."""
        settles_at = rule.settles_at(issued_at)
        soonest = now + timedelta(seconds=rule.gap_s)
        return max(soonest, settles_at) if settles_at is not None else soonest


NONE = Evidence(0, None, None)
