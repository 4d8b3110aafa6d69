"""How many snapshots of their disks are kept of a profile's desktops, where it says so itself."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from webapp.domain.disk_snapshots import SnapshotPolicy


class KeepsSnapshots:
    """A part of `Profile`: all of its columns, or none."""

    snapshots_are_on: Mapped[bool | None]
    """NULL, with the others: the cloud account's setting holds."""
    snapshots_daily: Mapped[int | None]
    snapshots_weekly: Mapped[int | None]
    snapshots_days_after_end: Mapped[int | None]

    @property
    def snapshots(self) -> SnapshotPolicy | None:
        return policy_of(
            self.snapshots_are_on,
            self.snapshots_daily,
            self.snapshots_weekly,
            self.snapshots_days_after_end,
        )

    @snapshots.setter
    def snapshots(self, policy: SnapshotPolicy | None) -> None:
        self.snapshots_are_on = None if policy is None else policy.is_on
        self.snapshots_daily = None if policy is None else policy.daily
        self.snapshots_weekly = None if policy is None else policy.weekly
        self.snapshots_days_after_end = None if policy is None else policy.days_after_end


def policy_of(
    is_on: bool | None, daily: int | None, weekly: int | None, days: int | None
) -> SnapshotPolicy | None:
    """Of the four columns; None: it says nothing."""
    if is_on is None or daily is None or weekly is None or days is None:
        return None
    return SnapshotPolicy(is_on, daily, weekly, days)


def snapshots_whole() -> CheckConstraint:
    """For the table."""
    return CheckConstraint(
        "(snapshots_are_on IS NULL) = (snapshots_daily IS NULL)"
        " AND (snapshots_are_on IS NULL) = (snapshots_weekly IS NULL)"
        " AND (snapshots_are_on IS NULL) = (snapshots_days_after_end IS NULL)"
        " AND (snapshots_daily IS NULL OR (snapshots_daily >= 1 AND snapshots_weekly >= 0"
        " AND snapshots_days_after_end >= 0))",
        name="snapshots_whole",
    )
