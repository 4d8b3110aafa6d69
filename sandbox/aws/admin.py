"""The control API of the simulated AWS: accounts, keys, directories, desktops changed by hand, the bill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from sandbox import admin
from sandbox import demo as demo_account
from sandbox.aws.accounts import KEY_STATES, Account, Directory, Key
from sandbox.aws.admin_bill import add_cost, set_bill, set_price, show_bill, show_meter
from sandbox.aws.admin_images import handle_images, show_images
from sandbox.aws.admin_roles import handle_roles
from sandbox.aws.admin_workspaces import handle_workspaces, show_machine
from sandbox.aws.catalogue import Bundle
from sandbox.aws.loads import set_load
from sandbox.aws.people import show_person
from sandbox.aws.world import World
from sandbox.errors import ControlError

Body = dict[str, Any]


def handle(world: World, *, method: str, target: str, body: Any, demo: bool) -> Any:
    """Handle one control request. Raises ControlError, KeyError, TypeError or ValueError if malformed."""
    return admin.handle(world, _ROUTES, method=method, target=target, body=body, demo=demo)


def _state(world: World, body: Body) -> Body:
    """Everything in the sandbox's state except secrets."""
    keys = [dict(row) for row in world.store.rows("SELECT access_key_id, account_id, state FROM access_key")]
    return {
        **admin.common_state(world),
        "keys": keys,
        "accounts": [dict(row) for row in world.store.rows("SELECT * FROM account ORDER BY account_id")],
        "directories": [row["directory_id"] for row in world.store.rows("SELECT * FROM directory")],
        "workspaces": [show_machine(world, machine) for machine in world.machines.list_all()],
    }


def _add_account(world: World, body: Body) -> Body:
    """Add an account with its keys, directories and own bundles, or update those of an existing account."""
    account_id = body["account_id"]
    style = body.get("quota_style", "item")
    if style not in ("item", "call"):
        raise ControlError("quota_style is item or call")
    world.accounts.add_account(
        Account(account_id, int(body.get("quota", 1)), style, tuple(body.get("regions_off", ())))
    )
    for key in body.get("keys", ()):
        world.accounts.add_key(
            Key(
                key["access_key_id"],
                key["secret_access_key"],
                account_id,
                key.get("user_name", "berth"),
                _key_state(key.get("state", "active")),
                tuple(key.get("denied", ())),
                key.get("session_token"),
            )
        )
    for number, value in enumerate(body.get("directories", ())):
        _add_directory(world, account_id, value, number)
    for value in body.get("bundles", ()):
        world.accounts.add_own_bundle(_own_bundle(account_id, value), created_at=world.clock.now())
    return {"account_id": account_id}


def _add_directory(world: World, account_id: str, value: Body, number: int) -> None:
    region, directory_id = value["region"], value["directory_id"]
    subnets = value.get("subnets") or [
        {"subnet_id": f"subnet-{demo_account.hex_id(directory_id, zone)}", "free": 250} for zone in "ab"
    ]
    for subnet, zone in zip(subnets, "abcdef", strict=False):
        world.accounts.add_subnet(
            subnet["subnet_id"],
            account_id=account_id,
            region=region,
            free=int(subnet.get("free", 250)),
            zone=f"{region}{zone}",
        )
    users = value.get("users")
    world.accounts.add_directory(
        Directory(
            directory_id,
            account_id,
            region,
            value.get("name", f"corp{number}.example"),
            value.get("registration_code", f"WS{account_id[-4:]}+TEST{number:02d}"),
            value.get("state", "REGISTERED"),
            tuple(subnet["subnet_id"] for subnet in subnets),
            None if users is None else tuple(users),
            value.get("directory_type", "SIMPLE_AD"),
            value.get("web_access", "ALLOW"),
            value.get("user_identity_type", "AWS_DIRECTORY_SERVICE"),
            value.get("workspace_type", "PERSONAL"),
            value.get("saml", "DISABLED"),
            value.get("service_type", ""),
            value.get("data_access", "Disabled"),
        )
    )
    world.accounts.add_public_bundles(region, created_at=world.clock.now() - 86400)


def _own_bundle(account_id: str, value: Body) -> Bundle:
    defaults = {
        "description": value["name"],
        "image_id": "wsi-" + demo_account.short_id(value["name"]),
        "compute": "STANDARD",
        "root_gib": 80,
        "user_gib": 50,
        "os_name": "UBUNTU_22_04",
        "protocol": "WSP",
    }
    return Bundle(**{**defaults, "owner": account_id, **value})


def _keys(world: World, body: Body) -> Body:
    """Disable, expire or reactivate a key, or change which actions it is denied."""
    key = world.accounts.find_key(body["access_key_id"])
    if key is None:
        raise ControlError("no such key")
    changed = {
        **asdict(key),
        "state": _key_state(body.get("state", key.state)),
        "denied": tuple(body.get("denied", key.denied)),
    }
    world.accounts.add_key(Key(**changed))
    return {"access_key_id": key.access_key_id, "state": changed["state"], "denied": changed["denied"]}


def _key_state(state: str) -> str:
    if state not in KEY_STATES:
        raise ControlError(f"a key is one of {', '.join(KEY_STATES)}")
    return state


def _regions(world: World, body: Body) -> Body:
    """Say which regions the account has not enabled."""
    account = world.accounts.get_account(body["account_id"])
    off = tuple(body["off"])
    world.accounts.add_account(replace(account, regions_off=off))
    return {"account_id": account.account_id, "off": off}


def _users(world: World, body: Body) -> Body:
    """Replace a directory's list of users (null: everyone except ghosts), add to it, or change what it is."""
    row = world.store.one("SELECT * FROM directory WHERE directory_id = ?", body["directory_id"])
    if row is None:
        raise ControlError("no such directory")
    found = world.accounts.find_directory(
        row["directory_id"], account_id=row["account_id"], region=row["region"]
    )
    assert found is not None
    values = asdict(found)
    if "users" in body:
        values["users"] = None if body["users"] is None else tuple(body["users"])
    if "add" in body:
        values["users"] = (*(values["users"] or ()), *body["add"])
    for name in _SETTABLE:
        values[name] = body.get(name, values[name])
    world.accounts.add_directory(Directory(**values))
    return {"directory_id": found.directory_id, "users": values["users"], "state": values["state"]}


def _people(world: World, body: Body) -> Body:
    """The users of a directory that have more than a name; `remove` takes one away as in its own tools."""
    if "remove" in body:
        key = body["remove"].lower()
        world.store.run(
            "DELETE FROM directory_user WHERE directory_id = ? AND user_key = ?", body["directory_id"], key
        )
    return {"people": [show_person(one) for one in world.people.list_with_rows(body["directory_id"])]}


_SETTABLE = ("state", "directory_type", "user_identity_type", "workspace_type", "saml") + (
    "service_type",
    "data_access",
)
_ROUTES: dict[tuple[str, str], Callable[[World, Body], Any]] = {
    ("GET", "state"): _state,
    ("POST", "accounts"): _add_account,
    ("POST", "keys"): _keys,
    ("POST", "roles"): handle_roles,
    ("POST", "regions"): _regions,
    ("POST", "users"): _users,
    ("POST", "people"): _people,
    ("POST", "workspaces"): handle_workspaces,
    ("GET", "images"): show_images,
    ("POST", "images"): handle_images,
    ("POST", "loads"): set_load,
    ("GET", "bill"): show_bill,
    ("POST", "bill"): set_bill,
    ("POST", "costs"): add_cost,
    ("POST", "prices"): set_price,
    ("GET", "meter"): show_meter,
}
