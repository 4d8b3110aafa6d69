"""The capabilities that are about money: a part of the contract of a driver."""

from datetime import date
from typing import Protocol

from webapp.domain.costs.bills import Bill
from webapp.domain.costs.prices import Price


class Bills(Protocol):
    """The cloud's billing can be read."""

    reread_days: int
    """Bills of the newest days still change: so many are read again each day."""

    def read_bill(self, *, first_day: date, last_day: date, today: date, by_machine: bool) -> Bill:
        """What the account was billed on these days (UTC). One call, and one more for each further page.

        `by_machine`: only days of the last `reread_days`; if the cloud refuses that, it is not the fault of
        the right to read bills. Raises CloudError.
        """
        ...


class ReadsPrices(Protocol):
    """The cloud publishes its list prices."""

    def read_prices(self) -> list[Price]:
        """Of everything that Berth may order in the credential's region. Raises CloudError."""
        ...
