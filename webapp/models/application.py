"""Applications: a seeker asks for a job; a provider approves or rejects."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.hours.reading import hours_from, hours_json
from webapp.domain.hours.week import Hours
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.models.base import Base, enum_column
from webapp.models.ending import Ending
from webapp.models.job_posting import JobPosting
from webapp.models.user import User

NO_DESKTOP, FAILED_DESKTOP, LIVE_DESKTOP = "none", "failed", "live"


class Application(Ending, Base):
    __tablename__ = "applications"
    __table_args__ = (
        UniqueConstraint("job_posting_id", "seeker_id"),
        Index("ix_applications_status", "company_id", "status", "created_at", "id"),
        Index("ix_applications_unserved", "company_id", "status", "desktop", "decided_at", "id"),
        Index(
            "ix_applications_unserved_until",
            *("company_id", "status", "desktop", "ends_at", "decided_at", "id"),
        ),
        Index("ix_applications_job_unserved", "company_id", "job_posting_id", "status", "desktop", "id"),
        Index("ix_applications_job", "company_id", "job_posting_id", "status", "created_at", "id"),
        Index("ix_applications_people", "company_id", "status", "seeker_id"),
        Index("ix_applications_starts", "company_id", "status", "starts_at", "id"),
        Index("ix_applications_ends", "company_id", "status", "ends_at", "id"),
        CheckConstraint("(status = 'submitted') = (decided_at IS NULL)", name="decided_pair"),
        CheckConstraint("(order_refusal_code IS NULL) = (order_refusal IS NULL)", name="order_refusal_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    """The posting's company, repeated so that every query can filter by tenant."""
    job_posting_id: Mapped[int] = mapped_column(ForeignKey("job_postings.id", ondelete="RESTRICT"))
    seeker_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    message: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[ApplicationStatus] = mapped_column(
        enum_column(ApplicationStatus), default=ApplicationStatus.SUBMITTED
    )
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    desktop: Mapped[str] = mapped_column(String(8), default=NO_DESKTOP, server_default=NO_DESKTOP)
    """`none`, `failed` or `live`: the best order for it that is listed; written by the database itself."""

    starts_at: Mapped[datetime | None]
    """The window of the contract, from here on; written by `services.windows`, with its desktop's copy."""
    ends_at: Mapped[datetime | None]
    window_zone: Mapped[str | None] = mapped_column(String(64))
    """In which it was typed."""
    extension_asked_at: Mapped[datetime | None]
    """Since when its person waits for more time; NULL again when the window changes."""
    window_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was set."""
    window_set_at: Mapped[datetime | None]
    has_default_window: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It came with the approval from the defaults of the job posting, and nobody has set another."""

    order_due_at: Mapped[datetime | None]
    """Since when its approval is to order a desktop by the profile of its job; NULL: that is done, refused,
    or was never wanted (`services.profile_orders`)."""
    order_refusal_code: Mapped[str | None] = mapped_column(String(64))
    """Why the newest order by the profile was refused; NULL as soon as there is a desktop."""
    order_refusal: Mapped[str | None] = mapped_column(String(300))

    hours_json: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """In which its desktop runs, written like the window; NULL: whenever somebody starts it."""
    has_own_hours: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Somebody has set them, or taken them away; else those of the job or its profile count."""

    job_posting: Mapped[JobPosting] = relationship(lazy="raise_on_sql")
    seeker: Mapped[User] = relationship(lazy="raise_on_sql", foreign_keys=[seeker_id])

    @property
    def window(self) -> Window:
        return Window(self.starts_at, self.ends_at, self.window_zone)

    @property
    def hours(self) -> Hours | None:
        return hours_from(self.hours_json) if self.hours_json is not None else None

    @property
    def has_default_hours(self) -> bool:
        """They came from the job or its profile, and nobody has set others."""
        return self.hours_json is not None and not self.has_own_hours

    @property
    def is_unserved(self) -> bool:
        """Can a desktop be ordered for it?"""
        return self.status is ApplicationStatus.APPROVED and self.desktop != LIVE_DESKTOP

    def take_window(self, window: Window, *, at: datetime, is_default: bool = False) -> None:
        """Of a row that is locked, or new; its desktop follows by `services.windows`."""
        self.starts_at, self.ends_at, self.window_zone = window.starts_at, window.ends_at, window.zone
        self.window_version, self.window_set_at = (self.window_version or 0) + 1, at
        self.extension_asked_at, self.has_default_window = None, is_default

    def take_hours(self, hours: Hours | None, *, at: datetime, is_default: bool = False) -> None:
        """Likewise."""
        self.has_own_hours = not is_default
        self.hours_json = hours_json(hours) if hours is not None else None
        self.window_version, self.window_set_at = (self.window_version or 0) + 1, at
