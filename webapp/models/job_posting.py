"""Job postings: what a company hires for. People read "Job"; a `job` in the code is a background job."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.contract_defaults import MOST_DAYS, ContractDefaults
from webapp.domain.roles import JobPostingStatus
from webapp.models.base import Base, enum_column
from webapp.models.company import Company


class JobPosting(Base):
    __tablename__ = "job_postings"
    __table_args__ = (
        Index("ix_job_postings_company_created", "company_id", "created_at", "id"),
        CheckConstraint(f"default_days BETWEEN 1 AND {MOST_DAYS}", name="default_days"),
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
    default_zone: Mapped[str | None] = mapped_column(String(64))
    """The contract of whoever is approved without one, from here on (`domain.contract_defaults`)."""
    default_starts_at: Mapped[datetime | None]
    default_ends_at: Mapped[datetime | None]
    default_days: Mapped[int | None]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def contract_defaults(self) -> ContractDefaults:
        return ContractDefaults(
            self.default_zone, self.default_starts_at, self.default_ends_at, self.default_days
        )

    @contract_defaults.setter
    def contract_defaults(self, defaults: ContractDefaults) -> None:
        self.default_zone, self.default_days = defaults.zone, defaults.days
        self.default_starts_at, self.default_ends_at = defaults.starts_at, defaults.ends_at
