"""Charges: what a machine costs by list prices. The rules of each cloud are its provider's (`Billing`)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from webapp.domain.costs.exact import LONGEST_DIGITS
from webapp.domain.costs.prices import Part, Price


@dataclass(frozen=True, slots=True)
class Charge:
    day: date
    """The UTC day on which the cloud bills it."""
    part: Part
    share: Decimal
    """How many months or hours."""
    price: Price | None
    """None: unknown."""

    @property
    def amount(self) -> Decimal:
        """In major units; only with a price."""
        if self.price is None:
            raise ValueError("its price is unknown")
        with localcontext(prec=LONGEST_DIGITS):
            return self.share * self.price.amount
