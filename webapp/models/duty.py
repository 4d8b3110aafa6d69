"""Duties: periodic work on a cloud account; one row per account and kind.

The kinds are lines of `engine/duties/catalog.py`, and no migration knows them: a worker adds missing rows.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, update
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from webapp.models.base import Base


class Duty(Base):
    __tablename__ = "duties"
    __table_args__ = (
        UniqueConstraint("credential_id", "kind"),
        Index("ix_duties_due", "credential_id", "due_at"),
        CheckConstraint("(failure_code IS NULL) = (failed_at IS NULL)", name="failure_pair"),
        CheckConstraint("(failure_code IS NULL) = (failures = 0)", name="failures_counted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime]
    last_good_at: Mapped[datetime | None]
    """When the last successful run started."""
    failures: Mapped[int] = mapped_column(default=0)
    """Consecutive failed runs; each makes the next wait longer."""
    failure_code: Mapped[str | None] = mapped_column(String(64))
    """Why the last run failed (a catalogue code); NULL if it did not."""
    failure_cloud_code: Mapped[str | None] = mapped_column(String(120))
    failure_detail: Mapped[str | None] = mapped_column(String(500))
    failed_at: Mapped[datetime | None]


def make_due(
    session: Session | scoped_session[Session], credential_id: int, kind: str, *, now: datetime
) -> None:
    """A worker does it with its next run of the account."""
    session.execute(
        update(Duty)
        .where(Duty.credential_id == credential_id, Duty.kind == kind)
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
