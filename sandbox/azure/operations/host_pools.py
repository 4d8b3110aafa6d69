"""Host pools and their registration tokens."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from sandbox.azure import timing
from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json, desktop_error
from sandbox.azure.ids import POOL, guid, iso
from sandbox.azure.operations.desktops import page_of
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, SUBSCRIPTION, Route


def get(call: Call) -> Answer:
    return Answer(body=show_pool(call, call.get("pool")))


def list_group(call: Call) -> Answer:
    return page_of(call, "pool", show_pool, resource_group=call.resource_group)


def list_all(call: Call) -> Answer:
    return page_of(call, "pool", show_pool)


def update(call: Call) -> Answer:
    """Create or delete the registration token; the sandbox supports no other change to a pool."""
    pool = call.get("pool")
    info = (call.body.get("properties") or {}).get("registrationInfo")
    if isinstance(info, dict) and info.get("registrationTokenOperation") == "Update":
        pool = _renew(call, pool, info)
    elif isinstance(info, dict) and info.get("registrationTokenOperation") == "Delete":
        pool = call.world.parts.change(pool, token=None, token_expires_at=None, old_tokens={})
    call.touched.accepted += 1
    return Answer(body=show_pool(call, pool))


def _renew(call: Call, pool: Part, info: Json) -> Part:
    """The previous token stops working, unless the setting `old_tokens_work` keeps it."""
    expires_at = _read_time(info.get("expirationTime"))
    left_s = None if expires_at is None else expires_at - call.now
    # Allow one second: the caller's clock shows whole seconds only.
    if left_s is None or not timing.TOKEN_LEAST_S - 1 <= left_s <= timing.TOKEN_MOST_S + 1:
        text = "ExpirationTime value must be between one hour and 30 days from now"
        raise desktop_error(400, text, activity=call.activity())
    data = pool.data
    old = {one: until for one, until in data["old_tokens"].items() if until > call.now}
    if data["token"]:
        old[data["token"]] = data["token_expires_at"]
    number = data["tokens_made"] + 1
    return call.world.parts.change(
        pool,
        token=_new_token(pool, number, expires_at),
        token_expires_at=expires_at,
        tokens_made=number,
        old_tokens=old,
    )


def _new_token(pool: Part, number: int, expires_at: float | None) -> str:
    """A token in the right format that contains its pool's id. It is valid in the sandbox only."""
    claims = {"RegistrationId": guid("token", pool.key, number), "Exp": expires_at, "For": "sandbox"}
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
        for one in ({"alg": "none", "typ": "JWT"}, claims)
    ]
    return ".".join([*parts, guid("signature", pool.key, number).replace("-", "") * 2])


def retrieve_token(call: Call) -> Answer:
    pool = call.get("pool")
    data = pool.data
    is_valid = data["token"] is not None and call.now < data["token_expires_at"]
    body: Json = {"registrationTokenOperation": "None"}
    if data["token_expires_at"] is not None:
        body |= {
            "expirationTime": iso(data["token_expires_at"]),
            "token": data["token"] if is_valid else None,
        }
    return Answer(body=body)


def list_tokens(call: Call) -> Answer:
    data = call.get("pool").data
    is_valid = data["token"] is not None and call.now < data["token_expires_at"]
    found = [{"expirationTime": iso(data["token_expires_at"]), "token": data["token"]}] if is_valid else []
    return Answer(body={"value": found})


def _read_time(text: Any) -> float | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        raise ArmError("InvalidRequestContent", f"'{text}' is not a time.") from None


def show_pool(call: Call, pool: Part) -> Json:
    """Never shows the token: reading it is a separate operation with its own permission."""
    data = pool.data
    properties: Json = {
        "objectId": data["object_id"],
        "friendlyName": pool.name,
        "description": "",
        "hostPoolType": data["type"],
        "loadBalancerType": "Persistent" if data["type"] == "Personal" else "BreadthFirst",
        "maxSessionLimit": 1 if data["type"] == "Personal" else 10,
        "preferredAppGroupType": "Desktop",
        "customRdpProperty": data["rdp"],
        "validationEnvironment": False,
        "startVMOnConnect": True,
        "cloudPcResource": False,
        "applicationGroupReferences": data["app_groups"],
        "publicNetworkAccess": "Enabled",
    }
    if data["type"] == "Personal":
        properties["personalDesktopAssignmentType"] = data["assignment_type"]
    if data["token_expires_at"] is not None:
        properties["registrationInfo"] = {
            "expirationTime": iso(data["token_expires_at"]),
            "token": None,
            "registrationTokenOperation": "None",
        }
    return {
        "id": pool.arm_id,
        "name": pool.name,
        "type": POOL,
        "location": pool.location,
        "tags": pool.tags,
        "etag": f'"{pool.seq}"',
        "properties": properties,
    }


_POOLS = "providers/microsoft.desktopvirtualization/hostpools"
_POOL = f"{GROUP}/{_POOLS}/*"
ROUTES = [
    Route("GET", _POOL, "hostPools.get", f"{POOL}/read", get),
    Route("PATCH", _POOL, "hostPools.update", f"{POOL}/write", update),
    Route("GET", f"{GROUP}/{_POOLS}", "hostPools.listByResourceGroup", f"{POOL}/read", list_group),
    Route("GET", f"{SUBSCRIPTION}/{_POOLS}", "hostPools.list", f"{POOL}/read", list_all),
    Route(
        "POST",
        f"{_POOL}/retrieveregistrationtoken",
        "hostPools.retrieveRegistrationToken",
        f"{POOL}/retrieveRegistrationToken/action",
        retrieve_token,
    ),
    Route(
        "POST",
        f"{_POOL}/listregistrationtokens",
        "hostPools.listRegistrationTokens",
        f"{POOL}/listRegistrationTokens/action",
        list_tokens,
    ),
]
