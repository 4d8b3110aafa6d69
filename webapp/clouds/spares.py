"""Machines for nobody in particular, for warm pools: a capability of drivers, `CloudDriver.spares`."""

from collections.abc import Sequence
from typing import Protocol

from webapp.clouds.batches import Created, Order


class MakesSpares(Protocol):
    """The cloud makes machines that nobody can use, until one is given to its person (`FollowUp.ASSIGN`).

    Looked at, started, stopped and ended like any other; to whom it belongs, its claim says.
    """

    made_of: str
    """Of what image new ones are made: another text, another image."""

    def machine_id_of(self, claim: str) -> str:
        """The id of the machine that an order with this claim makes, before it is sent. Asks nobody."""
        ...

    def make_spares(self, orders: Sequence[Order]) -> Created:
        """As `CloudDriver.create`, with orders that name no user. Raises CloudError."""
        ...
