"""Session hosts: list, assign to a user, remove from the pool. None is created here."""

from __future__ import annotations

from sandbox.azure import shapes
from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json, desktop_error
from sandbox.azure.ids import HOST, POOL, iso
from sandbox.azure.lifecycles import hosts
from sandbox.azure.operations.desktops import page_of
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route


def get(call: Call) -> Answer:
    return Answer(body=_show(call, get_host(call)))


def list_hosts(call: Call) -> Answer:
    answer = page_of(call, "host", _show, parent=get_pool(call).key)
    return shapes.with_null(answer) if _is_varied(call) else answer


def _is_varied(call: Call) -> bool:
    return bool(call.world.settings()["recorded_shapes"])


def get_pool(call: Call) -> Part:
    """The pool in the path. Raises ArmError for a missing parent resource."""
    pool = call.world.parts.find(call.id_of("pool", call.names[0]))
    if pool is None:
        raise ArmError(
            "ParentResourceNotFound",
            f"Failed to perform the operation on a resource of type '{HOST}', because the parent resource"
            f" '{POOL}/{call.names[0]}' could not be found.",
            status=404,
        )
    return pool


def get_host(call: Call) -> Part:
    """Raises ArmError with Virtual Desktop's wording."""
    get_pool(call)
    host = call.world.parts.find(call.id_of("host", *call.names[:2]))
    if host is None:
        text = f"SessionHost not found in hostPool {call.names[0]}: {call.names[1]}"
        raise desktop_error(404, text, activity=call.activity())
    call.touch(host)
    return host


def update(call: Call) -> Answer:
    """`assignedUser`, `allowNewSession`, `friendlyName`."""
    host = get_host(call)
    requested = call.body.get("properties") or {}
    changes: Json = {}
    if requested.get("assignedUser") is not None:
        changes["assigned_user"] = _check_user(call, host, str(requested["assignedUser"]))
    if requested.get("allowNewSession") is not None:
        changes["allow_new_session"] = bool(requested["allowNewSession"])
    if requested.get("friendlyName") is not None:
        changes["friendly_name"] = requested["friendlyName"]
    host = call.world.parts.change(host, **changes)
    call.touched.accepted += 1
    return Answer(body=_show(call, host))


def _check_user(call: Call, host: Part, user: str) -> str | None:
    """The user to assign; "" removes the assignment. Raises ArmError."""
    call.touched.users.append(user)
    now_has = host.data["assigned_user"]
    if now_has and now_has.lower() != user.lower() and not call.flag("force"):
        text = f"SessionHost {host.name} is assigned to another user already. Use force to reassign it."
        raise desktop_error(409, text, activity=call.activity())
    if not user:
        return None
    if not call.world.knows(user):
        text = f"User {user} was not found in the directory."
        raise desktop_error(400, text, activity=call.activity())
    for other in call.world.parts.list_children(host.parent, "host"):
        if other.key != host.key and (other.data["assigned_user"] or "").lower() == user.lower():
            text = f"User {user} is assigned to another session host of this host pool: {other.name}."
            raise desktop_error(409, text, activity=call.activity())
    return user


def delete(call: Call) -> Answer:
    """Deletes the record only. If it does not exist, it counts as deleted (204)."""
    pool = call.world.parts.find(call.id_of("pool", call.names[0]))
    host = call.world.parts.find(call.id_of("host", *call.names)) if pool is not None else None
    if host is None:
        return Answer(204)
    call.touch(host)
    if host.data["sessions"] and not call.flag("force"):
        text = f"SessionHost {host.name} has user sessions. Use force to delete it."
        raise desktop_error(409, text, activity=call.activity())
    remove(call, host)
    call.touched.accepted += 1
    return Answer(200)


def remove(call: Call, host: Part) -> None:
    call.world.timeline.drop(host.key, "host.status")
    call.world.parts.end(host, call.now)


def _show(call: Call, host: Part) -> Json:
    data = host.data
    pool_name, checked_at = host.arm_id.split("/")[8], iso(call.now)
    properties: Json = {
        "objectId": data["object_id"],
        "lastHeartBeat": iso(hosts.beat(call.world, host, call.now)),
        "sessions": len(data["sessions"]),
        "agentVersion": "1.0.11388.1400",
        "allowNewSession": data["allow_new_session"],
        "virtualMachineId": data["machine_id"],
        "resourceId": data["vm_id"],
        "status": data["status"],
        "statusTimestamp": iso(data["status_at"]),
        "osVersion": "10.0.26100.4946",
        "sxSStackVersion": "rdp-sxs240705700",
        "updateState": "Initial" if data["status"] == "Upgrading" else "Succeeded",
        "lastUpdateTime": iso(host.born_at),
        "updateErrorMessage": "",
        "sessionHostHealthCheckResults": [_check(data, name, checked_at) for name in hosts.CHECKS],
    }
    optional = {"assignedUser": data["assigned_user"], "friendlyName": data["friendly_name"]}
    shown: Json = {
        "id": host.arm_id,
        "name": f"{pool_name}/{host.name}",
        "type": HOST,
        "properties": properties | {name: value for name, value in optional.items() if value},
    }
    is_set = data["heartbeat_at"] is not None and data.get("off_at") is None
    if _is_varied(call):
        shown = shapes.vary(shown, now=call.now, keeps_heartbeat=is_set)
    return shapes.without_times(shown) if call.world.settings()["null_times"] else shown


def _check(data: Json, name: str, checked_at: str) -> Json:
    is_failed = name in data["failed_checks"]
    result = "HealthCheckFailed" if is_failed else "HealthCheckSucceeded"
    if data["status"] == "Shutdown" and not is_failed:
        result = "SessionHostShutdown"
    reason = "Check failed." if is_failed else "Check passed."
    code = -2147467259 if is_failed else 0
    return {
        "healthCheckName": name,
        "healthCheckResult": result,
        "additionalFailureDetails": {
            "message": f"{name}: {reason}",
            "errorCode": code,
            "lastHealthCheckDateTime": checked_at,
        },
    }


_HOSTS = f"{GROUP}/providers/microsoft.desktopvirtualization/hostpools/*/sessionhosts"
ROUTES = [
    Route("GET", _HOSTS, "sessionHosts.list", f"{HOST}/read", list_hosts),
    Route("GET", f"{_HOSTS}/*", "sessionHosts.get", f"{HOST}/read", get),
    Route("PATCH", f"{_HOSTS}/*", "sessionHosts.update", f"{HOST}/write", update),
    Route("DELETE", f"{_HOSTS}/*", "sessionHosts.delete", f"{HOST}/delete", delete),
]
