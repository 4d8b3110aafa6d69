"""Resource Manager's own operations: resources, groups, providers, permissions."""

from __future__ import annotations

import re

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import TYPES
from sandbox.azure.paging import list_page, page_size
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, SUBSCRIPTION, Route
from sandbox.azure.tenants import NAMESPACES
from sandbox.azure.timing import REGISTER_PROVIDER_S

LISTED = ("vm", "nic", "disk", "snapshot", "extension", "command", "pool", "appgroup", "workspace", "network")
_CLAUSE = re.compile(
    r"(tagName|tagValue|resourceType|resourceGroup|name|location)\s+eq\s+'((?:[^']|'')*)'", re.I
)


def list_group(call: Call) -> Answer:
    return _list(call, call.resource_group)


def list_all(call: Call) -> Answer:
    return _list(call, None)


def _list(call: Call, resource_group: str | None) -> Answer:
    """With a tag filter, the response omits the tags, as Azure's does."""
    wanted = _read_filter(call.query.get("filter"))
    rows = call.world.parts.list_shown(
        LISTED, now=call.now, subscription_id=call.subscription_id, resource_group=resource_group
    )
    found = [row for row in rows if _fits(row, wanted)]
    size = page_size(call, default=call.world.settings()["resource_page"], names=("top",))
    return list_page(call, found, lambda part: _show(part, with_tags="tagname" not in wanted), size=size)


def _read_filter(text: str | None) -> dict[str, str]:
    """Keyed by name in lower case. Raises ArmError for filters that Resource Manager does not support."""
    wanted: dict[str, str] = {}
    for clause in re.split(r"\s+and\s+", text.strip(), flags=re.I) if text else []:
        found = _CLAUSE.fullmatch(clause.strip())
        if found is None:
            raise ArmError("InvalidFilterInQueryString", f"Invalid $filter '{text}' in the query string.")
        wanted[found[1].lower()] = found[2].replace("''", "'")
    if "tagname" in wanted and len(set(wanted) - {"tagname", "tagvalue"}) > 0:
        raise ArmError("InvalidFilterInQueryString", "A filter by tag can be combined with no other filter.")
    return wanted


def _fits(part: Part, wanted: dict[str, str]) -> bool:
    shown = {
        "resourcetype": TYPES[part.kind],
        "resourcegroup": part.resource_group,
        "name": part.name,
        "location": part.location,
    }
    for name, value in wanted.items():
        if name in shown and shown[name].lower() != value.lower():
            return False
    if "tagname" not in wanted:
        return True
    tags = {key.lower(): value for key, value in part.tags.items()}
    found = tags.get(wanted["tagname"].lower())
    return found is not None and wanted.get("tagvalue", found) == found


def _show(part: Part, *, with_tags: bool) -> Json:
    name = part.name
    if part.kind in ("extension", "command"):
        name = f"{part.parent.rpartition('/')[2]}/{part.name}"
    shown: Json = {"id": part.arm_id, "name": name, "type": TYPES[part.kind], "location": part.location}
    if part.kind in ("disk", "snapshot"):
        shown |= {"sku": {"name": part.data["sku"], "tier": part.data["sku"].partition("_")[0]}}
        if part.data.get("managed_by"):
            shown["managedBy"] = part.data["managed_by"]
    if part.tags and with_tags:
        shown["tags"] = part.tags
    return shown


def get_group(call: Call) -> Answer:
    group = call.world.parts.get(call.group_key)
    return Answer(
        body={
            "id": group.arm_id,
            "name": group.name,
            "type": TYPES["group"],
            "location": group.location,
            "properties": {"provisioningState": "Succeeded"},
        }
    )


def get_provider(call: Call) -> Answer:
    namespace = NAMESPACES.get(call.name.lower())
    if namespace is None:
        raise ArmError(
            "InvalidResourceNamespace", f"The resource namespace '{call.name}' is invalid.", status=404
        )
    return Answer(body=_show_provider(call, namespace))


