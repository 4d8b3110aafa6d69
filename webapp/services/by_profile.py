"""What an order by a profile adds to its desktop's row, and the cap on its price."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.costs.money import Money
from webapp.domain.errors import Conflict
from webapp.domain.hours.week import Hours
from webapp.models import Profile


@dataclass(frozen=True, slots=True)
class ByProfile:
    """A profile as it was read: a change at the same moment is for the next orders."""

    profile_id: int
    version: int
    name: str
    month_cap: Money | None
    hours: Hours | None
    """Those of the person's contract, unless somebody has set others for it."""

    @classmethod
    def of(cls, row: Profile, hours: Hours | None) -> "ByProfile":
        return cls(row.id, row.version, row.name, row.month_cap, hours)

    def columns(self, priced: Mapping[str, Any]) -> dict[str, Any]:
        """`priced`: the other columns of the row. Raises Conflict (`profile_cap_reached`)."""
        self.check_price(priced["month_price_minor"], priced["price_currency"])
        return {"profile_id": self.profile_id, "profile_version": self.version}

    def check_price(self, month_price_minor: int | None, currency: str | None) -> None:
        """By list prices. What has no known price, or one in another currency, passes: as with budgets."""
        cap = self.month_cap
        if cap is None or month_price_minor is None or currency != cap.currency:
            return
        if month_price_minor > cap.amount_minor:
            price = Money(cap.currency, month_price_minor)
            raise Conflict(
                f"A month of this desktop costs {price} by list prices, and the profile “{self.name}” allows"
                f" {cap}. Choose a smaller size in the profile, or allow more.",
                code="profile_cap_reached",
            )
