"""What Azure offers: locations, machine sizes with their capabilities, and Windows images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LOCATIONS = ("westeurope", "northeurope", "germanywestcentral", "eastus", "uksouth", "switzerlandnorth")
DEFAULT_FAMILY_LIMIT = 400
MACHINES_LIMIT = 25_000
HIBERNATING = ("standardDSv5Family", "standardDADSv5Family", "standardESv5Family")
MOST_HIBERNATED_GIB = 64


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    vcpus: int
    memory_gib: float
    family: str
    has_premium_disks: bool = True
    gpus: int = 0

    @property
    def can_hibernate(self) -> bool:
        return self.memory_gib <= MOST_HIBERNATED_GIB and self.family in HIBERNATING


SIZES = {
    size.name.lower(): size
    for size in (
        Size("Standard_B2ms", 2, 8, "standardBSFamily"),
        Size("Standard_D2s_v5", 2, 8, "standardDSv5Family"),
        Size("Standard_D4s_v5", 4, 16, "standardDSv5Family"),
        Size("Standard_D8s_v5", 8, 32, "standardDSv5Family"),
        Size("Standard_D16s_v5", 16, 64, "standardDSv5Family"),
        Size("Standard_D32s_v5", 32, 128, "standardDSv5Family"),
        Size("Standard_D2ads_v5", 2, 8, "standardDADSv5Family"),
        Size("Standard_D4ads_v5", 4, 16, "standardDADSv5Family"),
        Size("Standard_D8ads_v5", 8, 32, "standardDADSv5Family"),
        Size("Standard_E4s_v5", 4, 32, "standardESv5Family"),
        Size("Standard_F2", 2, 4, "standardFFamily", has_premium_disks=False),
        Size("Standard_NV6ads_A10_v5", 6, 55, "StandardNVADSA10v5Family", gpus=1),
    )
}
"""Keyed by name in lower case."""
FAMILIES = tuple(sorted({size.family for size in SIZES.values()}))
FAMILY_LABELS = {family: f"{family.removesuffix('Family')} Family vCPUs" for family in FAMILIES}

PUBLISHER = "MicrosoftWindowsDesktop"
IMAGES: dict[str, tuple[str, ...]] = {
    "windows-11": (
        "win11-22h2-ent",
        "win11-23h2-ent",
        "win11-24h2-ent",
        "win11-24h2-avd",
        "win11-25h2-ent",
        "win11-25h2-avd",
    ),
    "windows-10": ("win10-22h2-ent", "win10-22h2-ent-g2", "win10-22h2-avd-g2"),
    "office-365": ("win11-23h2-avd-m365", "win11-24h2-avd-m365", "win11-25h2-avd-m365"),
}
"""Offer → SKUs."""
OTHERS: dict[str, dict[str, tuple[str, ...]]] = {
    "canonical": {"0001-com-ubuntu-server-jammy": ("22_04-lts-gen2",)},
    "soldimages": {"tuned-desktops": ("win11-tuned",)},
}
"""Of other publishers, in lower case: publisher → offer → SKUs."""
FIRST_GENERATION = ("win10-22h2-ent",)
VERSIONS = ("26100.4652.250706", "26100.4946.250810", "26100.6584.250906")
"""Versions of every image, oldest first."""


def find_size(name: object) -> Size | None:
    return SIZES.get(name.lower()) if isinstance(name, str) else None


def list_skus(publisher: str, offer: str) -> tuple[str, ...] | None:
    """None if there is no such publisher or offer."""
    is_microsofts = publisher.lower() == PUBLISHER.lower()
    return (IMAGES if is_microsofts else OTHERS.get(publisher.lower(), {})).get(offer.lower())


def generation_of(sku: object) -> str:
    return "V1" if str(sku).lower() in FIRST_GENERATION else "V2"


def is_linux(publisher: object) -> bool:
    return str(publisher).lower() == "canonical"


def needs_plan(publisher: object) -> bool:
    return str(publisher).lower() == "soldimages"


def has_image(image: dict[str, Any]) -> bool:
    """Whether it is a marketplace image. A custom image has an id; the sandbox accepts any."""
    if image.get("id"):
        return True
    skus = list_skus(str(image.get("publisher")), str(image.get("offer"))) or ()
    version = str(image.get("version"))
    return str(image.get("sku")).lower() in skus and (version == "latest" or version in VERSIONS)
