"""The record of the end: all that is to be said later about a desktop that is gone, in one row.

Written once, in the transaction that ends the workspace (`engine/end_records.py`), and complete by itself:
names are as they were then. Only its costs come later, and a removed person's name leaves it.
Why: docs/decisions/record_of_the_end.md.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.end_records import EndReason
from webapp.models.base import Base, enum_column

_OPEN = text("costs_closed_at IS NULL")


class EndRecord(Base):
    __tablename__ = "end_records"
    __table_args__ = (
        Index("ix_end_records_company_terminated", "company_id", "terminated_at", "id"),
        Index("ix_end_records_costs_due", "costs_final_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_end_records_person", "person_id"),
        Index("ix_end_records_ordered_by", "ordered_by_id"),
        Index("ix_end_records_ended_by", "ended_by_id"),
        Index("ix_end_records_terminated_at", "terminated_at"),
        CheckConstraint("(absent_first_at IS NULL) = (absent_last_at IS NULL)", name="absence_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"), unique=True)
    """The row of a workspace is never deleted."""
    made_at: Mapped[datetime]
    is_partial: Mapped[bool] = mapped_column(default=False)
    """Made later, from what was still there: what it lacks was perhaps deleted."""

    company_name: Mapped[str] = mapped_column(String(120))
    """This and all names below as they were at the end."""
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    person_name: Mapped[str] = mapped_column(String(120))
    person_email: Mapped[str] = mapped_column(String(254))
    job_title: Mapped[str] = mapped_column(String(120))
    ordered_by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    ordered_by_name: Mapped[str] = mapped_column(String(120))
    ordered_by_email: Mapped[str] = mapped_column(String(254))
    ended_by: Mapped[str | None] = mapped_column(String(160))
    """As events name whoever it was; NULL: nobody of the company."""
    ended_by_id: Mapped[int | None]
    end_reason: Mapped[EndReason] = mapped_column(enum_column(EndReason))
    end_message: Mapped[str] = mapped_column(String(400))
    """The last sentence of its log."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    """The trouble that it had at the end (a catalogue code)."""

    cloud_provider: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str] = mapped_column(String(64))
    credential_name: Mapped[str] = mapped_column(String(80))
    place: Mapped[dict[str, str]]
    """Region, directory and what else says where: field and value."""
    workspace_type: Mapped[str] = mapped_column(String(16))
    bundle_id: Mapped[str] = mapped_column(String(120))
    bundle_name: Mapped[str] = mapped_column(String(160))
    running_mode: Mapped[str] = mapped_column(String(16))
    compute_type: Mapped[str | None] = mapped_column(String(40))
    operating_system: Mapped[str | None] = mapped_column(String(40))
    username: Mapped[str] = mapped_column(String(128))
    month_price_minor: Mapped[int | None] = mapped_column(BigInteger)
    """A month by the last known list price."""
    price_currency: Mapped[str | None] = mapped_column(String(3))
    details: Mapped[dict[str, Any]]
    """`machines`, `parts`, `counts`, `use`, `directory_user`, `replaces`, `replaced_by`:
    `queries/end_records.py`. Never a secret."""

    ordered_at: Mapped[datetime]
    available_at: Mapped[datetime | None]
    """NULL: it was never usable."""
    suspended_at: Mapped[datetime | None]
    access_ended_at: Mapped[datetime | None]
    """From when on nobody could sign in; NULL: no sooner known than with the desktop."""
    end_requested_at: Mapped[datetime | None]
    terminated_at: Mapped[datetime]
    """When its absence was proven."""
    absent_count: Mapped[int]
    """So many complete listings did not have it."""
    absent_first_at: Mapped[datetime | None]
    absent_last_at: Mapped[datetime | None]

    costs_final_at: Mapped[datetime]
    """From then on its costs are written down for good; until then they are added up when somebody looks."""
    costs_closed_at: Mapped[datetime | None]
    costs: Mapped[dict[str, Any] | None]
    """`amounts`, `billed_through`, `is_complete`; NULL until they are closed."""
