"""The catalogue of machine sizes, with what the subscription may use and has left in this region."""

from dataclasses import dataclass, field, replace
from typing import Any

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import spelled
from webapp.clouds.azure_avd.tables import OS_DISK_GIB, SIZES, Size
from webapp.clouds.base import Access, Bundle
from webapp.domain.errors import CloudError, Trouble
from webapp.providers.azure_avd.hibernation import hibernates

_REGION_CORES = "cores"
_BLOCKED = ("NotAvailableForSubscription", "QuotaId")
NOT_HERE = "Azure does not offer this size in this region."
NOT_YOURS = "Azure does not offer this size to the subscription in this region. Ask Azure support for access."
HIBERNATES = "It hibernates outside working hours."
MOST_HIBERNATED_GIB = 64
"""The most memory that Azure keeps of these machines, and that fits beside the system on their disk."""
NO_DRIVER = "It needs a graphics driver that Berth does not install yet."
WITH_GRAPHICS = Size(
    "az-gpu",
    "Graphics",
    "Standard_NV6ads_A10_v5",
    6,
    55,
    "Premium_LRS",
    "For drawing, video and 3D.",
    "StandardNVADSA10v5Family",
)
"""Shown with its reason, so that nobody looks for it in vain. Its driver is an extension of its own
(docs/evidence/azure_avd.md#graphics-driver), and without it the desktop has no graphics card: it is not
among the sizes that are made.
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """What Azure reports about a size in a region."""

    vcpus: int | None
    memory_gib: int | None
    family: str
    is_blocked: bool
    can_hibernate: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    used: int
    limit: int

    @property
    def left(self) -> int:
        return max(self.limit - self.used, 0)


@dataclass(frozen=True, slots=True)
class Region:
    """None if the credential may not read it: then no size is excluded for it."""

    offers: dict[str, Offer] | None
    quotas: dict[str, Quota] = field(default_factory=dict)


def list_bundles(client: AzureClient, access: Access) -> list[Bundle]:
    """Every size of ours, the smallest first. Raises CloudError."""
    region = read_region(client, access)
    system = _system_of(access.public_fields["image"])
    kept = hibernates(access.public_fields)
    found = [_bundle(size, region, system, hibernates=kept) for size in SIZES]
    graphics = _bundle(WITH_GRAPHICS, region, system, hibernates=False)
    return [*found, replace(graphics, unavailable_reason=NO_DRIVER)]


def read_region(client: AzureClient, access: Access) -> Region:
    """Both reads need optional permissions. Raises CloudError for other failures."""
    location = access.public_fields["location"]
    return Region(_offers(client, location), _quotas(client, location))


def reason_against(size: Size, region: Region) -> str | None:
    """Why this size cannot be ordered now, as a sentence; None when it can."""
    offer = (region.offers or {}).get(size.vm_size)
    if region.offers is not None and offer is None:
        return NOT_HERE
    if offer is not None and offer.is_blocked:
        return NOT_YOURS
    vcpus = (offer.vcpus if offer else None) or size.vcpus
    for name, where in (
        (_REGION_CORES, "in this region"),
        ((offer or size).family, "of this kind of machine"),
    ):
        quota = region.quotas.get(name.lower())
        if quota is not None and quota.left < vcpus:
            left = f"{quota.left} of {quota.limit} are left"
            return f"It needs {vcpus} vCPUs; of the quota {where}, {left}."
    return None


def read_offers(client: AzureClient, access: Access) -> dict[str, Offer] | None:
    """What the region offers, by size; None: the credential may not read it. Raises CloudError."""
    return _offers(client, access.public_fields["location"])


def can_hibernate(size: Size, offers: dict[str, Offer] | None) -> bool:
    """Its disk must hold its memory too. Where the catalogue cannot be read, what Azure documents counts
    (docs/evidence/azure_avd.md#hibernation)."""
    if offers is None:
        return size.hibernates
    offer = offers.get(size.vm_size)
    memory_gib = (offer and offer.memory_gib) or size.memory_gib
    return offer is not None and offer.can_hibernate and memory_gib <= MOST_HIBERNATED_GIB


def _bundle(size: Size, region: Region, system: str, *, hibernates: bool) -> Bundle:
    offer = (region.offers or {}).get(size.vm_size)
    is_kept = hibernates and can_hibernate(size, region.offers)
    return Bundle(
        bundle_id=size.bundle_id,
        name=f"{size.name} with {system}",
        description=f"{size.description} {HIBERNATES}" if is_kept else size.description,
        owner="azure",
        compute_type=size.vm_size,
        vcpus=(offer.vcpus if offer else None) or size.vcpus,
        memory_gib=(offer.memory_gib if offer else None) or size.memory_gib,
        root_storage_gib=OS_DISK_GIB,
        user_storage_gib=0,
        operating_system=system,
        workspace_type="windows",
        unavailable_reason=reason_against(size, region),
    )


def _system_of(image: str) -> str:
    """“Windows 11” or “Windows 10” by the image's SKU or offer; session hosts run nothing else."""
    text = image.lower()
    return "Windows 10" if "win10" in text or "windows-10" in text else "Windows 11"


def _offers(client: AzureClient, location: str) -> dict[str, Offer] | None:
    pages = client.pages(
        "resourceSkus.list", client.compute.resource_skus.list, filter=f"location eq '{location}'"
    )
    try:
        return {
            spelled(sku.name): _offer(sku)
            for sku in pages
            if spelled(sku.resource_type).lower() == "virtualmachines"
        }
    except CloudError as error:
        if error.failure.code == "access_denied":
            return None
        raise


def _offer(sku: Any) -> Offer:
    capabilities = {spelled(one.name): spelled(one.value) for one in sku.capabilities or []}
    is_blocked = any(
        spelled(one.type) == "Location" and spelled(one.reason_code) in _BLOCKED
        for one in sku.restrictions or []
    )
    return Offer(
        _number(capabilities.get("vCPUs")),
        _number(capabilities.get("MemoryGB")),
        spelled(sku.family),
        is_blocked,
        capabilities.get("HibernationSupported", "").lower() == "true",
    )


def _quotas(client: AzureClient, location: str) -> dict[str, Quota]:
    try:
        return {
            str(one.name.value).lower(): Quota(int(one.current_value or 0), int(one.limit or 0))
            for one in client.pages("usage.list", client.compute.usage.list, location)
        }
    except CloudError as error:
        if error.failure.trouble is Trouble.CREDENTIAL:
            return {}
        raise


def _number(text: str | None) -> int | None:
    try:
        return int(float(text or ""))
    except ValueError:
        return None
