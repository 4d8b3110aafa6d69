"""How a cloud bills: what its prices depend on, and what it charges when. For estimates only."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from webapp.domain.costs.charges import Charge
from webapp.domain.costs.prices import Price, PriceBook
from webapp.domain.costs.spans import MachineKind, Power, Span
from webapp.domain.lifecycle import CloudState


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    sku_of: Callable[[MachineKind], str | None]
    """What `Price.sku` calls such a machine; None if nothing is known to price it by."""
    power_of: Callable[[CloudState], Power | None]
    """How a machine in this state is billed; None: not at all (yet)."""
    charges: Callable[[Sequence[Span], PriceBook], Iterable[Charge]]
    """What the spans of one machine, in order, cost."""
    shipped: tuple[Price, ...]
    """Dated prices for the time before the cloud's own are read."""
