"""Groups and their members."""

from __future__ import annotations

from sandbox.azure.call import Answer
from sandbox.azure.graph.call import GraphCall, GraphRoute, bad_request, denied, not_found
from sandbox.azure.people import Group


def _get(call: GraphCall) -> Group:
    found = call.world.people.find_group(call.tenant_id, call.names[0])
    if found is None:
        raise not_found(call.names[0])
    return found


def get(call: GraphCall) -> Answer:
    group = _get(call)
    types = ["DynamicMembership"] if group.kind == "dynamic" else []
    return Answer(
        body={
            "id": group.group_id,
            "displayName": group.name,
            "groupTypes": types,
            "securityEnabled": True,
            "isAssignableToRole": group.kind == "role" or None,
        }
    )


def list_members(call: GraphCall) -> Answer:
    ids = call.world.people.members(_get(call).group_id)
    asked = call.query.get("top", "")
    size = min(int(asked), 999) if asked.isdigit() else int(call.world.settings()["member_page"])
    begin = int(call.query.get("skiptoken") or 0)
    body: dict[str, object] = {
        "value": [{"@odata.type": "#microsoft.graph.user", "id": one} for one in ids[begin : begin + size]]
    }
    if begin + size < len(ids):
        body["@odata.nextLink"] = f"{call.url}?$top={size}&$skiptoken={begin + size}"
    return Answer(body=body)


def add_member(call: GraphCall) -> Answer:
    group, people = _get(call), call.world.people
    link = str(call.body.get("@odata.id") or "")
    if "/directoryobjects/" not in link.lower() and "/users/" not in link.lower():
        raise bad_request("Invalid URL format specified in @odata.id.")
    _check_manual(group)
    person = call.get_user(link.rpartition("/")[2])
    if person.object_id in people.members(group.group_id):
        raise bad_request(
            "One or more added object references already exist for the following modified properties:"
            " 'members'."
        )
    people.add_member(group.group_id, person.object_id)
    call.touched.accepted += 1
    return Answer(204)


def remove_member(call: GraphCall) -> Answer:
    group = _get(call)
    _check_manual(group)
    if not call.world.people.remove_member(group.group_id, call.names[1]):
        raise not_found(call.names[1])
    call.touched.accepted += 1
    return Answer(204)


def _check_manual(group: Group) -> None:
    if group.kind == "role":
        raise denied()
    if group.kind == "dynamic":
        raise bad_request("Insufficient privileges: membership of a dynamic group cannot be changed.")


_WRITE = frozenset({"GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"})
_READ = _WRITE | {"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"}
ROUTES = [
    GraphRoute("GET", "groups/*", "groups.get", _READ, get),
    GraphRoute("GET", "groups/*/members", "groups.listMembers", _READ, list_members),
    GraphRoute("POST", "groups/*/members/$ref", "groups.addMember", _WRITE, add_member),
    GraphRoute("DELETE", "groups/*/members/*/$ref", "groups.removeMember", _WRITE, remove_member),
]
