"""How many desktops live and what a month of them costs: of a company, of each account, of each job.

Kept like the tallies (`company_tally.py`): triggers on `workspaces` add rows, the scheduler adds them up, and
the sum is right at every moment. So neither an order under a limit nor a page reads every live desktop.
"""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base

OF_COMPANY = "company"


def of_account(credential_id: int) -> str:
    return f"account:{credential_id}"


class LiveSum(Base):
    __tablename__ = "live_sums"
    __table_args__ = (
        Index("ix_live_sums_key", "company_id", "key"),
        Index(
            "ix_live_sums_new",
            "company_id",
            "key",
            sqlite_where=text("NOT is_base"),
            postgresql_where=text("NOT is_base"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(32))
    """Whose desktops: `company`, `account:` or `job:` and an id; as the key of a budget."""
    currency: Mapped[str | None] = mapped_column(String(3))
    """None: of desktops without a known price."""
    made_on: Mapped[date | None]
    """The UTC day of their orders, which decides whether a month's fee was charged; None: earlier ones."""
    desktops: Mapped[int]
    month_prices_minor: Mapped[int] = mapped_column(BigInteger)
    month_fees_minor: Mapped[int] = mapped_column(BigInteger)
    """What of the prices the cloud charges for a month at once. All three may be negative."""
    is_base: Mapped[bool] = mapped_column(default=False)
    """The sum of earlier ones."""
