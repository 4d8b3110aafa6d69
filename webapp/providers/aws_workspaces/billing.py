"""When Amazon charges what for a WorkSpace. Sources: docs/evidence/aws_workspaces.md#how-it-bills.

UNVERIFIED there: that a part of a month is charged by the second, that each begun hour counts whole, and that
nothing is given back after a termination. Bills show what is true; these are estimates.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from webapp.domain.costs.charges import Charge
from webapp.domain.costs.exact import ratio
from webapp.domain.costs.prices import Part, PriceBook
from webapp.domain.costs.rates import Tariff
from webapp.domain.costs.sizes import MachineSize
from webapp.domain.costs.spans import (
    MachineKind,
    Power,
    Span,
    by_day,
    by_month,
    month_length,
    month_of,
    rest_of_month,
)
from webapp.domain.lifecycle import CloudState
from webapp.providers.parts.billing import Billing

ALWAYS_ON, AUTO_STOP = "ALWAYS_ON", "AUTO_STOP"
HOUR = timedelta(hours=1)
USUAL_VOLUMES = {
    "VALUE": "80/10",
    "STANDARD": "80/50",
    "PERFORMANCE": "80/100",
    "POWER": "175/100",
    "POWERPRO": "175/100",
}
"""Of Amazon's own bundles of each size (docs/evidence/aws_workspaces.md#list-prices)."""
SIZES = (
    MachineSize("VALUE", "Value", 1, 2),
    MachineSize("STANDARD", "Standard", 2, 4),
    MachineSize("PERFORMANCE", "Performance", 2, 8),
    MachineSize("POWER", "Power", 4, 16),
    MachineSize("POWERPRO", "PowerPro", 8, 32),
    MachineSize("GENERALPURPOSE_4XLARGE", "GeneralPurpose.4xlarge", 16, 64),
    MachineSize("GENERALPURPOSE_8XLARGE", "GeneralPurpose.8xlarge", 32, 128),
)
_PARTS = {AUTO_STOP: (Part.MONTH, Part.HOUR), ALWAYS_ON: (Part.MONTH,)}
_NO_CODE = re.compile(r"[^A-Z0-9]+")
_NOT_BILLED = frozenset({CloudState.PENDING, CloudState.TERMINATING})
_STOPPED = frozenset({CloudState.STOPPED, CloudState.ERROR})
_SYSTEMS = (
    ("WINDOWS", "windows"),
    ("AMAZON LINUX", "amazon-linux"),
    ("UBUNTU", "ubuntu"),
    ("ROCKY", "rocky"),
    ("RHEL", "rhel"),
    ("RED HAT", "rhel"),
)


def power_of(state: CloudState) -> Power | None:
    if state in _NOT_BILLED:
        return None
    return Power.STOPPED if state in _STOPPED else Power.RUNNING


def sku_of(kind: MachineKind) -> str | None:
    """Such as `STANDARD/80/50/windows/AUTO_STOP`; None if the cloud has not said all of it."""
    if not (kind.compute_type and kind.volumes and kind.operating_system and kind.running_mode):
        return None
    system = system_of(kind.operating_system)
    return None if system is None else sku(kind.compute_type, kind.volumes, system, kind.running_mode)


def sku(compute_type: str, volumes: str, system: str, running_mode: str) -> str:
    """`compute_type`: the code, or as people write it: `Graphics.g4dn` is `GRAPHICS_G4DN`."""
    return f"{_NO_CODE.sub('_', compute_type.upper())}/{volumes}/{system}/{running_mode}"


def system_of(operating_system: str) -> str | None:
    """What an image's system is in price lists: `WINDOWS_11` and `Windows` are `windows`; None if unknown."""
    words = operating_system.upper().replace("_", " ")
    return next((system for prefix, system in _SYSTEMS if words.startswith(prefix)), None)


def tariff_of(kind: MachineKind) -> Tariff | None:
    """A monthly fee; with AUTO_STOP also hours. Inventories do not keep disks: then those of the size."""
    usual = USUAL_VOLUMES.get((kind.compute_type or "").upper())
    name = sku_of(replace(kind, volumes=kind.volumes or usual))
    parts = _PARTS.get(kind.running_mode or "")
    if name is None or parts is None:
        return None
    return Tariff(tuple((part, name) for part in parts), is_exact=kind.volumes is not None)


def resized(kind: MachineKind, compute_type: str) -> list[Tariff]:
    """With its own disks; where the list has no such pair, with those of the size, as an indication."""
    found = (tariff_of(replace(kind, compute_type=compute_type, volumes=one)) for one in (kind.volumes, None))
    return [one for one in found if one is not None]


def charges(spans: Sequence[Span], book: PriceBook) -> Iterator[Charge]:
    """Fees at once for the rest of the month, then on the first of each; hours as they begin."""
    paid_month, paid_mode = None, ""
    running_since: datetime | None = None
    for span in by_month(spans):
        mode = span.kind.running_mode or ""
        if paid_month != month_of(span.day) or (paid_mode, mode) == (AUTO_STOP, ALWAYS_ON):
            paid_month, paid_mode = month_of(span.day), mode
            yield _charge(span, Part.MONTH, ratio(rest_of_month(span.began_at), month_length(span.day)), book)
        # A switch to AUTO_STOP counts from next month: this one is paid for.
        if span.power is not Power.RUNNING or not mode == paid_mode == AUTO_STOP:
            running_since = None
            continue
        running_since = running_since or span.began_at
        for piece in by_day([span]):
            hours = _hours_until(running_since, piece.ended_at) - _hours_until(running_since, piece.began_at)
            if hours:
                yield _charge(piece, Part.HOUR, Decimal(hours), book)


def _hours_until(since: datetime, at: datetime) -> int:
    """Hours that have begun before `at`."""
    return -((since - at) // HOUR)


def _charge(span: Span, part: Part, share: Decimal, book: PriceBook) -> Charge:
    return Charge(span.day, part, share, book.at(span.kind.region, sku_of(span.kind), part, span.day))


BILLING = Billing(
    region_field="region",
    bill_fields=(),
    power_of=power_of,
    charges=charges,
    tariff_of=tariff_of,
    sizes=SIZES,
    resized=resized,
    always_on_mode=ALWAYS_ON,
    bills_failed_launches=False,
)
