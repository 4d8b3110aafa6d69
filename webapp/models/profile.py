"""Profiles: what a job posting gives to the people it hires. Orders are made from them without a form."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.costs.money import Money
from webapp.domain.name_patterns import LONGEST_PATTERN
from webapp.models.base import Base
from webapp.models.default_contract import DefaultContract, days_in_range
from webapp.models.snapshot_policy import KeepsSnapshots, snapshots_whole

LONGEST_NAME = 80


class Profile(DefaultContract, KeepsSnapshots, Base):
    __tablename__ = "profiles"
    __table_args__ = (
        Index(
            "uq_profiles_company_id_name",
            "company_id",
            "name",
            unique=True,
            sqlite_where=text("archived_at IS NULL"),
            postgresql_where=text("archived_at IS NULL"),
        ),
        days_in_range(),
        snapshots_whole(),
        CheckConstraint("(month_cap_minor IS NULL) = (cap_currency IS NULL)", name="cap_pair"),
        CheckConstraint("month_cap_minor > 0", name="cap_is_positive"),
        CheckConstraint("desktop_version BETWEEN 1 AND version", name="desktop_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    workspace_type: Mapped[str] = mapped_column(String(16))
    bundle_id: Mapped[str] = mapped_column(String(120))
    bundle_name: Mapped[str] = mapped_column(String(160))
    """As the cloud called it when it was chosen."""
    creates_user: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Is the user to be made in the directory?"""
    username_pattern: Mapped[str | None] = mapped_column(String(LONGEST_PATTERN))
    """Of `domain.name_patterns`; NULL: the usual one of the directory."""
    month_cap_minor: Mapped[int | None] = mapped_column(BigInteger)
    """The most that a month of one desktop may cost by list prices; NULL: anything."""
    cap_currency: Mapped[str | None] = mapped_column(String(3))
    orders_on_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    """An approval is enough: the desktop is ordered with it."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts changes."""
    desktop_version: Mapped[int] = mapped_column(default=1)
    """The version since which a desktop gets what it gets now: no later change concerns one that is there."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    """Since when nothing is ordered with it; the row stays for the desktops that were."""

    @property
    def month_cap(self) -> Money | None:
        if self.month_cap_minor is None or self.cap_currency is None:
            return None
        return Money(self.cap_currency, self.month_cap_minor)
