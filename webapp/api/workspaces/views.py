"""Workspaces: order, list, read, change, delete."""

from dataclasses import replace
from operator import itemgetter
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import check_if_match, conditional, readable, tagged
from webapp.api.paging import Key, Page, answer, moments_of, newest_first, numbers_of, place_of
from webapp.api.schemas.workspace import (
    BY_CONNECTION,
    NEWEST,
    ActionAnswer,
    EndQuery,
    OwnWorkspace,
    OwnWorkspaceList,
    WorkspaceChange,
    WorkspaceDetails,
    WorkspaceList,
    WorkspaceOrder,
    WorkspaceQuery,
)
from webapp.api.showing import shown_by_role
from webapp.api.workspaces.details import load, show
from webapp.domain.errors import Invalid
from webapp.domain.lifecycle import SETTLED_WITHOUT_MACHINE
from webapp.domain.permissions import Permission
from webapp.domain.resizes import Resize, ResizeKind
from webapp.domain.roles import Role
from webapp.identity import actor, company_id, service_context, user
from webapp.models import Workspace
from webapp.queries import workspace_lists as lists
from webapp.queries import workspaces as queries
from webapp.queries.connections import ConnectedAt, ConnectedFilter
from webapp.queries.searching import Search
from webapp.queries.table_order import Place
from webapp.services import order_changes, orders, resizes, workspace_actions

TAG = ["workspaces"]


@bp.route("/workspaces/", methods=["POST"], tags=TAG)
@allows(Permission.ORDER)
@refuses(
    s409="application_not_approved contract_ended workspace_exists credential_not_usable username_taken"
    " desktop_limit_reached budget_reached conflict",
    s422="invalid application_not_found credential_not_found bundle_not_found bundle_type_mismatch "
    "type_not_supported username_invalid user_not_creatable",
    s503="not_answered_yet",
)
@bp.arguments(WorkspaceOrder)
@bp.response(201, WorkspaceDetails)
@tagged(WorkspaceDetails)
def create_workspace(order_request: dict[str, Any]) -> ResponseReturnValue:
    """Order a workspace. Its state is PENDING; Berth continues in the background."""
    company = company_id()
    ordered = orders.order_workspace(
        service_context(), orders.OrderRequest(**order_request), company_id=company, actor=actor()
    )
    workspace = queries.get_workspace(service_context().session, ordered.id, company_id=company)
    return show(workspace), 201, {"Location": url_for("api.get_workspace", workspace_id=workspace.id)}


