"""Files of desktops that are gone, on their way to new ones."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.file_returns import ReturnState, ReturnStep
from webapp.models.base import Base, enum_column

_OPEN = text("state != 'done'")


class FileReturn(Base):
    """One return, from the order of the new desktop until the disk that carried the files is gone."""

    __tablename__ = "file_returns"
    __table_args__ = (
        UniqueConstraint("credential_id", "disk"),
        Index("ix_file_returns_workspace_id", "workspace_id"),
        Index("ix_file_returns_former_id", "former_id"),
        Index("ix_file_returns_open", "credential_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("(begun_at IS NULL) = (disk IS NULL)", name="begun_has_a_disk"),
        CheckConstraint("state != 'underway' OR begun_at IS NOT NULL", name="underway_has_begun"),
        CheckConstraint("(step IS NULL) = (step_sent_at IS NULL)", name="step_pair"),
        CheckConstraint("(error_code IS NULL) = (error_at IS NULL)", name="error_pair"),
        CheckConstraint("(state = 'done') = (ended_at IS NOT NULL)", name="done_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    """The new desktop."""
    former_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    """The one that is gone."""
    snapshot_id: Mapped[int]
    """Not a foreign key: the row of a snapshot that is gone is deleted before this one."""
    snapshot: Mapped[str] = mapped_column(String(140))
    """Its name in the cloud."""
    taken_at: Mapped[datetime]
    """Of when the files are."""
    state: Mapped[ReturnState] = mapped_column(enum_column(ReturnState), default=ReturnState.WAITING)
    asked_at: Mapped[datetime]
    cloud_workspace_id: Mapped[str | None] = mapped_column(String(120))
    """The new machine; NULL, like the next two, until it is there."""
    claim: Mapped[str | None] = mapped_column(String(120))
    """Ours on that machine, in the disk's tags: without it nothing is deleted."""
    disk: Mapped[str | None] = mapped_column(String(140))
    begun_at: Mapped[datetime | None]
    step: Mapped[ReturnStep | None] = mapped_column(enum_column(ReturnStep))
    """What was sent last, or was about to be."""
    step_sent_at: Mapped[datetime | None]
    copied_at: Mapped[datetime | None]
    """When the files were seen to be on the new desktop."""
    ending_sent_at: Mapped[datetime | None]
    """When the disk was last to be detached or deleted."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    """Why the files do not come, or why the disk cannot be deleted (a catalogue code)."""
    error_detail: Mapped[str | None] = mapped_column(String(300))
    error_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When the absence of the disk was proven; or nothing was ever made."""
    version: Mapped[int] = mapped_column(default=1)
