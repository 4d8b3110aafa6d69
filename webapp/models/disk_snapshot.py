"""Snapshots of desktops' disks that Berth takes, and what a company wants of them for a cloud account."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.disk_snapshots import Held, SnapshotKind, SnapshotPolicy, SnapshotState
from webapp.models.base import Base, enum_column

_STANDING = text("state != 'gone'")
_DEFAULT = SnapshotPolicy()


class SnapshotSetting(Base):
    """Of one cloud account; without a row the defaults of `SnapshotPolicy` hold."""

    __tablename__ = "snapshot_settings"
    __table_args__ = (
        CheckConstraint("daily >= 1 AND weekly >= 0 AND days_after_end >= 0", name="numbers"),
        CheckConstraint("(refused_code IS NULL) = (refused_at IS NULL)", name="refusal_pair"),
    )

    credential_id: Mapped[int] = mapped_column(
        ForeignKey("cloud_credentials.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    is_on: Mapped[bool] = mapped_column(default=True)
    daily: Mapped[int] = mapped_column(default=_DEFAULT.daily)
    weekly: Mapped[int] = mapped_column(default=_DEFAULT.weekly)
    days_after_end: Mapped[int] = mapped_column(default=_DEFAULT.days_after_end)

    read_at: Mapped[datetime | None]
    """When the account's snapshots were last listed; this and the next are the duty's."""
    refused_code: Mapped[str | None] = mapped_column(String(64))
    """Why none are taken: the account's key lacks the right (a catalogue code)."""
    refused_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def policy(self) -> SnapshotPolicy:
        return SnapshotPolicy(self.is_on, self.daily, self.weekly, self.days_after_end)


def policy_in(setting: SnapshotSetting | None) -> SnapshotPolicy:
    """What a company wants for an account, also where it has said nothing."""
    return _DEFAULT if setting is None else setting.policy


class DiskSnapshot(Base):
    """One snapshot, from before it is asked for. The row stays when it is gone."""

    __tablename__ = "disk_snapshots"
    __table_args__ = (
        UniqueConstraint("credential_id", "name"),
        Index("ix_disk_snapshots_workspace_id_issued_at", "workspace_id", "issued_at"),
        Index(
            "ix_disk_snapshots_standing",
            "credential_id",
            "state",
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        CheckConstraint("state != 'ready' OR taken_at IS NOT NULL", name="ready_has_a_time"),
        CheckConstraint("state != 'unknown' OR workspace_id IS NULL", name="unknown_has_no_workspace"),
        CheckConstraint("(error_code IS NULL) = (error_at IS NULL)", name="error_pair"),
        CheckConstraint("(state = 'gone') = (ended_at IS NOT NULL)", name="gone_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    account_id: Mapped[str] = mapped_column(String(64))
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    """NULL: no desktop of the company explains it."""
    cloud_workspace_id: Mapped[str] = mapped_column(String(120))
    """The machine that it was taken of."""
    claim: Mapped[str] = mapped_column(String(120))
    """Ours on that machine, in its tags: without it nothing is deleted."""
    name: Mapped[str] = mapped_column(String(140))
    kind: Mapped[SnapshotKind] = mapped_column(enum_column(SnapshotKind))
    state: Mapped[SnapshotState] = mapped_column(enum_column(SnapshotState), default=SnapshotState.INTENT)
    issued_at: Mapped[datetime]
    """When it was about to be asked for the first time."""
    sent_at: Mapped[datetime | None]
    """When it was last asked for, or its end; NULL: it was found in the cloud."""
    taken_at: Mapped[datetime | None]
    """Of this moment is what it has, by the cloud. Rules compare `issued_at`, which is by our clock."""
    size_gib: Mapped[int | None]
    """Of the disk. It is billed for less."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    """Why it was not taken, or cannot be deleted (a catalogue code)."""
    error_detail: Mapped[str | None] = mapped_column(String(300))
    error_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When its absence was proven."""
    version: Mapped[int] = mapped_column(default=1)

    @property
    def held(self) -> Held:
        """For the rules about those that are complete."""
        return Held(self.id, self.issued_at, self.kind)