@bp.route("/workspaces/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK, Permission.USE_DESKTOP)
@refuses(s422="invalid")
@bp.arguments(WorkspaceQuery, location="query", unknown=RAISE)
@bp.response(200, WorkspaceList)
@shown_by_role(provider=WorkspaceList, seeker=OwnWorkspaceList)
def list_workspaces(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's workspaces, or a seeker's own, newest first unless `sort` says otherwise."""
    page, sort = Page(limit=query.pop("limit"), cursor=query.pop("cursor")), query.pop("sort")
    whose, filters, session = _whose(), _filters(query), service_context().session
    if whose.company_id is None and (filters.connected or sort != NEWEST):
        field = "connection" if filters.connected else "sort"
        raise Invalid("Only a company sees who has been connected.", field=field)
    searched = lists.search_in(session, whose, filters)
    rows = _rows(whose, filters, searched, page, sort)
    count = lists.count_page(session, whose, filters, searched)
    shown = answer("workspaces", rows, count=count.number, page=page, key=itemgetter(1), show=_show)
    return shown | {"is_count_exact": count.is_exact}


def _rows(
    whose: lists.Whose, filters: lists.Filters, searched: Search, page: Page, sort: str
) -> list[tuple[Workspace, Key]]:
    """With their keys; one more than the page, if there is one."""
    session, limit = service_context().session, page.limit + 1
    if sort == NEWEST:
        after = page.after(int, int)
        before = None if after is None else place_of(after)
        rows = lists.list_page(session, whose, filters, searched, limit=limit, before=before)
        return [(one, newest_first(one.created_at, one.id)) for one in rows]
    after = page.after(int, int, int, int)
    place = None if after is None else Place(moments_of(after, at=(1, 2)))
    found = lists.list_by_connection(
        session, whose, filters, searched, sort=BY_CONNECTION[sort], limit=limit, place=place
    )
    return [(one, numbers_of(key)) for one, key in found]


def _filters(query: dict[str, Any]) -> lists.Filters:
    kind = query.pop("connection")
    now = service_context().clock.now()
    return lists.Filters(**query, connected=ConnectedAt(ConnectedFilter(kind), now) if kind else None)


def _show(row: tuple[Workspace, Key]) -> dict[str, Any]:
    return show(row[0])


@bp.route("/workspaces/<int:workspace_id>/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK, Permission.USE_DESKTOP)
@refuses(s404="not_found")
@readable
@bp.response(200, WorkspaceDetails)
@shown_by_role(provider=WorkspaceDetails, seeker=OwnWorkspace)
@tagged(WorkspaceDetails)
def get_workspace(workspace_id: int) -> dict[str, Any]:
    """Get a workspace."""
    return show(load(workspace_id))


@bp.route("/workspaces/<int:workspace_id>/", methods=["PUT"], tags=TAG)
@allows(Permission.ORDER)
@refuses(
    s404="not_found",
    s409="workspace_locked workspace_exists credential_not_usable username_taken action_not_allowed"
    " changed_too_soon desktop_limit_reached budget_reached conflict",
    s412="precondition_failed",
    s422="invalid credential_not_found bundle_not_found bundle_type_mismatch type_not_supported "
    "username_invalid user_not_creatable value_not_possible",
    s503="not_answered_yet",
)
@conditional
@bp.arguments(WorkspaceChange)
@bp.response(200, WorkspaceDetails)
@tagged(WorkspaceDetails)
def change_workspace(given: dict[str, Any], workspace_id: int) -> dict[str, Any]:
    """Change the order while no machine exists and none is being created. Validated like a new order.

    Later nothing of the order can change: the problem names what would have to, in `locked_fields`. To repeat
    the values that it has is possible at any time. Of a live desktop one of `running_mode`,
    `auto_stop_minutes`, `compute_type`, `root_storage` and `user_storage` can be changed at a time:
    `resizing` shows it until the cloud has done it.
    """
    company, version = company_id(), check_if_match(WorkspaceDetails, show(load(workspace_id)))
    about = {"company_id": company, "actor": actor(), "version": version}
    wanted = _wanted(given)
    if wanted is not None:
        changed = resizes.resize_workspace(service_context(), workspace_id, wanted, **about)
    else:
        changed = order_changes.change_order(
            service_context(), workspace_id, lambda before: replace(before, **given), **about
        )
    return show(queries.get_workspace(service_context().session, changed.id, company_id=company))


def _wanted(given: dict[str, Any]) -> Resize | None:
    """The property of a live desktop to change; None: the order is meant. Raises Invalid."""
    kinds = [kind for kind in ResizeKind if kind.value in given]
    if kinds and len(given) > 1:
        raise Invalid(
            "Of a desktop that exists one property can be changed at a time, and nothing of its order.",
            field=next(name for name in given if name != kinds[0].value),
        )
    return Resize(kinds[0], str(given[kinds[0].value])) if kinds else None


@bp.route("/workspaces/<int:workspace_id>/", methods=["DELETE"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found", s409="conflict", s412="precondition_failed", s422="invalid")
@conditional
@bp.arguments(EndQuery, location="query", unknown=RAISE)
@bp.response(202, ActionAnswer, description="A machine may exist; Berth terminates it first.")
@bp.doc(responses={204: {"description": "There was no machine; the workspace is removed from the lists."}})
def delete_workspace(query: dict[str, Any], workspace_id: int) -> ResponseReturnValue:
    """Terminate a workspace and remove it from the lists once nothing of it is left."""
    company = company_id()
    version = check_if_match(WorkspaceDetails, show(load(workspace_id)))
    workspace_actions.delete_workspace(
        service_context(),
        workspace_id,
        company_id=company,
        actor=actor(),
        version=version,
        at_once=query["now"],
    )
    left = queries.find_workspace(service_context().session, workspace_id, company_id=company)
    if left is None or left.phase in SETTLED_WITHOUT_MACHINE:
        return "", 204
    return {"message": "Deletion requested.", "state": left.state, "workspace": show(left)}, 202


def _whose() -> lists.Whose:
    if user().role is Role.SEEKER:
        return lists.Whose(seeker_id=user().id)
    return lists.Whose(company_id=company_id())
