"""Exact arithmetic: amounts and shares are Decimals, and no float touches money."""

from datetime import timedelta
from decimal import Decimal

LONGEST_DIGITS = 60
"""A bill's amounts have up to ten decimals; sums and shares of them stay exact."""
MICROSECOND = timedelta(microseconds=1)


def ratio(part: timedelta, whole: timedelta) -> Decimal:
    """To 28 digits."""
    return Decimal(part // MICROSECOND) / Decimal(whole // MICROSECOND)
