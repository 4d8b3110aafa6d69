"""Snapshots that a cloud makes of a desktop by itself: what comes back, and when the next is due.

Source of the times: docs/evidence/aws_workspaces.md#snapshots.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

EVERY = timedelta(hours=12)
FIRST_WITHIN = timedelta(minutes=30)
"""After the first start; sometimes it takes hours."""
NONE_YET = (
    "The cloud has no snapshot of this desktop yet, so the person's files would not come back. The first one"
    " usually comes within 30 minutes of the first start, sometimes hours later."
)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The newest ones of a desktop; None where there is none."""

    files_at: datetime | None
    """Of the user's disk: what a rebuild brings back."""
    system_at: datetime | None
    """Of both disks together, made only while the desktop was healthy."""

    def not_after(self, now: datetime) -> "Snapshots":
        """By our own clock: nothing is shown that is still to come."""
        return Snapshots(*(one and min(one, now) for one in (self.files_at, self.system_at)))


def is_missing(files_at: datetime | None, *, read_at: datetime | None) -> bool:
    """Has the cloud answered that it has none? NULL in `read_at`: it was not asked, or gave no answer."""
    return read_at is not None and files_at is None


def next_expected_at(newest: datetime | None, *, available_at: datetime | None) -> datetime | None:
    """About; None while nothing is known."""
    if newest is not None:
        return newest + EVERY
    return available_at and available_at + FIRST_WITHIN
