"""A company's costs of a month, added up so that no page adds up rows of desktops.

Written in the transactions that write `cost_days`, and wholly from them (`engine/cost_sums.py`).
"""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.costs.groups import Dimension
from webapp.models.base import Base, enum_column


class CostSum(Base):
    """What one group cost in a month, in one currency: two figures that are never added."""

    __tablename__ = "cost_sums"
    __table_args__ = (
        UniqueConstraint("company_id", "month", "dimension", "currency", "key", name="uq_cost_sums_group"),
        Index("ix_cost_sums_billed", "company_id", "month", "dimension", "currency", "billed_minor", "key"),
        Index(
            "ix_cost_sums_estimated",
            "company_id",
            "month",
            "dimension",
            "currency",
            "estimated_minor",
            "key",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    month: Mapped[date]
    """Its first day."""
    dimension: Mapped[Dimension] = mapped_column(enum_column(Dimension))
    key: Mapped[str] = mapped_column(String(160))
    """Which group: an id, a bundle's name, a cloud, a day, a remainder."""
    currency: Mapped[str] = mapped_column(String(3))
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    """Of a desktop's own sum."""
    is_estimated: Mapped[bool]
    """False: the amount beside it says nothing. The same for the bill."""
    estimated_minor: Mapped[int] = mapped_column(BigInteger)
    is_billed: Mapped[bool]
    billed_minor: Mapped[int] = mapped_column(BigInteger)


class CostMonth(Base):
    """What a month's sums do not include."""

    __tablename__ = "cost_months"

    company_id: Mapped[int] = mapped_column(
        ForeignKey("companies.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    month: Mapped[date] = mapped_column(primary_key=True)
    unpriced_desktops: Mapped[int]
    """So many have a day with a part whose price is not known."""


class UnpricedDay(Base):
    """On this day something of the workspace has no known price: its estimate is incomplete, or missing."""

    __tablename__ = "unpriced_days"
    __table_args__ = (
        Index("ix_unpriced_days_company_id_day", "company_id", "day"),
        Index("ix_unpriced_days_credential_id_day", "credential_id", "day"),
    )

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))


class CostEstimate(Base):
    """Through which day the account's desktops have been estimated."""

    __tablename__ = "cost_estimates"

    credential_id: Mapped[int] = mapped_column(
        ForeignKey("cloud_credentials.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    through: Mapped[date]
