"""List prices of the clouds, each valid from its day until the next; they belong to no company."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.costs.prices import Part, Price
from webapp.models.base import Base, enum_column


class ListPrice(Base):
    __tablename__ = "list_prices"
    __table_args__ = (
        UniqueConstraint(
            "cloud_provider", "region", "sku", "part", "currency", "valid_from", name="uq_list_prices_price"
        ),
        Index("ix_list_prices_read_at", "cloud_provider", "region", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cloud_provider: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(40))
    sku: Mapped[str] = mapped_column(String(120))
    """What is priced, as `domain.costs.prices.Price` has it."""
    part: Mapped[Part] = mapped_column(enum_column(Part))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[str] = mapped_column(String(40))
    """Exact, in major units: a decimal as text, because SQLite has none."""
    valid_from: Mapped[date]
    read_at: Mapped[datetime]
    """When the cloud last said so."""

    @property
    def price(self) -> Price:
        return Price(self.region, self.sku, self.part, Decimal(self.amount), self.currency, self.valid_from)
