"""The control API of the simulated Azure: what exists before machines, and the current state."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sandbox import admin
from sandbox import demo_azure as demo
from sandbox.azure import admin_bill, admin_disks, admin_machines, admin_people, landscape
from sandbox.azure.admin_loads import set_load
from sandbox.azure.ids import POOL, TYPES, arm_id, group_id, guid
from sandbox.azure.lifecycles import machines
from sandbox.azure.parts import Part
from sandbox.azure.tenants import (
    CONTRIBUTOR,
    PROVIDER_STATES,
    SECRET_STATES,
    SUBSCRIPTION_STATES,
    Application,
    Denial,
    Role,
)
from sandbox.azure.world import World
from sandbox.errors import ControlError

Body = dict[str, Any]


def handle(world: World, *, method: str, target: str, body: Any, demo: bool) -> Any:
    """Handle one control request. Raises ControlError, KeyError, TypeError or ValueError if malformed."""
    return admin.handle(world, _ROUTES, method=method, target=target, body=body, demo=demo)


def _state(world: World, body: Body) -> Body:
    """Everything in the sandbox's state except secrets."""
    kept = ("tenant_id", "client_id", "state", "roles", "denied")
    return {
        **admin.common_state(world),
        "applications": [
            {name: value for name, value in asdict(one).items() if name in kept}
            for one in world.tenants.list_applications()
        ],
        "subscriptions": [asdict(one) for one in world.tenants.list_subscriptions()],
        "parts": [_show_part(part) for part in world.parts.list_all()],
        "pools": [_show_part(part) for part in world.parts.list_living("pool")],
    }


def _show_part(part: Part) -> Body:
    """Everything except secrets."""
    hidden = ("token", "old_tokens", "password_mark")
    data = {name: value for name, value in part.data.items() if name not in hidden}
    return {
        **{name: getattr(part, name) for name in part.__slots__ if name != "data"},
        **data,
        "name": part.name,
    }


def _application(world: World, body: Body) -> Application:
    """The named application; default: the demo's."""
    tenant_id = body.get("tenant_id", demo.DEMO_TENANT_ID)
    found = world.tenants.find_application(tenant_id, body.get("client_id", demo.DEMO_CLIENT_ID))
    if found is None:
        raise ControlError("no such application")
    return found


def _set_secret(world: World, body: Body) -> Body:
    if body["state"] not in SECRET_STATES:
        raise ControlError(f"a secret is one of {', '.join(SECRET_STATES)}")
    changed = replace(_application(world, body), state=body["state"])
    world.tenants.add_application(changed)
    return {"client_id": changed.client_id, "state": changed.state}


def _set_certificates(world: World, body: Body) -> Body:
    """The certificates that the application has registered, instead of the former ones."""
    changed = replace(_application(world, body), certificates=tuple(body["certificates"]))
    world.tenants.add_application(changed)
    return {"client_id": changed.client_id, "certificates": len(changed.certificates)}


def _deny(world: World, body: Body) -> Body:
    """Takes effect immediately, everywhere or below a scope."""
    found = _application(world, body)
    more = tuple(Denial(action, body.get("scope") or "") for action in body["actions"])
    world.tenants.add_application(replace(found, denied=(*found.denied, *more)))
    return {"denied": [one.action for one in (*found.denied, *more)]}


def _allow(world: World, body: Body) -> Body:
    """Revoke denials (without `actions`: all), with a delay of `role_lag_s`."""
    found = _application(world, body)
    actions, lag_s = body.get("actions"), world.settings()["role_lag_s"]
    kept = []
    for one in found.denied:
        if actions is not None and one.action not in actions:
            kept.append(one)
        elif lag_s > 0:
            kept.append(replace(one, until=world.clock.now() + lag_s))
    world.tenants.add_application(replace(found, denied=tuple(kept)))
    return {"denied": [one.action for one in kept]}


def _set_role(world: World, body: Body) -> Body:
    """What the role grants: action patterns, everywhere or at scopes; by default those of Contributor.

    `is_another`: add it to the existing roles.
    """
    found, actions = _application(world, body), body.get("actions")
    names = tuple(actions or ()), tuple(body.get("not_actions") or ())
    roles = tuple(Role(*names, scope) for scope in body.get("scopes") or ("",))
    if actions is None:
        roles = (CONTRIBUTOR,)
    elif body.get("is_another"):
        roles = (*found.roles, *roles)
    world.tenants.add_application(replace(found, roles=roles))
    return {"roles": [asdict(one) for one in roles]}


def _add_application(world: World, body: Body) -> Body:
    """Add an application, and its tenant if that is new."""
    client_id, tenant_id = body["client_id"], body.get("tenant_id", demo.DEMO_TENANT_ID)
    world.tenants.add_application(
        Application(
            tenant_id.lower(),
            client_id.lower(),
            guid("principal", tenant_id, client_id),
            body["client_secret"],
            "active",
            (CONTRIBUTOR,),
            denied=(),
        )
    )
    return {"client_id": client_id}


def _subscription_of(body: Body) -> str:
    return str(body.get("subscription_id", demo.DEMO_SUBSCRIPTION_ID))


