"""Cohorts: one order for many people. The desktops are ordinary workspaces; these tables list the people."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.windows import Window
from webapp.models.base import Base
from webapp.models.cloud_credential import CloudCredential


class Cohort(Base):
    __tablename__ = "cohorts"
    __table_args__ = (
        UniqueConstraint("company_id", "key"),
        Index("ix_cohorts_company_id_id", "company_id", "id"),
        CheckConstraint("(profile_id IS NULL) = (profile_version IS NULL)", name="profile_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(32))
    """From the form: submitting the same form again finds the same cohort."""
    name: Mapped[str] = mapped_column(String(120))
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    ordered_by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    workspace_type: Mapped[str] = mapped_column(String(16))
    bundle_id: Mapped[str] = mapped_column(String(120))
    bundle_name: Mapped[str] = mapped_column(String(160))
    is_in_time: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Desktops are made for the start of their contracts; else at once."""
    profile_id: Mapped[int | None]
    """By which it was ordered; no foreign key: the row of a profile is never deleted."""
    profile_version: Mapped[int | None]
    """What the profile gave then is what the order gives, also to those of its people who come later."""
    created_at: Mapped[datetime]

    credential: Mapped[CloudCredential] = relationship(lazy="raise_on_sql")


class CohortRow(Base):
    """One person of a cohort: ordered (`workspace_id`), refused (`code`), or not started yet (neither)."""

    __tablename__ = "cohort_rows"
    __table_args__ = (
        UniqueConstraint("cohort_id", "place"),
        CheckConstraint("(code IS NULL) = (message IS NULL)", name="refusal_pair"),
        CheckConstraint("workspace_id IS NULL OR code IS NULL", name="ordered_or_refused"),
        CheckConstraint("workspace_id IS NULL OR application_id IS NOT NULL", name="ordered_for_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"))
    place: Mapped[int]
    """In the order of the list, from 1."""
    person: Mapped[str] = mapped_column(String(254))
    """The applicant's name, or the pasted text if it matches nobody."""
    application_id: Mapped[int | None] = mapped_column(
        ForeignKey("applications.id", ondelete="RESTRICT"), index=True
    )
    username: Mapped[str] = mapped_column(String(128), default="")
    creates_user: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Is the user to be made in the directory?"""
    starts_at: Mapped[datetime | None]
    """The window that the order gives to the contract; without a zone it leaves that as it is."""
    ends_at: Mapped[datetime | None]
    window_zone: Mapped[str | None] = mapped_column(String(64))
    workspace_id: Mapped[int | None] = mapped_column(
        ForeignKey("workspaces.id", ondelete="RESTRICT"), index=True
    )
    code: Mapped[str | None] = mapped_column(String(64))
    """Why nothing was ordered; the code of the refusal."""
    message: Mapped[str | None] = mapped_column(String(300))

    @property
    def window(self) -> Window | None:
        """None: the order changes nothing about the contract."""
        return None if self.window_zone is None else Window(self.starts_at, self.ends_at, self.window_zone)
