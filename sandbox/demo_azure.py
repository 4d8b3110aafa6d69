"""The demo subscription's constants: obviously fake, yet in the right format. Standard library only."""

from __future__ import annotations

DEMO_TENANT_ID = "00000000-be47-4000-8000-000000000001"
DEMO_CLIENT_ID = "00000000-be47-4000-8000-000000000002"
DEMO_CLIENT_SECRET = "abc8Q~not.a.real.secret-berth.demo.only1"
DEMO_SUBSCRIPTION_ID = "00000000-be47-4000-8000-000000000003"
DEMO_PRINCIPAL_ID = "00000000-be47-4000-8000-000000000004"
"""The object id of the application's service principal, which error messages contain."""
DEMO_RESOURCE_GROUP = "rg-berth-demo"
DEMO_HOST_POOL = "hp-berth-demo"
DEMO_LOCATION = "westeurope"
DEMO_OTHER_LOCATION = "northeurope"
DEMO_APP_GROUP = "dag-berth-demo"
DEMO_WORKSPACE = "ws-berth-demo"
DEMO_NETWORK = "vnet-berth-demo"
DEMO_SUBNET = "snet-desktops"
DEMO_SUBNET_ID = (
    f"/subscriptions/{DEMO_SUBSCRIPTION_ID}/resourceGroups/{DEMO_RESOURCE_GROUP}/providers/Microsoft.Network"
    f"/virtualNetworks/{DEMO_NETWORK}/subnets/{DEMO_SUBNET}"
)
DEMO_HOST_POOL_OBJECT_ID = "00000000-be47-4000-8000-000000000011"
DEMO_APP_GROUP_OBJECT_ID = "00000000-be47-4000-8000-000000000012"
DEMO_WORKSPACE_OBJECT_ID = "00000000-be47-4000-8000-000000000013"
DEMO_DESKTOP_OBJECT_ID = "00000000-be47-4000-8000-000000000014"
DEMO_GROUP_ID = "00000000-be47-4000-8000-000000000021"
"""The group whose members may use the desktops."""
DEMO_DOMAINS = ("demo.example", "berthdemo.onmicrosoft.com")
"""The tenant's verified domains."""
DEMO_PERMISSIONS = (
    "Domain.Read.All",
    "GroupMember.ReadWrite.All",
    "User.Invite.All",
    "User.ReadWrite.All",
)
"""Of Microsoft Graph, which an administrator has consented to."""
DEMO_PEOPLE = ("seeker@demo.example", "mina@demo.example", "leo@demo.example", "aisha@demo.example")
"""The people of the demo's tenant: it knows nobody else, like a real one."""
DEMO_CORES = 400
"""The quota of processor cores, for the region and for each family of sizes."""
