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

NO_PAIR = (
    "The cloud has no snapshot of the desktop’s system and files together yet, so it cannot be restored. It"
    " makes one every 12 hours while the desktop is healthy, the first usually within 30 minutes of the first"
    " start."
)
NOT_READ = (
    "Berth does not know yet which snapshots the cloud has of this desktop, so it cannot say what a restore"
    " would bring back. It asks 40 minutes after the first start and then twice a day, if the cloud account’s"
    " key may see snapshots."
)
NOT_TAKEN = (
    "Berth has no complete snapshot of this desktop’s disk yet, so there is nothing to restore. It takes the"
    " first an hour after the desktop became available and then one a day, unless the cloud account’s page"
    " says that it takes none."
)
SAME_WITHIN = timedelta(minutes=15)
"""Two times of one snapshot differ by no more: by clocks, or by rounding. Snapshots are hours apart."""


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


def no_restore(
    system_at: datetime | None, *, read_at: datetime | None, takes_own: bool = False
) -> str | None:
    """Why nothing can be promised, as a sentence; None when there is a snapshot of both disks.

    `takes_own`: Berth takes them itself.
    """
    if system_at is not None:
        return None
    if takes_own:
        return NOT_TAKEN
    return NOT_READ if read_at is None else NO_PAIR


def is_same(one: datetime, other: datetime) -> bool:
    """Are these the times of one snapshot?"""
    return abs(one - other) <= SAME_WITHIN


def snapshot_said(at: datetime) -> str:
    """Of when it is, for the log."""
    return f"{at:%-d %B %Y, %H:%M} UTC"


def next_expected_at(newest: datetime | None, *, available_at: datetime | None) -> datetime | None:
    """About; None while nothing is known."""
    if newest is not None:
        return newest + EVERY
    return available_at and available_at + FIRST_WITHIN
