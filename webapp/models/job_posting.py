"""Job postings: what a company hires for. People read "Job"; a `job` in the code is a background job."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.roles import JobPostingStatus
from webapp.models.base import Base, enum_column
from webapp.models.company import Company


class JobPosting(Base):
    __tablename__ = "job_postings"
    __table_args__ = (Index("ix_job_postings_company_created", "company_id", "created_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    location: Mapped[str] = mapped_column(String(120), default="")
    description: Mapped[str] = mapped_column(Text)
    status: Mapped[JobPostingStatus] = mapped_column(
        enum_column(JobPostingStatus), default=JobPostingStatus.OPEN
    )
    created_at: Mapped[datetime]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
