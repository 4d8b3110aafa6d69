"""A company's costs of a month, added up so that no page adds up rows of desktops.

Written in the transactions that write `cost_days`, and wholly from them (`engine/cost_sums.py`).
"""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.money import Money
from webapp.models.base import Base, enum_column

IS_UNPRICED = text("is_unpriced")
"""Of `DesktopMonth`, also as a condition for queries, word for word: SQLite knows its index by the words."""


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
        Index("ix_cost_sums_workspace", "company_id", "month", "dimension", "currency", "workspace_id"),
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


class DesktopMonth(Base):
    """What a list shows of a desktop's month: one of the two figures, and whether it is all."""

    __tablename__ = "desktop_months"
    __table_args__ = (
        Index("ix_desktop_months_amount", "company_id", "month", "currency", "amount_minor", "workspace_id"),
        Index(
            "ix_desktop_months_unpriced",
            "company_id",
            "month",
            "workspace_id",
            sqlite_where=IS_UNPRICED,
            postgresql_where=IS_UNPRICED,
        ),
        CheckConstraint("(currency IS NULL) = (amount_minor IS NULL)", name="amount_pair"),
    )

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    month: Mapped[date] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    currency: Mapped[str | None] = mapped_column(String(3))
    """Of the amount; NULL: nothing is known. With more than one currency the first one is shown."""
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    """What was billed, if anything was; else what is estimated."""
    is_billed: Mapped[bool]
    is_unpriced: Mapped[bool]
    """A part of it has no known price."""

    @property
    def amount(self) -> Money | None:
        if self.currency is None or self.amount_minor is None:
            return None
        return Money(self.currency, self.amount_minor)


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
