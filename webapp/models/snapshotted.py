"""When snapshots of a desktop were made: columns of its workspace, written by the lease holder."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain import snapshots
from webapp.domain.lifecycle import Action

NO_SNAPSHOTS = {
    "files_snapshot_at": None,
    "system_snapshot_at": None,
    "snapshots_read_at": None,
    "backup_error_code": None,
    "backup_error_at": None,
    "other_backup": None,
    "other_backup_at": None,
    "disk_used_at": None,
}
"""Of a machine that was never asked about."""


class Snapshotted:
    """A workspace of whose desktop the cloud keeps snapshots."""

    available_at: Mapped[datetime | None]

    files_snapshot_at: Mapped[datetime | None]
    """When the cloud made its newest snapshot of the user's disk; NULL: none, or not read."""
    system_snapshot_at: Mapped[datetime | None]
    """The same of both disks together; of a cloud where Berth takes them itself, its newest complete one."""
    snapshots_read_at: Mapped[datetime | None]
    """When the cloud was last asked for them; NULL: it has never answered."""
    promised_snapshot_at: Mapped[datetime | None]
    """Of the newest restore or rebuild: to which snapshot, by what its page said; NULL: not known."""
    returned_snapshot_at: Mapped[datetime | None]
    """The same, by what the cloud said right before it was sent."""
    disk_used_at: Mapped[datetime | None]
    """Of the newest restore: when the machine had the disk that Berth made of a snapshot; NULL: not yet, or
    the cloud restores by itself."""

    backup_error_code: Mapped[str | None] = mapped_column(String(64))
    """Why Berth's newest snapshot of its disk failed (a catalogue code); NULL once another one is there."""
    backup_error_at: Mapped[datetime | None]
    """When the first failed since the last good one."""

    other_backup: Mapped[str | None] = mapped_column(String(120))
    """The company's own backup that keeps it, so that Berth takes no snapshots; NULL: none is known."""
    other_backup_at: Mapped[datetime | None]
    """When the cloud was last asked about it."""

    @property
    def has_no_snapshot(self) -> bool:
        """The cloud was asked, and has none."""
        return snapshots.is_missing(self.files_snapshot_at, read_at=self.snapshots_read_at)

    def no_restore(self, *, takes_own: bool) -> str | None:
        """Why there is no snapshot to restore, as a sentence. `takes_own`: Berth takes them itself."""
        read_at = self.snapshots_read_at
        return snapshots.no_restore(self.system_snapshot_at, read_at=read_at, takes_own=takes_own)

    def snapshot_for(self, action: Action) -> datetime | None:
        """Of when it brings the desktop's files back, by the newest look; None: not known."""
        return self.system_snapshot_at if action is Action.RESTORE else self.files_snapshot_at

    @property
    def next_snapshot_at(self) -> datetime | None:
        """About; None while nothing is known."""
        return snapshots.next_expected_at(self.files_snapshot_at, available_at=self.available_at)
