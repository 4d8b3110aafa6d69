"""The bundles that a new sandbox offers, with names and sizes from the cloud's public list."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.demo import bundle_id, short_id

SIZES = {
    "Value": ("VALUE", 80, 10),
    "Standard": ("STANDARD", 80, 50),
    "Performance": ("PERFORMANCE", 80, 100),
    "Power": ("POWER", 175, 100),
    "PowerPro": ("POWERPRO", 175, 100),
}
"""Name: compute type, root volume GiB, user volume GiB."""

SYSTEMS = (
    ("Windows 10 (Server 2022 based) (WSP)", "WINDOWS_SERVER_2022", "WSP"),
    ("Windows 10 (Server 2019 based) (PCoIP)", "WINDOWS_SERVER_2019", "PCOIP"),
    ("Windows Server 2025 (WSP)", "WINDOWS_SERVER_2025", "WSP"),
    ("Ubuntu 22.04", "UBUNTU_22_04", "WSP"),
    ("Ubuntu 24.04", "UBUNTU_24_04", "WSP"),
    ("Amazon Linux 2", "AMAZON_LINUX_2", "PCOIP"),
    ("Rocky Linux 9", "ROCKY_9", "WSP"),
    ("Red Hat Enterprise Linux 8", "RHEL_8", "WSP"),
)


@dataclass(frozen=True, slots=True)
class Bundle:
    bundle_id: str
    region: str
    owner: str
    name: str
    description: str
    image_id: str
    compute: str
    root_gib: int
    user_gib: int
    os_name: str
    protocol: str
    state: str = "AVAILABLE"
    bundle_type: str = "REGULAR"


def list_public_bundles(region: str) -> list[Bundle]:
    """What Amazon offers in a region. The ids differ between regions."""
    offers = [(size, *system) for system in SYSTEMS for size in SIZES]
    offers += [(size, "Windows 11 (WSP)", "WINDOWS_11", "WSP") for size in ("Standard", "Performance")]
    bundles = [
        _public(region, f"{size} with {system}", compute=SIZES[size], os_name=os_name, protocol=protocol)
        for size, system, os_name, protocol in offers
    ]
    return bundles + _list_unusable_bundles(region)


def _list_unusable_bundles(region: str) -> list[Bundle]:
    """Bundles that a picker must hide, at least from some people: retired graphics, standby, broken."""
    graphics = ("GRAPHICSPRO", 100, 100)
    rows: tuple[tuple[str, tuple[str, int, int], str, dict[str, str]], ...] = (
        ("GraphicsPro with Windows 10 (Server 2019 based)", graphics, "WINDOWS_SERVER_2019", {}),
        (
            "Standby Standard with Windows 10 (Server 2022 based) (WSP)",
            SIZES["Standard"],
            "WINDOWS_SERVER_2022",
            {"bundle_type": "STANDBY"},
        ),
        (
            "Standard with Windows 10 (Server 2016 based) (WSP)",
            SIZES["Standard"],
            "WINDOWS_SERVER_2016",
            {"state": "ERROR"},
        ),
    )
    return [
        _public(region, name, compute=compute, os_name=os_name, protocol="WSP", **more)
        for name, compute, os_name, more in rows
    ]


def _public(
    region: str,
    name: str,
    *,
    compute: tuple[str, int, int],
    os_name: str,
    protocol: str,
    state: str = "AVAILABLE",
    bundle_type: str = "REGULAR",
) -> Bundle:
    compute_name, root_gib, user_gib = compute
    description = f"{name}: {root_gib} GB root volume, {user_gib} GB user volume"
    return Bundle(
        bundle_id=bundle_id(region, name),
        region=region,
        owner="AMAZON",
        name=name,
        description=description,
        image_id="wsi-" + short_id("image", region, os_name, protocol),
        compute=compute_name,
        root_gib=root_gib,
        user_gib=user_gib,
        os_name=os_name,
        protocol=protocol,
        state=state,
        bundle_type=bundle_type,
    )
