"""How many desktops one of a company's warm pools may have, if all share what caps and budgets leave.

Desktops of people come first. Of the pools, the one that was set up first: a later one yields to it, and it
grows only into what later ones do not use. So two that look at the same moment never both give way.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from webapp.domain.costs.budgets import Spending


@dataclass(frozen=True, slots=True)
class Share:
    """What one pool has."""

    pool_id: int
    credential_id: int
    standing: int = 0
    ending: int = 0
    """Still there, and paid for until they are gone."""
    planned: int = 0
    """By the newest round of its account, which may not have made them yet."""
    month_price_minor: int | None = None
    price_currency: str | None = None

    @property
    def claimed(self) -> int:
        return max(self.standing, self.planned)


Held = Sequence[tuple[Share, int]]
"""So many desktops of each of these pools."""


def room(shares: Iterable[Share], pool_id: int, fits: Callable[[Held], int]) -> int:
    """How many this pool may have. `fits`: how many of its desktops there is room for beside others."""
    shares = list(shares)
    own = next((one for one in shares if one.pool_id == pool_id), Share(pool_id, 0))
    earlier = [(one, one.claimed) for one in shares if one.pool_id < pool_id]
    later = [(one, one.standing) for one in shares if one.pool_id > pool_id]
    there = [*earlier, *later, *((one, one.ending) for one in shares)]
    return max(fits(there), min(own.standing, fits(earlier)), 0)


def count_of(held: Held, *, credential_id: int | None = None) -> int:
    """Of one account, or of all."""
    return sum(count for share, count in held if credential_id in (None, share.credential_id))


def spending_with(spending: Spending, held: Held, *, currency: str) -> Spending:
    """With a month of each of these that has a known price in this currency."""
    prices = sum(
        (share.month_price_minor or 0) * count for share, count in held if share.price_currency == currency
    )
    return replace(spending, month_prices_minor=spending.month_prices_minor + prices)
