"""How a cloud bills: when a machine counts as running, and what it is charged when. For estimates only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.domain.costs.charges import Charge
from webapp.domain.costs.prices import PriceBook
from webapp.domain.costs.rates import Tariff
from webapp.domain.costs.sizes import MachineSize
from webapp.domain.costs.spans import MachineKind, Power, Span
from webapp.domain.lifecycle import CloudState


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    region_field: str
    """The public field of a credential that says where its machines stand."""
    bill_fields: tuple[str, ...]
    """Public fields that say, with the account, which bill it is: credentials that agree share one."""
    power_of: Callable[[CloudState], Power | None]
    """How a machine in this state is billed; None: not at all (yet)."""
    charges: Callable[[Sequence[Span], PriceBook], Iterable[Charge]]
    """What the spans of one machine, in order, cost."""
    tariff_of: Callable[[MachineKind], Tariff | None]
    """What such a machine is charged for; None if nothing says it."""
    sizes: tuple[MachineSize, ...]
    """Those that a machine can be changed into; none with graphics."""
    resized: Callable[[MachineKind, str], Sequence[Tariff]]
    """What the machine is charged for after a change into the size of this code, its disks as they are; the
    next one if nobody knows that price."""
    always_on_mode: str | None
    """The running mode whose month covers all use; None: there is none."""
    snapshot_sku: str | None = None
    """The price of a month of each GiB that a snapshot of a disk takes (`Part.DISK_MONTH`)."""
    bills_failed_launches: bool = True
    """A machine that has failed before it could be used costs like any other."""

    def reader_of(
        self, sharing: Iterable[tuple[int, Mapping[str, str]]], public_fields: Mapping[str, str]
    ) -> int | None:
        """Which credential reads the bill of `public_fields`: of those that share it, the oldest.

        `sharing`: ids and public fields of the company's credentials of the account.
        """
        return min((one for one, fields in sharing if self.is_one_bill(fields, public_fields)), default=None)

    def is_one_bill(self, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
        """Of two credentials of an account, by their public fields."""
        return self._bill_of(one) == self._bill_of(other)

    def _bill_of(self, public_fields: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(public_fields[name].lower() for name in self.bill_fields)
