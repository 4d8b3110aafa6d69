"""List prices of kinds of machines: those that were read from the cloud; before that, those that ship.

What neither knows is unknown, never guessed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING
from typing import Any

from webapp.domain.costs.money import Money, minor_digits
from webapp.domain.costs.prices import Part
from webapp.domain.costs.rates import KnownPrice, Rates, Tariff, rates
from webapp.domain.costs.sizes import MachineSize, smaller_sizes
from webapp.domain.costs.spans import MachineKind, day_of
from webapp.domain.resizes import Resize, ResizeKind, with_volume
from webapp.models import CloudCredential, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import costs as queries
from webapp.services.context import ServiceContext

Asked = tuple[CloudCredential, MachineKind]
Region = tuple[str, str]
"""Cloud and region: price lists belong to no company."""
Key = tuple[str, str, str, Part]
PRICE_COLUMNS = ("month_price_minor", "month_fee_minor", "price_currency")


def list_rates(context: ServiceContext, machines: Sequence[Asked]) -> list[Rates | None]:
    """What each costs, in order; None if that is not known. At most two queries, for any number of them."""
    tariffs = [(credential, kind, _tariff_of(credential, kind)) for credential, kind in machines]
    known = _Known.of(context, tariffs)
    return [
        None if tariff is None else _with_break_even(known, credential, kind, tariff)
        for credential, kind, tariff in tariffs
    ]


def bundle_rates(
    context: ServiceContext,
    credential: CloudCredential,
    bundles: Sequence[Mapping[str, Any]],
    *,
    running_mode: str | None = None,
) -> dict[str, Rates | None]:
    """What a desktop of each bundle costs, as Berth orders it or in this running mode; by bundle."""
    kinds = [_kind_of_bundle(credential, row) for row in bundles]
    if running_mode is not None:
        kinds = [replace(kind, running_mode=running_mode) for kind in kinds]
    found = list_rates(context, [(credential, kind) for kind in kinds])
    return {str(row["bundle_id"]): one for row, one in zip(bundles, found, strict=True)}


def price_columns(rates: Rates | None) -> dict[str, Any]:
    """What a workspace's row keeps of its prices, for budgets."""
    return dict.fromkeys(PRICE_COLUMNS) if rates is None else rates.columns


def workspace_rates(context: ServiceContext, workspace: Workspace) -> Rates | None:
    """For one whose credential is loaded. None also until the cloud has said what it is."""
    return list_rates(context, [(workspace.credential, _kind_of(workspace))])[0]


def snapshot_month(context: ServiceContext, workspace: Workspace, *, size_gib: int) -> Money | None:
    """The most that a month of one snapshot of so large a disk costs; None if that is not known."""
    credential = workspace.credential
    sku = get_provider(credential.cloud_provider).billing.snapshot_sku
    if sku is None:
        return None
    found = queries.find_prices(
        context.session,
        cloud_providers=[credential.cloud_provider],
        regions=[_region_of(credential)],
        skus=[sku],
        day=day_of(context.clock.now()),
    )
    if not found:
        return None
    price = found[-1].price
    minor = (price.amount * size_gib).scaleb(minor_digits(price.currency))
    return Money(price.currency, int(minor.to_integral_value(rounding=ROUND_CEILING)))


def smaller_rates(context: ServiceContext, workspace: Workspace) -> list[tuple[MachineSize, Rates]]:
    """Of the smaller sizes whose price is known, the next one first. At most two queries."""
    credential, kind = workspace.credential, _kind_of(workspace)
    billing = get_provider(credential.cloud_provider).billing
    sizes = smaller_sizes(billing.sizes, kind.compute_type)
    asked = [(size, tariff) for size in sizes for tariff in billing.resized(kind, size.code)]
    tariffs = [(credential, replace(kind, compute_type=size.code), tariff) for size, tariff in asked]
    known = _Known.of(context, tariffs)
    found: dict[MachineSize, Rates] = {}
    for size, tariff in asked:
        if size not in found and (rates := known.rates(credential, kind.region, tariff)) is not None:
            found[size] = rates
    return list(found.items())


def rates_after(
    context: ServiceContext, workspace: Workspace, resizes: Sequence[Resize]
) -> list[Rates | None]:
    """What it would cost after each of them; None if that is not known. At most two queries."""
    credential, kind = workspace.credential, _kind_of(workspace)
    asked = [_tariffs_after(credential, kind, one) for one in resizes]
    known = _Known.of(context, [(credential, kind, one) for tariffs in asked for one in tariffs])
    return [
        next((rates for one in tariffs if (rates := known.rates(credential, kind.region, one))), None)
        for tariffs in asked
    ]


