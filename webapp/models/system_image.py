"""Images of desktops' systems that people asked for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.system_images import ImageState
from webapp.models.base import Base, enum_column

_STANDING, _UNDERWAY = text("state != 'gone'"), text("state = 'intent'")


class SystemImage(Base):
    """One image, from before it is asked for. The row stays when it is gone."""

    __tablename__ = "system_images"
    __table_args__ = (
        UniqueConstraint("credential_id", "name"),
        Index("ix_system_images_workspace_id_issued_at", "workspace_id", "issued_at"),
        Index(
            "ix_system_images_standing",
            "credential_id",
            "state",
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(
            "ix_system_images_underway",
            "workspace_id",
            unique=True,  # one of a desktop at a time
            sqlite_where=_UNDERWAY,
            postgresql_where=_UNDERWAY,
        ),
        CheckConstraint(
            "state != 'ready' OR (cloud_id IS NOT NULL AND created_at IS NOT NULL)", name="ready_is_known"
        ),
        CheckConstraint("(error_code IS NULL) = (error_at IS NULL)", name="error_pair"),
        CheckConstraint("(state = 'gone') = (ended_at IS NOT NULL)", name="gone_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    cloud_workspace_id: Mapped[str] = mapped_column(String(120))
    """The machine of which it is."""
    claim: Mapped[str] = mapped_column(String(120))
    """Ours on that machine, in the image's tags: without it nothing is deleted."""
    name: Mapped[str] = mapped_column(String(64))
    cloud_id: Mapped[str | None] = mapped_column(String(80))
    """NULL: the cloud has not named it (yet)."""
    state: Mapped[ImageState] = mapped_column(enum_column(ImageState), default=ImageState.INTENT)
    issued_at: Mapped[datetime]
    """When a person asked for it."""
    sent_at: Mapped[datetime | None]
    """When the cloud was last asked for it, or for its end."""
    created_at: Mapped[datetime | None]
    """By the cloud, once it is complete."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    """Why it was not created, or cannot be deleted (a catalogue code)."""
    error_detail: Mapped[str | None] = mapped_column(String(300))
    error_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When its absence was proven."""
    version: Mapped[int] = mapped_column(default=1)

    @property
    def has_failed(self) -> bool:
        """It was never complete, and will not be."""
        return self.error_code is not None and self.created_at is None