def _set_provider(world: World, body: Body) -> Body:
    if body["state"] not in PROVIDER_STATES:
        raise ControlError(f"a provider is one of {', '.join(PROVIDER_STATES)}")
    world.tenants.set_provider(_subscription_of(body), body["namespace"], body["state"])
    return {"state": body["state"]}


def _set_subscription(world: World, body: Body) -> Body:
    if body["state"] not in SUBSCRIPTION_STATES:
        raise ControlError(f"a subscription is one of {', '.join(SUBSCRIPTION_STATES)}")
    found = world.tenants.find_subscription(_subscription_of(body))
    if found is None:
        raise ControlError("no such subscription")
    world.tenants.add_subscription(found.subscription_id, tenant_id=found.tenant_id, state=body["state"])
    return {"state": body["state"]}


def _add_subscription(world: World, body: Body) -> Body:
    tenant_id = body.get("tenant_id", demo.DEMO_TENANT_ID)
    world.tenants.add_subscription(body["subscription_id"], tenant_id=tenant_id)
    return {"subscription_id": body["subscription_id"]}


def _set_quota(world: World, body: Body) -> Body:
    world.tenants.set_quota(_subscription_of(body), body["name"], int(body["limit"]))
    return {"limit": int(body["limit"])}


def _restrict(world: World, body: Body) -> Body:
    world.tenants.restrict(_subscription_of(body), body["size"], body.get("reason"))
    return {"size": body["size"]}


def _set_subnet(world: World, body: Body) -> Body:
    """Set how many addresses are free, or delete the subnet."""
    subnet_id = body.get("subnet_id", demo.DEMO_SUBNET_ID)
    if body.get("exists") is False:
        found = world.parts.find(subnet_id)
        if found is not None:
            world.parts.end(found, world.clock.now())
        return {"exists": False}
    free = int(body.get("free", landscape.SUBNET_FREE))
    landscape.add_subnet(world, subnet_id, location=body.get("location", demo.DEMO_LOCATION), free=free)
    return {"free": free}


def _add_pool(world: World, body: Body) -> Body:
    name = body["name"]
    subscription_id = _subscription_of(body)
    if world.tenants.find_subscription(subscription_id) is None:
        raise ControlError("no such subscription")
    pool = landscape.add_pool(
        world,
        subscription_id=subscription_id,
        resource_group=body.get("resource_group", demo.DEMO_RESOURCE_GROUP),
        name=name,
        app_group=body.get("app_group") or f"dag-{name}",
        workspace=body.get("workspace") or f"ws-{name}",
        location=body.get("location", demo.DEMO_LOCATION),
        pool_type=body.get("type", "Personal"),
        assignment_type=body.get("assignment_type", "Direct"),
    )
    return {"id": pool.arm_id}


def _set_pool(world: World, body: Body) -> Body:
    """Change its type, assignment type or RDP properties, or delete it."""
    pool_id = arm_id(
        _subscription_of(body),
        body.get("resource_group", demo.DEMO_RESOURCE_GROUP),
        POOL,
        body.get("name", demo.DEMO_HOST_POOL),
    )
    pool = world.parts.find(pool_id)
    if pool is None:
        raise ControlError("no such host pool")
    if body.get("exists") is False:
        for host in world.parts.list_children(pool.key, "host"):
            world.parts.end(host, world.clock.now())
        world.parts.end(pool, world.clock.now())
        return {"exists": False}
    names = ("type", "assignment_type", "rdp")
    world.parts.change(pool, **{name: body[name] for name in names if body.get(name) is not None})
    return {"exists": True}


def _end_group(world: World, body: Body) -> Body:
    """Delete a resource group with everything in it."""
    subscription_id = _subscription_of(body)
    name = body.get("name", demo.DEMO_RESOURCE_GROUP)
    group = world.parts.find(group_id(subscription_id, name))
    if group is None:
        raise ControlError("no such resource group")
    inside = [
        part
        for kind in TYPES
        for part in world.parts.list_living(kind, subscription_id)
        if part.resource_group == name.lower()
    ]
    for part in inside:
        machines.preempt(world, part, world.clock.now())
        world.parts.end(part, world.clock.now())
    return {"gone": len(inside)}


_ROUTES = {
    ("GET", "state"): _state,
    ("POST", "secret"): _set_secret,
    ("POST", "certificates"): _set_certificates,
    ("POST", "deny"): _deny,
    ("POST", "allow"): _allow,
    ("POST", "role"): _set_role,
    ("POST", "applications"): _add_application,
    ("POST", "provider"): _set_provider,
    ("POST", "subscription"): _set_subscription,
    ("POST", "subscriptions"): _add_subscription,
    ("POST", "quota"): _set_quota,
    ("POST", "restriction"): _restrict,
    ("POST", "subnet"): _set_subnet,
    ("POST", "pools"): _add_pool,
    ("POST", "pool"): _set_pool,
    ("DELETE", "group"): _end_group,
    ("POST", "loads"): set_load,
    **admin_machines.ROUTES,
    **admin_disks.ROUTES,
    **admin_bill.ROUTES,
    **admin_people.ROUTES,
}
