"""ARM ids and their parts, ids derived from names, and times in Azure's format."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import formatdate

VM, NIC, DISK = (
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Compute/disks",
)
SNAPSHOT = "Microsoft.Compute/snapshots"
EXTENSION = "Microsoft.Compute/virtualMachines/extensions"
RUN_COMMAND = "Microsoft.Compute/virtualMachines/runCommands"
POOL, HOST = (
    "Microsoft.DesktopVirtualization/hostpools",
    "Microsoft.DesktopVirtualization/hostpools/sessionhosts",
)
APP_GROUP, WORKSPACE = (
    "Microsoft.DesktopVirtualization/applicationgroups",
    "Microsoft.DesktopVirtualization/workspaces",
)
NETWORK, SUBNET = "Microsoft.Network/virtualNetworks", "Microsoft.Network/virtualNetworks/subnets"
DEPLOYMENT = "Microsoft.Resources/deployments"
TYPES = {
    "vm": VM,
    "nic": NIC,
    "disk": DISK,
    "snapshot": SNAPSHOT,
    "extension": EXTENSION,
    "command": RUN_COMMAND,
    "pool": POOL,
    "host": HOST,
    "appgroup": APP_GROUP,
    "workspace": WORKSPACE,
    "network": NETWORK,
    "subnet": SUBNET,
    "deployment": DEPLOYMENT,
    "group": "Microsoft.Resources/resourceGroups",
}
"""Keyed by the sandbox's own short kinds."""
KINDS = {type_name.lower(): kind for kind, type_name in TYPES.items()}


def group_id(subscription_id: str, resource_group: str) -> str:
    return f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"


def arm_id(subscription_id: str, resource_group: str, type_name: str, *names: str) -> str:
    """The id of a resource, with one name for each part of its type after the namespace."""
    namespace, *types = type_name.split("/")
    inner = "/".join(f"{one}/{name}" for one, name in zip(types, names, strict=True))
    return f"{group_id(subscription_id, resource_group)}/providers/{namespace}/{inner}"


def last_segment(text: str) -> str:
    return text.rpartition("/")[2]


def group_of(resource_id: str) -> str:
    """The resource group in an id; empty if it has none."""
    segments = resource_id.split("/")
    return segments[4] if len(segments) > 4 else ""


def guid(*parts: object) -> str:
    """A string in GUID format; the same parts give the same one."""
    text = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"


def share(*parts: object) -> float:
    """A number from 0 to 1, derived from the parts: spreads durations, yet is the same in every run."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:4], "big") / 2**32


def iso(seconds: float) -> str:
    """Simulated seconds since 1970 in Azure's time format."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def http_date(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


def iso_duration(seconds: float) -> str:
    return f"PT{max(0.0, seconds):.6f}S"
