"""Money: whole minor units (cents) of one currency. Exact amounts are Decimals, never floats."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext
from functools import cache, lru_cache

from babel.numbers import format_currency, get_currency_precision, list_currencies

from webapp.domain.costs.exact import LONGEST_DIGITS

LONGEST_TYPED = 24
"""Characters: a Decimal of the usual precision holds them exactly."""
_TYPED = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")


class CurrencyMismatch(ValueError):
    """Amounts of two currencies cannot be added."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    currency: str
    """ISO 4217."""
    amount_minor: int
    """In the currency's minor unit: cents of USD, whole yen of JPY."""

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return Money(self.currency, self.amount_minor + other.amount_minor)

    @property
    def exact(self) -> Decimal:
        """In major units."""
        return Decimal(self.amount_minor).scaleb(-minor_digits(self.currency))

    def __str__(self) -> str:
        """As people write it in English, such as `$1,234.50` or `-¥300`."""
        return _written(self.currency, self.amount_minor)


@lru_cache(4096)  # a page of desktops is written again with every change, nearly always with the same amounts
def _written(currency: str, amount_minor: int) -> str:
    return format_currency(Money(currency, amount_minor).exact, currency, locale="en")


@cache
def minor_digits(currency: str) -> int:
    """Decimals of the currency; two for one that the CLDR does not know."""
    return get_currency_precision(currency)


def is_currency(code: str) -> bool:
    """Is it one of ISO 4217's, past ones too?"""
    return code in list_currencies()


def typed_amount(text: str, currency: str) -> int:
    """What a person typed in major units, such as `1,500.00` or `1500`, in minor units.

    Raises ValueError for anything else, and for more decimals than the currency has.
    """
    typed = text.strip()
    if not _TYPED.fullmatch(typed) or len(typed) > LONGEST_TYPED:
        raise ValueError("no amount")
    minor = Decimal(typed.replace(",", "")).scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        raise ValueError("a part of the smallest unit")
    return int(minor)


def in_minor_units(amount: Decimal, currency: str) -> int:
    """`amount` in major units, rounded half to even, as in `allot`."""
    with localcontext(prec=LONGEST_DIGITS):
        minor = amount.scaleb(minor_digits(currency))
        return int(minor.to_integral_value(rounding=ROUND_HALF_EVEN))


def by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One sum for each currency, in the order of their codes: no sum crosses currencies."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.amount_minor
    return tuple(Money(currency, minor) for currency, minor in sorted(sums.items()))


def allot(total_minor: int, shares: Sequence[Decimal]) -> list[int]:
    """Whole minor units that are close to `shares` (in minor units, exact) and add up to `total_minor`.

    By the largest remainder; of equal remainders the first one. The shares must add up to the total before
    it was rounded. Raises ValueError if they do not.
    """
    with localcontext(prec=LONGEST_DIGITS):
        if abs(sum(shares) - total_minor) > Decimal("0.5"):
            raise ValueError("the shares do not add up to the total")
        floors = [int(share.to_integral_value(rounding=ROUND_FLOOR)) for share in shares]
        left = total_minor - sum(floors)
        by_remainder = sorted(range(len(shares)), key=lambda place: (floors[place] - shares[place], place))
    for place in by_remainder[:left]:
        floors[place] += 1
    return floors


def rounded_by_sum(amounts: Sequence[Decimal], currency: str) -> list[int]:
    """Each amount in minor units such that every sum from the first on is rounded once.

    Days of 5.1 cents become 5, 5, 5, 5, 6 …: a month is never off by more than half a minor unit.
    """
    rounded: list[int] = []
    exact, before = Decimal(0), 0
    for amount in amounts:
        exact += amount
        until_here = in_minor_units(exact, currency)
        rounded.append(until_here - before)
        before = until_here
    return rounded
