"""The permissions that a credential needs, by Azure's names: docs/evidence/azure_avd.md#role-actions."""

from fnmatch import fnmatchcase
from typing import Protocol


class Granted(Protocol):
    """One role's part of what a caller may do, as the SDK gives it."""

    actions: list[str] | None
    not_actions: list[str] | None


_AVD = "Microsoft.DesktopVirtualization"
_HOSTS = f"{_AVD}/hostpools/sessionhosts"
_VM = "Microsoft.Compute/virtualMachines"
_DEPLOYMENTS = "Microsoft.Resources/deployments"
_NIC = "Microsoft.Network/networkInterfaces"

READ_OPERATIONS = f"{_DEPLOYMENTS}/operations/read"
JOIN_SUBNET = "Microsoft.Network/virtualNetworks/subnets/join/action"
READ_SUBNET = "Microsoft.Network/virtualNetworks/subnets/read"
READ_MACHINES = f"{_VM}/read"
READ_NETWORK = "Microsoft.Network/virtualNetworks/read"
READ_IMAGES = "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read"
READ_SIZES = "Microsoft.Compute/skus/read"
READ_QUOTAS = "Microsoft.Compute/locations/usages/read"
READ_PROVIDERS = "Microsoft.Resources/subscriptions/providers/read"
READ_PERMISSIONS = "Microsoft.Authorization/permissions/read"

ON_GROUP: tuple[str, ...] = (
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
    f"{_DEPLOYMENTS}/read",
    f"{_DEPLOYMENTS}/write",
    f"{_DEPLOYMENTS}/delete",
    f"{_DEPLOYMENTS}/cancel/action",
    f"{_AVD}/hostpools/read",
    f"{_AVD}/hostpools/write",
    f"{_AVD}/hostpools/retrieveRegistrationToken/action",
    f"{_HOSTS}/read",
    f"{_HOSTS}/write",
    f"{_HOSTS}/delete",
    f"{_HOSTS}/usersessions/read",
    f"{_HOSTS}/usersessions/delete",
    f"{_AVD}/applicationgroups/read",
    f"{_AVD}/applicationgroups/desktops/read",
    f"{_AVD}/workspaces/read",
    READ_MACHINES,
    f"{_VM}/write",
    f"{_VM}/delete",
    f"{_VM}/instanceView/read",
    f"{_VM}/start/action",
    f"{_VM}/deallocate/action",
    f"{_VM}/restart/action",
    f"{_VM}/extensions/read",
    f"{_VM}/extensions/write",
    "Microsoft.Compute/disks/read",
    "Microsoft.Compute/disks/write",
    "Microsoft.Compute/disks/delete",
    f"{_NIC}/read",
    f"{_NIC}/write",
    f"{_NIC}/delete",
    f"{_NIC}/join/action",
)
"""On the resource group with the host pool and machines."""

READ_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments/read"
READ_LOCKS = "Microsoft.Authorization/locks/read"
READ_OTHER_BACKUPS = "Microsoft.RecoveryServices/locations/backupStatus/action"
READ_COSTS = "Microsoft.CostManagement/query/action"
READ_LOADS = "Microsoft.Insights/metrics/read"
READ_OTHER_SIZES = f"{_VM}/vmSizes/read"
READ_SNAPSHOTS, WRITE_SNAPSHOTS, DELETE_SNAPSHOTS = (
    f"Microsoft.Compute/snapshots/{verb}" for verb in ("read", "write", "delete")
)
RUN_COMMANDS, READ_COMMANDS = (f"{_VM}/runCommands/{verb}" for verb in ("write", "read"))
SEND_MESSAGES = f"{_HOSTS}/usersessions/sendMessage/action"
USEFUL_ON_GROUP: dict[str, str] = {
    READ_OPERATIONS: "Berth works without it, but cannot always say why a deployment failed.",
    READ_COSTS: "Berth works without it, but only estimates costs.",
    READ_LOADS: "Berth works without it, but cannot say which desktops are too big.",
    READ_OTHER_SIZES: "Berth works without it, but asks for sizes that are not where a desktop runs.",
    READ_SNAPSHOTS: "Berth works without it, but keeps no snapshots of disks.",
    WRITE_SNAPSHOTS: "Berth works without it, but takes no snapshots of disks.",
    DELETE_SNAPSHOTS: "Berth works without it, but takes no snapshots of disks: it could not delete them.",
    RUN_COMMANDS: "Berth works without it, but brings no files of a former desktop back to a new one.",
    READ_COMMANDS: "Berth works without it, but cannot see when files are back on a new desktop.",
    SEND_MESSAGES: "Berth works without it, but says nothing on a desktop whose working hours end.",
    READ_LOCKS: "Berth works without it, but cannot say before an end that a lock prevents it.",
    READ_ASSIGNMENTS: "Berth works without it, but adds new people only to a group that you name.",
}
"""What is missing without them."""
ON_SUBNET: tuple[str, ...] = (READ_SUBNET, JOIN_SUBNET)
ON_SUBSCRIPTION: tuple[str, ...] = (
    READ_PROVIDERS,
    READ_SIZES,
    READ_QUOTAS,
    READ_IMAGES,
    READ_NETWORK,
    READ_OTHER_BACKUPS,
)
"""To know more in advance: providers, bundles, quota, image, location, vaults. Berth works without them.

The network is read where it stands, or at the subscription: a subnet's scope does not reach up to it.
"""

NEEDED_ACTIONS: tuple[str, ...] = (
    *ON_GROUP,
    *USEFUL_ON_GROUP,
    *ON_SUBNET,
    *ON_SUBSCRIPTION,
    READ_PERMISSIONS,
)
"""The whole role of docs/azure.md."""


def is_granted(action: str, permissions: list[Granted]) -> bool:
    """Does one of the roles allow it and not exclude it itself?"""
    return any(_fits(action, one.actions) and not _fits(action, one.not_actions) for one in permissions)


def _fits(action: str, patterns: list[str] | None) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns or ())
