"""When Azure charges what for a session host. Sources: docs/evidence/azure_avd.md#how-it-bills.

The licence `Windows_Client`, which Berth's template sets, pays for Windows: only the base meter counts.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from webapp.domain.costs.charges import Charge
from webapp.domain.costs.exact import ratio
from webapp.domain.costs.prices import Part, PriceBook
from webapp.domain.costs.rates import Tariff
from webapp.domain.costs.sizes import MachineSize
from webapp.domain.costs.spans import MachineKind, Power, Span, by_day, month_length
from webapp.domain.lifecycle import CloudState
from webapp.providers.parts.billing import Billing

HOUR = timedelta(hours=1)
DISKS = {
    "Standard_D2s_v5": "E10 LRS",
    "Standard_D4s_v5": "P10 LRS",
    "Standard_D8s_v5": "P10 LRS",
    "Standard_D16s_v5": "P10 LRS",
}
"""The system disk of each size that Berth orders: 127 GiB of StandardSSD (E) or Premium (P) are tier 10."""
SNAPSHOT_SKU = "Snapshots LRS"
"""On standard HDD, as incremental ones always are."""
SIZES = (
    MachineSize("Standard_D2s_v5", "Light (Standard_D2s_v5)", 2, 8),
    MachineSize("Standard_D4s_v5", "Standard (Standard_D4s_v5)", 4, 16),
    MachineSize("Standard_D8s_v5", "Performance (Standard_D8s_v5)", 8, 32),
    MachineSize("Standard_D16s_v5", "Power (Standard_D16s_v5)", 16, 64),
)


def power_of(state: CloudState) -> Power:
    """Everything but a deallocated machine is billed."""
    return Power.STOPPED if state is CloudState.STOPPED else Power.RUNNING


def sku_of(kind: MachineKind) -> str | None:
    return kind.compute_type


def disk_sku_of(kind: MachineKind) -> str | None:
    return DISKS.get(kind.compute_type or "")


def tariff_of(kind: MachineKind) -> Tariff | None:
    """A month of its disk, and its hours."""
    size, disk = sku_of(kind), disk_sku_of(kind)
    if size is None or disk is None:
        return None
    return Tariff(((Part.DISK_MONTH, disk), (Part.HOUR, size)))


def resized(kind: MachineKind, compute_type: str) -> list[Tariff]:
    """The disk stays what it is."""
    disk = disk_sku_of(kind)
    return [] if disk is None else [Tariff(((Part.DISK_MONTH, disk), (Part.HOUR, compute_type)))]


def charges(spans: Sequence[Span], book: PriceBook) -> Iterator[Charge]:
    """Running by the second, and the disk for as long as it exists."""
    for span in by_day(spans):
        share = ratio(span.length, month_length(span.day))
        yield _charge(span, Part.DISK_MONTH, disk_sku_of(span.kind), share, book)
        if span.power is Power.RUNNING:
            yield _charge(span, Part.HOUR, sku_of(span.kind), ratio(span.length, HOUR), book)


def _charge(span: Span, part: Part, sku: str | None, share: Decimal, book: PriceBook) -> Charge:
    return Charge(span.day, part, share, book.at(span.kind.region, sku, part, span.day))


BILLING = Billing(
    region_field="location",
    bill_fields=("resource_group",),
    power_of=power_of,
    charges=charges,
    tariff_of=tariff_of,
    sizes=SIZES,
    resized=resized,
    always_on_mode=None,
    snapshot_sku=SNAPSHOT_SKU,
)
