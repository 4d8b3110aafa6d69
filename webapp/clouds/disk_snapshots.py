"""Snapshots of disks that Berth takes, keeps and deletes: a capability of drivers,
`CloudDriver.disk_snapshots`. Those that a cloud takes by itself are `snapshots`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from webapp.domain.errors import Failure


@dataclass(frozen=True, slots=True)
class DiskSnapshot:
    """One that exists, whoever took it."""

    name: str
    claim: str | None
    """Our claim on the desktop that it was taken of; None: it is not ours."""
    machine: str
    """The desktop's cloud id, by our mark; empty: not known."""
    taken_at: datetime | None
    """By the cloud's clock."""
    size_gib: int | None
    """Of the disk: what a disk made of it will have. It is billed for less."""
    is_ready: bool
    """Complete: a disk can be made of it."""
    has_failed: bool


class KeepsDiskSnapshots(Protocol):
    """The cloud copies a desktop's disk at a moment, under a name that the caller chooses."""

    def list_disk_snapshots(self) -> list[DiskSnapshot]:
        """All of this account's desktops, with our mark: complete, or CloudError. May lag."""
        ...

    def other_backup_of(self, cloud_workspace_id: str) -> str:
        """The company's own backup that keeps this machine, by its name for people; empty: none, or the key
        may not see it. Raises CloudError."""
        ...

    def find_disk_snapshot(self, name: str) -> DiskSnapshot | None:
        """Read by itself: None is the proof that there is none. Raises CloudError."""
        ...

    def take_disk_snapshot(self, cloud_workspace_id: str, *, name: str, claim: str) -> Failure | None:
        """Copy the system disk as it is now; None when the cloud accepts it, or has it under our claim.

        What has the name without this claim is not touched (`snapshot_name_taken`). Raises CloudError; with
        trouble UNKNOWN it may have been taken.
        """
        ...

    def end_disk_snapshot(self, name: str, *, claim: str) -> Failure | None:
        """Read it by itself and delete it, if it has this claim; None: it is accepted. Raises CloudError.

        A failure with trouble ABSENT is the proof that there is none.
        """
        ...
