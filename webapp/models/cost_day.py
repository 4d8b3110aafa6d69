"""What desktops cost by day: estimated, and as shares of the account's bill with its total beside them.

Written by the lease holder, all rows of a day and source in one transaction (`engine/duties/costs.py`): the
billed shares of a day add up to its total, to the cent. Days are UTC, as both clouds bill.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    case,
    cast,
    literal,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.costs.bills import OF_POOL, Remainder, Source
from webapp.models.base import Base, enum_column


class BilledTotal(Base):
    """An account's bill of a day, in one currency."""

    __tablename__ = "billed_totals"
    __table_args__ = (UniqueConstraint("credential_id", "day", "currency"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    day: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    is_provisional: Mapped[bool]
    """The cloud may still change it."""
    is_by_machine: Mapped[bool]
    """False: shared out by our mark, which counts only from when the cloud counts it."""
    read_at: Mapped[datetime]


class BillReading(Base):
    """How the newest reading of an account's bill went."""

    __tablename__ = "bill_readings"
    __table_args__ = (CheckConstraint("code IS NOT NULL OR read_at IS NOT NULL", name="read_or_refused"),)

    credential_id: Mapped[int] = mapped_column(
        ForeignKey("cloud_credentials.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """The newest one that was answered."""
    code: Mapped[str | None] = mapped_column(String(64))
    """Why the newest one was refused (a catalogue code); NULL if it was answered."""
    detail: Mapped[str | None] = mapped_column(String(300))
    """The cloud's code and words, shortened; untrusted."""
    by_machine_refused_at: Mapped[datetime | None]
    """When the account last did not show its bill by machine; NULL if it does."""


class CostDay(Base):
    """What a workspace cost on a day, estimated or billed; or a remainder of the bill."""

    __tablename__ = "cost_days"
    __table_args__ = (
        Index("ix_cost_days_workspace", "company_id", "workspace_id", "day"),
        Index("ix_cost_days_company_id_day", "company_id", "day"),
        Index("ix_cost_days_credential_id_day", "credential_id", "day"),
        CheckConstraint("source = 'billed' OR remainder IS NULL", name="only_a_bill_has_a_remainder"),
        CheckConstraint("(workspace_id IS NULL) != (remainder IS NULL)", name="of_one_subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    day: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    """ISO 4217."""
    source: Mapped[Source] = mapped_column(enum_column(Source))
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    remainder: Mapped[Remainder | None] = mapped_column(enum_column(Remainder))
    pool_id: Mapped[int | None]
    """Of a remainder: the warm pool whose desktops these are. No foreign key: its row is never deleted."""
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    """In the currency's minor unit; negative for a credit."""


_OF_POOL: ColumnElement[str] = literal(OF_POOL, String(8), literal_execute=True)
"""Written into the statement, because PostgreSQL groups by it."""
REMAINDER_KEY = case(
    (CostDay.pool_id.is_not(None), _OF_POOL + cast(CostDay.pool_id, String(160))),
    else_=cast(CostDay.remainder, String(160)),
)
"""Which remainder, as the sums and the API name it."""
