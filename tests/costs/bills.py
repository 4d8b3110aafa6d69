"""What the campaign knows of a cloud's bill."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Protocol

from tests.costs.accounts import Account
from tests.costs.life import DAY, Step

LAG_S = 1.25 * DAY
"""Usage is on the bill so much later."""
SETTLING_S = 2 * DAY
"""So long Azure's figures of a day still change."""
CENTS = Decimal("0.01")
DEARER = Decimal("1.1")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a day of an account's bill really is, in exact amounts."""

    day: date
    machine: str
    """Empty: of no desktop."""
    amount: Decimal


class Cloud(Protocol):
    def do(self, step: Step, machine: str, claim: str) -> None:
        """At the cloud, the machine becomes what the step says."""
        ...

    def add_strangers(self, account: Account, *, first: date, last: date) -> None:
        """On each of these days, costs that no desktop explains."""
        ...

    def correct(self, account: Account, machine: str, *, day: date, amount: str, visible_at: float) -> None:
        """Days later, what a machine cost on a day is corrected."""
        ...

    def raise_prices(self, number: int, *, valid_from: str) -> None: ...

    def truth(self, account: Account, *, first: date, last: date, lag_s: float) -> Iterator[Cost]:
        """The bill of these days, so long before now."""
        ...

    def set_now(self, at: float) -> None: ...

    def billing_calls(self) -> dict[str, int]:
        """What was asked about costs, by operation."""
        ...


def in_cents(amount: Decimal) -> int:
    return int(amount.quantize(CENTS, rounding=ROUND_HALF_EVEN).scaleb(2))


def dearer(price: Decimal) -> Decimal:
    return (price * DEARER).quantize(Decimal("0.0001"))


def number_of(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days


def day_of_number(number: int) -> date:
    return date.fromordinal(number + date(1970, 1, 1).toordinal())


def calls_by_name(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Of a ledger."""
    found: dict[str, int] = {}
    for line in lines:
        name = str(line["operation"])
        found[name] = found.get(name, 0) + 1
    return found
