"""The sessions of a session host: list, send a message, disconnect, sign out."""

from __future__ import annotations

import re

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json, desktop_error
from sandbox.azure.ids import HOST, guid, iso
from sandbox.azure.lifecycles import hosts
from sandbox.azure.operations.session_hosts import get_host, get_pool
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, Route

_FILTER = re.compile(r"(userPrincipalName|sessionState|state)\s+eq\s+'((?:[^']|'')*)'", re.I)


def list_of_pool(call: Call) -> Answer:
    found = call.world.parts.list_children(get_pool(call).key, "host")
    shown = [_show(call, host, one) for host in found for one in host.data["sessions"]]
    return Answer(body={"value": [one for one in shown if _fits(one, call.query.get("filter", ""))]})


def list_of_host(call: Call) -> Answer:
    host = get_host(call)
    return Answer(body={"value": [_show(call, host, one) for one in host.data["sessions"]]})


def get(call: Call) -> Answer:
    host, session = _find(call)
    return Answer(body=_show(call, host, session))


def delete(call: Call) -> Answer:
    """Sign the user out. A session that is already over counts as deleted (204).

    With `sign_out_s` the broker notices later, and only while the machine runs.
    """
    host = get_host(call)
    if call.name not in [one["id"] for one in host.data["sessions"]]:
        return Answer(204)
    if (lag_s := call.world.settings()["sign_out_s"]) > 0:
        call.world.timeline.plan(call.now + lag_s, "session.end", host.key, session=call.name)
    else:
        hosts.end_session(call.world, host, call.name)
    call.touched.accepted += 1
    return Answer(200)


def disconnect(call: Call) -> Answer:
    host, session = _find(call)
    session["state"] = "Disconnected"
    call.world.parts.change(host, sessions=host.data["sessions"])
    return Answer(200)


def send_message(call: Call) -> Answer:
    host, session = _find(call)
    session["messages"].append([call.body.get("messageTitle"), call.body.get("messageBody")])
    call.world.parts.change(host, sessions=host.data["sessions"])
    return Answer(200)


def _find(call: Call) -> tuple[Part, Json]:
    host = get_host(call)
    for session in host.data["sessions"]:
        if session["id"] == call.name:
            call.touched.users.append(session["user"])
            return host, session
    text = f"UserSession {call.name} was not found on SessionHost {host.name}"
    raise desktop_error(404, text, activity=call.activity())


def _fits(shown: Json, wanted: str) -> bool:
    """`userPrincipalName eq 'u@x' and state eq 'active'`. Raises ArmError for any other filter."""
    names = {
        "userprincipalname": "userPrincipalName",
        "state": "sessionState",
        "sessionstate": "sessionState",
    }
    for clause in re.split(r"\s+and\s+", wanted) if wanted else []:
        found = _FILTER.fullmatch(clause.strip())
        if found is None:
            raise ArmError("BadRequest", f"The filter '{wanted}' is not valid.")
        if str(shown["properties"][names[found[1].lower()]]).lower() != found[2].lower():
            return False
    return True


def _show(call: Call, host: Part, session: Json) -> Json:
    pool = call.world.parts.get(host.parent)
    return {
        "id": f"{host.arm_id}/userSessions/{session['id']}",
        "name": f"{pool.name}/{host.name}/{session['id']}",
        "type": f"{HOST}/usersessions",
        "properties": {
            "objectId": guid("session", host.key, session["id"]),
            "userPrincipalName": session["user"],
            "applicationType": "Desktop",
            "sessionState": session["state"],
            "activeDirectoryUserName": session["user"].partition("@")[0],
            "createTime": iso(session["since"]),
        },
    }


_POOL = f"{GROUP}/providers/microsoft.desktopvirtualization/hostpools/*"
_SESSIONS = f"{_POOL}/sessionhosts/*/usersessions"
_KIND = f"{HOST}/usersessions"
ROUTES = [
    Route("GET", f"{_POOL}/usersessions", "userSessions.listByHostPool", f"{_KIND}/read", list_of_pool),
    Route("GET", _SESSIONS, "userSessions.list", f"{_KIND}/read", list_of_host),
    Route("GET", f"{_SESSIONS}/*", "userSessions.get", f"{_KIND}/read", get),
    Route("DELETE", f"{_SESSIONS}/*", "userSessions.delete", f"{_KIND}/delete", delete),
    Route(
        "POST",
        f"{_SESSIONS}/*/disconnect",
        "userSessions.disconnect",
        f"{_KIND}/disconnect/action",
        disconnect,
    ),
    Route(
        "POST",
        f"{_SESSIONS}/*/sendmessage",
        "userSessions.sendMessage",
        f"{_KIND}/sendMessage/action",
        send_message,
    ),
]
