"""Users: read, find, create, change, end their sign-ins."""

from __future__ import annotations

import re
from typing import Any

from sandbox.azure.call import Answer
from sandbox.azure.errors import Json
from sandbox.azure.graph.call import GraphCall, GraphRoute, bad_request, denied
from sandbox.azure.ids import guid, iso
from sandbox.azure.people import Person, new_data

DEFAULT_FIELDS = ("id", "displayName", "givenName", "surname", "mail", "userPrincipalName")
"""What Graph shows of a user without `$select`."""
REQUIRED = ("accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName")
_CLAUSE = re.compile(r"(mail|userPrincipalName)\s+eq\s+'((?:[^']|'')*)'", re.I)
_CHANGED = ("accountEnabled", "displayName", "givenName", "surname", "jobTitle", "otherMails")


def show(person: Person, query: dict[str, str]) -> Json:
    everything: Json = {
        "id": person.object_id,
        "userPrincipalName": person.upn,
        "mail": person.mail or None,
        **person.data,
    }
    wanted = query["select"].split(",") if query.get("select") else DEFAULT_FIELDS
    return {name.strip(): everything.get(name.strip()) for name in wanted}


def get(call: GraphCall) -> Answer:
    return Answer(body=show(call.get_user(call.names[0]), call.query))


def find(call: GraphCall) -> Answer:
    """Only with a filter on mail or user name. Raises GraphError."""
    found: dict[str, Person] = {}
    for clause in re.split(r"\s+or\s+", call.query.get("filter", "")):
        said = _CLAUSE.fullmatch(clause.strip())
        if said is None:
            raise bad_request(f"Invalid filter clause: '{clause}'.", detail="UnsupportedQuery")
        value = said[2].replace("''", "'")
        people = call.world.people
        if said[1].lower() == "mail":
            rows = people.list_by_mail(call.tenant_id, value, now=call.now)
        else:
            one = people.find(call.tenant_id, value, now=call.now)
            rows = [] if one is None or one.upn.lower() != value.lower() else [one]
        found |= {one.object_id: one for one in rows}
    call.touched.users += [one.upn for one in found.values()]
    return Answer(body={"value": [show(one, call.query) for one in found.values()]})


def create(call: GraphCall) -> Answer:
    body, people = call.body, call.world.people
    for name in REQUIRED:
        if body.get(name) in (None, ""):
            text = f"A value is required for property '{name}' of resource 'User'."
            raise bad_request(text, detail="InvalidValue", target=name)
    upn = str(body["userPrincipalName"])
    call.touched.users.append(upn)
    if upn.rpartition("@")[2].lower() not in people.domains():
        text = (
            "The domain portion of the userPrincipalName property is invalid. You must use one of the"
            " verified domain names in your organization."
        )
        raise bad_request(text, detail="InvalidValue", target="userPrincipalName")
    if people.find(call.tenant_id, upn, now=call.now, is_truth=True) is not None:
        text = "Another object with the same value for property userPrincipalName already exists."
        raise bad_request(text, detail="ObjectConflict", target="userPrincipalName")
    person = add(call, upn=upn, mail=str(body.get("mail") or ""), display_name=str(body["displayName"]))
    people.change(person, accountEnabled=bool(body["accountEnabled"]))
    _apply(call, person, body)
    return Answer(201, show(person, {"select": ",".join((*DEFAULT_FIELDS, "accountEnabled"))}))


def add(call: GraphCall, *, upn: str, mail: str, display_name: str, user_type: str = "Member") -> Person:
    """A new one, which reads find after a while."""
    people, lag_s = call.world.people, call.world.settings()["graph_lag_s"]
    call.touched.accepted += 1
    return people.add(
        Person(
            call.tenant_id,
            guid("person", call.tenant_id, upn.lower(), call.now),
            upn,
            mail,
            "graph",
            call.now,
            call.now + lag_s,
            new_data(display_name, at=call.now, user_type=user_type),
        )
    )


def update(call: GraphCall) -> Answer:
    person = call.get_user(call.names[0])
    if person.data.get("isAdmin"):
        raise denied()  # administrators are beyond an application with User.ReadWrite.All
    if person.data["onPremisesSyncEnabled"] and "onPremisesExtensionAttributes" in call.body:
        raise bad_request(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or"
            " objects currently undergoing migration."
        )
    _apply(call, person, call.body)
    call.touched.accepted += 1
    return Answer(204)


def _apply(call: GraphCall, person: Person, body: Json) -> None:
    changes: dict[str, Any] = {name: body[name] for name in _CHANGED if name in body}
    if isinstance(body.get("onPremisesExtensionAttributes"), dict):
        kept = person.data["onPremisesExtensionAttributes"]
        changes["onPremisesExtensionAttributes"] = {**kept, **body["onPremisesExtensionAttributes"]}
    call.world.people.change(person, **changes)


def revoke(call: GraphCall) -> Answer:
    """Tokens from before are refused; sessions of desktops go on."""
    person = call.get_user(call.names[0])
    call.world.people.change(person, signInSessionsValidFromDateTime=iso(call.now)[:19] + "Z")
    return Answer(body={"value": True})


_WRITE = frozenset({"User.ReadWrite.All", "Directory.ReadWrite.All"})
_READ = _WRITE | {"User.Read.All", "Directory.Read.All"}
ROUTES = [
    GraphRoute("GET", "users/*", "users.get", _READ, get),
    GraphRoute("GET", "users", "users.list", _READ, find),
    GraphRoute("POST", "users", "users.create", _WRITE, create),
    GraphRoute("PATCH", "users/*", "users.update", _WRITE, update),
    GraphRoute(
        "POST",
        "users/*/revokesigninsessions",
        "users.revokeSignInSessions",
        _WRITE | {"User.RevokeSessions.All"},
        revoke,
    ),
]
