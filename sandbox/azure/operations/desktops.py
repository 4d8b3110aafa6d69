"""Application groups, their desktop, and the workspaces in which people find it."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import Json, not_found
from sandbox.azure.ids import APP_GROUP, WORKSPACE
from sandbox.azure.paging import list_page, page_size
from sandbox.azure.parts import Part
from sandbox.azure.routes import GROUP, SUBSCRIPTION, Route

DESKTOP = "SessionDesktop"
"""The only desktop of a desktop group."""


def page_of(
    call: Call,
    kind: str,
    show: Callable[[Call, Part], Json],
    *,
    resource_group: str | None = None,
    parent: str | None = None,
) -> Answer:
    """One page, as Virtual Desktop returns it: `pageSize`, `initialSkip`, `isDescending`."""
    rows = call.world.parts.list_shown(
        (kind,),
        now=call.now,
        subscription_id=call.subscription_id,
        resource_group=resource_group,
        parent=parent,
    )
    is_descending = call.flag("isDescending")
    skip = call.query.get("initialskip", "0")
    if skip.isdigit() and int(skip) and "skiptoken" not in call.query:
        rows = rows[: -int(skip)] if is_descending else rows[int(skip) :]
    size = page_size(call, default=call.world.settings()["host_page"], names=("pagesize",))
    return list_page(call, rows, lambda row: show(call, row), size=size, descending=is_descending)


def get_app_group(call: Call) -> Answer:
    return Answer(body=_show_app_group(call, call.get("appgroup")))


def list_app_groups(call: Call) -> Answer:
    return page_of(call, "appgroup", _show_app_group, resource_group=call.resource_group)


def list_all_app_groups(call: Call) -> Answer:
    return page_of(call, "appgroup", _show_app_group)


def get_workspace(call: Call) -> Answer:
    return Answer(body=_show_workspace(call, call.get("workspace")))


def list_workspaces(call: Call) -> Answer:
    return page_of(call, "workspace", _show_workspace, resource_group=call.resource_group)


def get_desktop(call: Call) -> Answer:
    group = call.get("appgroup", call.names[0])
    if call.name.lower() != DESKTOP.lower():
        raise not_found(f"{APP_GROUP}/desktops/{'/'.join(call.names)}", call.resource_group)
    return Answer(body=_show_desktop(group))


def list_desktops(call: Call) -> Answer:
    return Answer(body={"value": [_show_desktop(call.get("appgroup", call.names[0]))]})


def _show_app_group(call: Call, group: Part) -> Json:
    return {
        "id": group.arm_id,
        "name": group.name,
        "type": APP_GROUP,
        "kind": "Desktop",
        "location": group.location,
        "tags": group.tags,
        "etag": f'"{group.seq}"',
        "properties": {
            "objectId": group.data["object_id"],
            "friendlyName": group.name,
            "description": "Desktops",
            "hostPoolArmPath": group.data["pool"],
            "workspaceArmPath": group.data["workspace"],
            "applicationGroupType": "Desktop",
            "cloudPcResource": False,
            "showInFeed": True,
        },
    }


def _show_workspace(call: Call, workspace: Part) -> Json:
    return {
        "id": workspace.arm_id,
        "name": workspace.name,
        "type": WORKSPACE,
        "location": workspace.location,
        "tags": workspace.tags,
        "etag": f'"{workspace.seq}"',
        "properties": {
            "objectId": workspace.data["object_id"],
            "friendlyName": workspace.name,
            "description": "",
            "applicationGroupReferences": workspace.data["app_groups"],
            "cloudPcResource": False,
            "publicNetworkAccess": "Enabled",
        },
    }


def _show_desktop(group: Part) -> Json:
    return {
        "id": f"{group.arm_id}/desktops/{DESKTOP}",
        "name": f"{group.name}/{DESKTOP}",
        "type": f"{APP_GROUP}/desktops",
        "properties": {
            "objectId": group.data["desktop_object_id"],
            "friendlyName": DESKTOP,
            "description": "The default Session Desktop",
            "iconHash": "",
        },
    }


_AVD = "providers/microsoft.desktopvirtualization"
_GROUPS = f"{GROUP}/{_AVD}/applicationgroups"
_FEEDS = f"{GROUP}/{_AVD}/workspaces"
_READ_GROUP, _READ_DESKTOP = f"{APP_GROUP}/read", f"{APP_GROUP}/desktops/read"
ROUTES = [
    Route("GET", f"{_GROUPS}/*", "applicationGroups.get", _READ_GROUP, get_app_group),
    Route("GET", _GROUPS, "applicationGroups.listByResourceGroup", _READ_GROUP, list_app_groups),
    Route(
        "GET",
        f"{SUBSCRIPTION}/{_AVD}/applicationgroups",
        "applicationGroups.listBySubscription",
        _READ_GROUP,
        list_all_app_groups,
    ),
    Route("GET", f"{_GROUPS}/*/desktops", "desktops.list", _READ_DESKTOP, list_desktops),
    Route("GET", f"{_GROUPS}/*/desktops/*", "desktops.get", _READ_DESKTOP, get_desktop),
    Route("GET", f"{_FEEDS}/*", "workspaces.get", f"{WORKSPACE}/read", get_workspace),
    Route("GET", _FEEDS, "workspaces.listByResourceGroup", f"{WORKSPACE}/read", list_workspaces),
]
