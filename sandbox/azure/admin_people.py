"""The tenant's people by hand: who is there, groups, domains, the application's permissions, a sign-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox import demo_azure as demo
from sandbox.azure import admin_machines
from sandbox.azure.people import Group, Person
from sandbox.azure.tenants import DESKTOP_USER
from sandbox.azure.world import World
from sandbox.errors import ControlError

Body = dict[str, Any]
KINDS = ("assigned", "dynamic", "role")


def _tenant(body: Body) -> str:
    return str(body.get("tenant_id", demo.DEMO_TENANT_ID))


def set_people(world: World, body: Body) -> Body:
    """Replace the tenant's people; null: everyone except ghosts."""
    world.set_people(body["people"])
    return {"people": body["people"]}


def list_users(world: World, body: Body) -> Body:
    """Everybody whom a call has made or asked for."""
    members = world.people.members(demo.DEMO_GROUP_ID)
    return {
        "users": [
            {
                "id": one.object_id,
                "userPrincipalName": one.upn,
                "mail": one.mail,
                "made_by": one.made_by,
                "is_member": one.object_id in members,
                **one.data,
            }
            for one in world.people.list_made()
        ]
    }


def set_user(world: World, body: Body) -> Body:
    """Change a user as the console would: accountEnabled, displayName, onPremisesSyncEnabled, isAdmin …"""
    found = _get(world, body, str(body["user"]))
    world.people.change(found, **body["changes"])
    return {"id": found.object_id}


def _get(world: World, body: Body, user: str) -> Person:
    found = world.people.find(_tenant(body), user, now=world.clock.now(), is_truth=True)
    if found is None:
        raise ControlError(f"no such user: {user}")
    return found


def add_group(world: World, body: Body) -> Body:
    """Add a group; with `scope`, it may use the desktops there (Desktop Virtualization User)."""
    kind = body.get("kind", "assigned")
    if kind not in KINDS:
        raise ControlError(f"a group is one of {', '.join(KINDS)}")
    world.people.add_group(Group(body["group_id"], _tenant(body), body.get("name", "A group"), kind))
    if body.get("scope"):
        role_id = body.get("role_id", DESKTOP_USER)
        world.people.assign_role(body["scope"], role_id, body["group_id"], "Group")
    return {"group_id": body["group_id"]}


def end_group(world: World, body: Body) -> Body:
    """Delete a group; its role assignments stay, as Azure's do."""
    world.people.end_group(body.get("group_id", demo.DEMO_GROUP_ID))
    return {"exists": False}


def end_assignments(world: World, body: Body) -> Body:
    world.people.end_assignments()
    return {"assignments": 0}


def set_domains(world: World, body: Body) -> Body:
    world.people.set_domains([str(one).lower() for one in body["domains"]])
    return {"domains": world.people.domains()}


def set_permissions(world: World, body: Body) -> Body:
    """Of Graph. A token that was issued before keeps what it had."""
    found = world.tenants.find_application(_tenant(body), body.get("client_id", demo.DEMO_CLIENT_ID))
    if found is None:
        raise ControlError("no such application")
    world.tenants.add_application(replace(found, permissions=tuple(body["permissions"])))
    return {"permissions": list(body["permissions"])}


def sign_in(world: World, body: Body) -> Body:
    """As the person would: refused unless the desktop is theirs and open, and they may use the pool."""
    user, host = str(body["user"]), admin_machines.get_host(world, body)
    person = _get(world, body, user)
    if person.data["externalUserState"] == "PendingAcceptance":
        world.people.change(person, externalUserState="Accepted")
    reasons = {
        "the account is disabled": not person.data["accountEnabled"],
        "not a member of the group": person.object_id not in world.people.members(demo.DEMO_GROUP_ID),
        "the desktop is assigned to somebody else or nobody": (host.data["assigned_user"] or "").lower()
        != person.upn.lower(),
        "the desktop takes no sessions": not host.data["allow_new_session"],
    }
    refused = next((reason for reason, is_so in reasons.items() if is_so), None)
    if refused is not None:
        return {"refused": refused}
    return admin_machines.open_session(world, {**body, "user": person.upn})


ROUTES: dict[tuple[str, str], Callable[[World, Body], Any]] = {
    ("POST", "people"): set_people,
    ("GET", "users"): list_users,
    ("POST", "users"): set_user,
    ("POST", "groups"): add_group,
    ("DELETE", "groups"): end_group,
    ("DELETE", "assignments"): end_assignments,
    ("POST", "domains"): set_domains,
    ("POST", "permissions"): set_permissions,
    ("POST", "sign_in"): sign_in,
}
