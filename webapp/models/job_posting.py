"""Job postings: what a company hires for. People read "Job"; a `job` in the code is a background job."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from webapp.domain.roles import JobPostingStatus
from webapp.models.base import Base, enum_column
from webapp.models.company import Company
from webapp.models.default_contract import DefaultContract, days_in_range
from webapp.models.profile import Profile


class JobPosting(DefaultContract, Base):
    __tablename__ = "job_postings"
    __table_args__ = (
        Index("ix_job_postings_company_created", "company_id", "created_at", "id"),
        Index("ix_job_postings_board", "status", "created_at", "id"),
        days_in_range(),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    location: Mapped[str] = mapped_column(String(120), default="")
    description: Mapped[str] = mapped_column(Text)
    status: Mapped[JobPostingStatus] = mapped_column(
        enum_column(JobPostingStatus), default=JobPostingStatus.OPEN
    )
    created_at: Mapped[datetime]
    profile_id: Mapped[int | None] = mapped_column(index=True)
    """What it gives to whoever is approved; NULL: that is chosen with each order. No foreign key: the row of
    a profile is never deleted."""

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    profile: Mapped[Profile | None] = relationship(
        lazy="raise_on_sql", viewonly=True, primaryjoin=lambda: foreign(JobPosting.profile_id) == Profile.id
    )