def _tariffs_after(credential: CloudCredential, kind: MachineKind, resize: Resize) -> Sequence[Tariff]:
    """The first one whose price is known counts."""
    match resize.kind:
        case ResizeKind.SIZE:
            return get_provider(credential.cloud_provider).billing.resized(kind, resize.value)
        case ResizeKind.RUNNING_MODE:
            kind = replace(kind, running_mode=resize.value)
        case ResizeKind.ROOT_VOLUME | ResizeKind.USER_VOLUME:
            kind = replace(kind, volumes=with_volume(kind.volumes or "", resize.kind, resize.value))
        case ResizeKind.AUTO_STOP:
            pass  # the price of an hour stays
    found = _tariff_of(credential, kind)
    return [] if found is None else [found]


def _kind_of(workspace: Workspace) -> MachineKind:
    return MachineKind(
        region=_region_of(workspace.credential),
        compute_type=workspace.compute_type,
        volumes=workspace.volumes,
        running_mode=workspace.running_mode,
        operating_system=workspace.operating_system,
    )


def machine_kind(
    credential: CloudCredential,
    *,
    compute_type: str | None,
    running_mode: str | None,
    operating_system: str | None,
) -> MachineKind:
    """Of a machine whose disks are not known."""
    return MachineKind(
        region=_region_of(credential),
        compute_type=compute_type,
        running_mode=running_mode,
        operating_system=operating_system,
    )


def _kind_of_bundle(credential: CloudCredential, row: Mapping[str, Any]) -> MachineKind:
    return MachineKind(
        region=_region_of(credential),
        compute_type=row["compute_type"],
        volumes=f"{row['root_storage_gib']}/{row['user_storage_gib']}",
        running_mode=get_provider(credential.cloud_provider).desktops.running_mode,
        operating_system=row["operating_system"],
    )


def _region_of(credential: CloudCredential) -> str:
    billing = get_provider(credential.cloud_provider).billing
    return credential.public_fields[billing.region_field]


def _tariff_of(credential: CloudCredential, kind: MachineKind) -> Tariff | None:
    return get_provider(credential.cloud_provider).billing.tariff_of(kind)


def _always_on(credential: CloudCredential, kind: MachineKind) -> MachineKind | None:
    """The same machine, running all the time for one price; None: there is no such thing, or it is that."""
    mode = get_provider(credential.cloud_provider).billing.always_on_mode
    return None if mode in (None, kind.running_mode) else replace(kind, running_mode=mode)


def _with_break_even(
    known: "_Known", credential: CloudCredential, kind: MachineKind, tariff: Tariff
) -> Rates | None:
    found = known.rates(credential, kind.region, tariff)
    other = _always_on(credential, kind)
    if found is None or other is None:
        return found
    other_tariff = _tariff_of(credential, other)
    return (
        found if other_tariff is None else found.against(known.rates(credential, kind.region, other_tariff))
    )


class _Known:
    """The prices that were read or ship, of a few regions."""

    def __init__(self, read: Mapping[Key, KnownPrice], read_regions: set[Region]) -> None:
        self._read, self._read_regions = read, read_regions

    @classmethod
    def of(
        cls, context: ServiceContext, tariffs: Sequence[tuple[CloudCredential, MachineKind, Tariff | None]]
    ) -> "_Known":
        wanted = set(_wanted(tariffs))
        if not wanted:
            return cls({}, set())
        clouds, regions, skus = (set(column) for column in zip(*wanted, strict=True))
        found = queries.find_prices(
            context.session,
            cloud_providers=clouds,
            regions=regions,
            skus=skus,
            day=day_of(context.clock.now()),
        )
        read = {
            (row.cloud_provider, row.region, row.sku, row.part): KnownPrice(row.price, row.read_at)
            for row in found  # the newest is the last one
        }
        missing = wanted - {(cloud, region, sku) for cloud, region, sku, _ in read}
        if any(sku == one.sku for cloud, _, sku in missing for one in get_provider(cloud).prices):
            return cls(read, queries.list_read_regions(context.session, cloud_providers=clouds))
        return cls(read, {(cloud, region) for cloud, region, _ in wanted})  # nothing of them ships

    def rates(self, credential: CloudCredential, region: str, tariff: Tariff) -> Rates | None:
        cloud = credential.cloud_provider

        def known(part: Part, sku: str) -> KnownPrice | None:
            if (cloud, region) in self._read_regions:
                return self._read.get((cloud, region, sku, part))
            return _shipped(cloud, region, part, sku)

        return rates(tariff, known)


def _wanted(
    tariffs: Iterable[tuple[CloudCredential, MachineKind, Tariff | None]],
) -> Iterator[tuple[str, str, str]]:
    """Cloud, region and what is priced, also in the always-on mode."""
    for credential, kind, tariff in tariffs:
        other = _always_on(credential, kind)
        for one in (tariff, None if other is None else _tariff_of(credential, other)):
            yield from (
                (credential.cloud_provider, kind.region, sku) for _, sku in (one.parts if one else ())
            )


def _shipped(cloud: str, region: str, part: Part, sku: str) -> KnownPrice | None:
    found = (one for one in get_provider(cloud).prices if (one.part, one.sku) == (part, sku))
    return next((KnownPrice(one, None, is_of_region=one.region == region) for one in found), None)
