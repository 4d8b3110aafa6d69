"""Restores of desktops whose disk is made of a snapshot that Berth has taken."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.disk_restores import RestoreState, Step
from webapp.models.base import Base, enum_column

_OPEN = text("state != 'done'")


class DiskRestore(Base):
    """One restore, from before its first call until the disk that is not needed any more is gone."""

    __tablename__ = "disk_restores"
    __table_args__ = (
        UniqueConstraint("credential_id", "disk"),
        Index("ix_disk_restores_workspace_id", "workspace_id"),
        Index("ix_disk_restores_open", "credential_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("(step IS NULL) = (step_sent_at IS NULL)", name="step_pair"),
        CheckConstraint("(error_code IS NULL) = (error_at IS NULL)", name="error_pair"),
        CheckConstraint("(state = 'done') = (ended_at IS NOT NULL)", name="done_has_a_time"),
        CheckConstraint("state != 'used' OR used_at IS NOT NULL", name="used_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    cloud_workspace_id: Mapped[str] = mapped_column(String(120))
    """The machine."""
    claim: Mapped[str] = mapped_column(String(120))
    """Ours on that machine, in the tags of both disks: without it nothing is deleted."""
    snapshot_id: Mapped[int]
    """Not a foreign key: the row of a snapshot that is gone is deleted before this one."""
    snapshot: Mapped[str] = mapped_column(String(140))
    """Its name in the cloud."""
    taken_at: Mapped[datetime]
    """Of when it is."""
    disk: Mapped[str] = mapped_column(String(140))
    """The name of the disk that is made of it."""
    old_disk: Mapped[str | None] = mapped_column(String(140))
    """The name of the one that the machine had; NULL: not known yet."""
    state: Mapped[RestoreState] = mapped_column(enum_column(RestoreState), default=RestoreState.UNDERWAY)
    step: Mapped[Step | None] = mapped_column(enum_column(Step))
    """What was sent last, or was about to be."""
    step_sent_at: Mapped[datetime | None]
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When the machine was seen with the new disk."""
    ending_sent_at: Mapped[datetime | None]
    """When the deletion of the disk that goes was last sent."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    """Why that disk cannot be deleted (a catalogue code)."""
    error_detail: Mapped[str | None] = mapped_column(String(300))
    error_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When the absence of the disk that goes was proven."""
    version: Mapped[int] = mapped_column(default=1)
