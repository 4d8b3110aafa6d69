"""What exists before Berth: resource groups, networks, and host pools with their groups and workspaces."""

from __future__ import annotations

from sandbox import demo_azure as demo
from sandbox.azure.ids import (
    APP_GROUP,
    NETWORK,
    POOL,
    SUBNET,
    WORKSPACE,
    arm_id,
    group_id,
    guid,
)
from sandbox.azure.parts import Part
from sandbox.azure.people import Group
from sandbox.azure.tenants import CONTRIBUTOR, DESKTOP_USER, Application
from sandbox.azure.timing import RESERVED_ADDRESSES
from sandbox.azure.world import World

AGE_S = 90 * 86400.0
"""How old these resources are when the sandbox starts."""
SUBNET_FREE = 4091
_SMALLEST = 29
"""The prefix length of Azure's smallest subnet."""
RDP_PROPERTIES = "targetisaadjoined:i:1;enablerdsaadauth:i:1;"
POOL_TYPES = ("Personal", "Pooled")
ASSIGNMENT_TYPES = ("Direct", "Automatic")


def add_demo(world: World) -> None:
    """The demo's tenant, application and subscription, with one pool of personal desktops."""
    world.tenants.add_application(
        Application(
            demo.DEMO_TENANT_ID,
            demo.DEMO_CLIENT_ID,
            demo.DEMO_PRINCIPAL_ID,
            demo.DEMO_CLIENT_SECRET,
            "active",
            (CONTRIBUTOR,),
            denied=(),
            permissions=demo.DEMO_PERMISSIONS,
        )
    )
    world.set_people(demo.DEMO_PEOPLE)
    world.tenants.add_subscription(demo.DEMO_SUBSCRIPTION_ID, tenant_id=demo.DEMO_TENANT_ID)
    add_group(world, demo.DEMO_SUBSCRIPTION_ID, demo.DEMO_RESOURCE_GROUP, location=demo.DEMO_LOCATION)
    add_subnet(world, demo.DEMO_SUBNET_ID, location=demo.DEMO_LOCATION)
    add_pool(
        world,
        subscription_id=demo.DEMO_SUBSCRIPTION_ID,
        resource_group=demo.DEMO_RESOURCE_GROUP,
        name=demo.DEMO_HOST_POOL,
        app_group=demo.DEMO_APP_GROUP,
        workspace=demo.DEMO_WORKSPACE,
        location=demo.DEMO_LOCATION,
        object_ids=(
            demo.DEMO_HOST_POOL_OBJECT_ID,
            demo.DEMO_APP_GROUP_OBJECT_ID,
            demo.DEMO_WORKSPACE_OBJECT_ID,
            demo.DEMO_DESKTOP_OBJECT_ID,
        ),
    )
    _add_people(world)


def _add_people(world: World) -> None:
    """The group of the demo's people, which may use the pool's desktops."""
    people, tenant_id = world.people, demo.DEMO_TENANT_ID
    people.set_domains(list(demo.DEMO_DOMAINS))
    people.add_group(Group(demo.DEMO_GROUP_ID, tenant_id, "Berth desktops"))
    for upn in demo.DEMO_PEOPLE:
        found = people.find(tenant_id, upn, now=world.clock.now())
        if found is not None:
            people.add_member(demo.DEMO_GROUP_ID, found.object_id)
    scope = arm_id(demo.DEMO_SUBSCRIPTION_ID, demo.DEMO_RESOURCE_GROUP, APP_GROUP, demo.DEMO_APP_GROUP)
    people.assign_role(scope, DESKTOP_USER, demo.DEMO_GROUP_ID, "Group")


def add_group(world: World, subscription_id: str, name: str, *, location: str) -> None:
    key = group_id(subscription_id, name)
    if world.parts.find(key) is None:
        _add_old(world, "group", key, location=location, data={})


def add_subnet(world: World, subnet_id: str, *, location: str, free: int = SUBNET_FREE) -> None:
    """Add it, with network and group if they are missing. For an existing id, change how many are free."""
    segments = subnet_id.split("/")
    subscription_id, resource_group, network, subnet = segments[2], segments[4], segments[8], segments[10]
    add_group(world, subscription_id, resource_group, location=location)
    network_id = arm_id(subscription_id, resource_group, NETWORK, network)
    if world.parts.find(network_id) is None:
        _add_old(world, "network", network_id, location=location, data={"prefix": "10.20.0.0/16"})
    full_id = arm_id(subscription_id, resource_group, SUBNET, network, subnet)
    found = world.parts.find(full_id)
    if found is not None:
        taken = world.parts.count_children(found.key, "nic")
        world.parts.change(found, **_subnet_data(free, taken=taken))
        return
    _add_old(world, "subnet", full_id, location=location, parent=network_id, data=_subnet_data(free, taken=0))


def _subnet_data(free: int, *, taken: int) -> dict[str, object]:
    """A large enough prefix; surplus addresses count as used by others (`others`)."""
    length = _SMALLEST
    while 2 ** (32 - length) - RESERVED_ADDRESSES < free + taken:
        length -= 1
    others = 2 ** (32 - length) - RESERVED_ADDRESSES - free - taken
    return {"prefix": f"10.20.0.0/{length}", "most": free + taken, "others": others}


def add_pool(
    world: World,
    *,
    subscription_id: str,
    resource_group: str,
    name: str,
    app_group: str,
    workspace: str,
    location: str,
    pool_type: str = "Personal",
    assignment_type: str = "Direct",
    object_ids: tuple[str, str, str, str] | None = None,
) -> Part:
    """A host pool, its desktop group, and the workspace that contains the group.

    `object_ids` are those of pool, group, workspace and desktop.
    """
    add_group(world, subscription_id, resource_group, location=location)
    pool_id = arm_id(subscription_id, resource_group, POOL, name)
    app_group_id = arm_id(subscription_id, resource_group, APP_GROUP, app_group)
    workspace_id = arm_id(subscription_id, resource_group, WORKSPACE, workspace)
    ids = object_ids or tuple(guid("object", pool_id, one) for one in ("pool", "group", "feed", "desktop"))
    pool = _add_old(
        world,
        "pool",
        pool_id,
        location=location,
        data={
            "object_id": ids[0],
            "type": pool_type,
            "assignment_type": assignment_type,
            "token": None,
            "token_expires_at": None,
            "tokens_made": 0,
            "old_tokens": {},
            "app_groups": [app_group_id],
            "rdp": RDP_PROPERTIES,
        },
    )
    _add_old(
        world,
        "appgroup",
        app_group_id,
        location=location,
        data={"object_id": ids[1], "pool": pool_id, "workspace": workspace_id, "desktop_object_id": ids[3]},
    )
    _add_old(
        world,
        "workspace",
        workspace_id,
        location=location,
        data={"object_id": ids[2], "app_groups": [app_group_id]},
    )
    return pool


def _add_old(
    world: World, kind: str, resource_id: str, *, location: str, parent: str = "", data: dict[str, object]
) -> Part:
    """Add a part that has existed for a long time."""
    return world.parts.add(
        kind,
        resource_id,
        at=world.clock.now() - AGE_S,
        resource_group=resource_id.split("/")[4],
        parent=parent,
        location=location,
        made_by="console",
        data=data,
    )
