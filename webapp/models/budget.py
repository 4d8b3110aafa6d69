"""Budgets: how much the desktops of a company, of a job or of a group order may cost."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.costs.budgets import Limits, Subject
from webapp.models.base import Base, enum_column

REASON_LENGTH = 300


class Budget(Base):
    __tablename__ = "budgets"
    __table_args__ = (
        UniqueConstraint("company_id", "key", "currency"),
        CheckConstraint("month_minor IS NOT NULL OR total_minor IS NOT NULL", name="has_a_limit"),
        CheckConstraint("(lifted_until IS NULL) = (lift_reason IS NULL)", name="lift_has_a_reason"),
        CheckConstraint("(subject = 'job') = (job_posting_id IS NOT NULL)", name="job_of_its_subject"),
        CheckConstraint("(subject = 'cohort') = (cohort_id IS NOT NULL)", name="cohort_of_its_subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    subject: Mapped[Subject] = mapped_column(enum_column(Subject))
    job_posting_id: Mapped[int | None] = mapped_column(ForeignKey("job_postings.id", ondelete="RESTRICT"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohorts.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(32))
    """The subject in one word (`key_of`): one budget each, and currency."""
    currency: Mapped[str] = mapped_column(String(3))
    """ISO 4217; what costs another currency does not count."""
    month_minor: Mapped[int | None] = mapped_column(BigInteger)
    """Of each month (UTC)."""
    total_minor: Mapped[int | None] = mapped_column(BigInteger)
    """Of all months together."""
    lifted_until: Mapped[datetime | None]
    """Until then orders pass."""
    lift_reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    lifted_by: Mapped[str | None] = mapped_column(String(160))
    warned_month: Mapped[date | None]
    """The newest month in which a webhook message has warned; its first day."""
    reached_month: Mapped[date | None]
    """The same for the message that it is reached."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def limits(self) -> Limits:
        return Limits(self.month_minor, self.total_minor)

    @property
    def subject_id(self) -> int | None:
        return self.job_posting_id or self.cohort_id

    def is_lifted(self, now: datetime) -> bool:
        return self.lifted_until is not None and now < self.lifted_until


def key_of(subject: Subject, subject_id: int | None = None) -> str:
    """`company`, `job:5`, `cohort:7`."""
    return subject.value if subject_id is None else f"{subject.value}:{subject_id}"