def register_provider(call: Call) -> Answer:
    namespace = NAMESPACES.get(call.name.lower())
    if namespace is None:
        raise ArmError(
            "InvalidResourceNamespace", f"The resource namespace '{call.name}' is invalid.", status=404
        )
    tenants = call.world.tenants
    if tenants.provider_state(call.subscription_id, namespace) != "Registered":
        tenants.set_provider(call.subscription_id, namespace, "Registering")
        call.world.timeline.plan(
            call.now + REGISTER_PROVIDER_S,
            "provider.settle",
            namespace,
            subscription_id=call.subscription_id,
            namespace=namespace,
        )
    return Answer(body=_show_provider(call, namespace))


def _show_provider(call: Call, namespace: str) -> Json:
    types = [name for name in TYPES.values() if name.lower().startswith(namespace.lower() + "/")]
    return {
        "id": f"/subscriptions/{call.subscription_id}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": call.world.tenants.provider_state(call.subscription_id, namespace),
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [
            {"resourceType": name.partition("/")[2], "locations": [], "apiVersions": ["2024-04-03"]}
            for name in types
        ],
    }


def list_permissions(call: Call) -> Answer:
    """What the caller may do at a scope: each role that applies there, minus what is denied there."""
    application, scope = call.application, call.names[0]
    denied = [
        one.action
        for one in application.denied
        if scope.lower().startswith(one.scope.lower()) and (one.until is None or call.now < one.until)
    ]
    roles = [
        {
            "actions": list(role.actions),
            "notActions": [*role.not_actions, *denied],
            "dataActions": [],
            "notDataActions": [],
        }
        for role in application.roles
        if role.holds_at(scope)
    ]
    return Answer(body={"value": roles})


def list_assignments(call: Call) -> Answer:
    """Role assignments at a scope and above it; only with the filter for that."""
    scope = call.names[0]
    if call.query.get("filter", "").replace(" ", "").lower() != "atscope()":
        raise ArmError("UnsupportedQuery", "The sandbox knows the filter atScope() only.")
    subscription = f"/subscriptions/{call.subscription_id}"
    kind = "Microsoft.Authorization/roleAssignments"
    found = [
        {
            "id": f"{one.scope}/providers/{kind}/{one.assignment_id}",
            "name": one.assignment_id,
            "type": kind,
            "properties": {
                "scope": one.scope,
                "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions"
                f"/{one.role_id}",
                "principalId": one.principal_id,
                "principalType": one.principal_type,
            },
        }
        for one in call.world.people.assignments_at(scope)
    ]
    return Answer(body={"value": found})


_READ_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/read"
_READ_ALL = "Microsoft.Resources/subscriptions/resources/read"
_READ_INSIDE = "Microsoft.Resources/subscriptions/resourceGroups/resources/read"
_READ_PROVIDER = "Microsoft.Resources/subscriptions/providers/read"
ROUTES = [
    Route("GET", f"{GROUP}/resources", "resources.listByResourceGroup", _READ_INSIDE, list_group),
    Route("GET", f"{SUBSCRIPTION}/resources", "resources.list", _READ_ALL, list_all),
    Route("GET", GROUP, "resourceGroups.get", _READ_GROUP, get_group),
    Route("GET", f"{SUBSCRIPTION}/providers/*", "providers.get", _READ_PROVIDER, get_provider),
    Route("POST", f"{SUBSCRIPTION}/providers/*/register", "providers.register", "", register_provider),
    Route(
        "GET",
        "*/providers/microsoft.authorization/permissions",
        "permissions.list",
        "Microsoft.Authorization/permissions/read",
        list_permissions,
    ),
    Route(
        "GET",
        "*/providers/microsoft.authorization/roleassignments",
        "roleAssignments.list",
        "Microsoft.Authorization/roleAssignments/read",
        list_assignments,
    ),
]
