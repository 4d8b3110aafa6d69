"""Actions on a workspace."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.workspace import ActionAnswer, EndQuery, RefreshAnswer, RestoreQuery, RetryAnswer
from webapp.api.workspaces.details import show
from webapp.domain.lifecycle import Action
from webapp.domain.permissions import Permission
from webapp.identity import actor, company_id, service_context
from webapp.models import Workspace
from webapp.queries import workspaces as queries
from webapp.services import workspace_actions
from webapp.services.connection import connection_string
from webapp.services.creating_now import create_now

TAG = ["workspace operations"]
ONE = "/workspaces/<int:workspace_id>"

_DONE = {
    Action.START: "Workspace start requested",
    Action.STOP: "Workspace stop requested",
    Action.RESTART: "Workspace restart requested",
    Action.REBUILD: "Workspace rebuild requested",
    Action.RESTORE: "Workspace restore requested",
    Action.TERMINATE: "Workspace termination requested",
    Action.RETRY: "Workspace creation retry requested",
}


def _press(
    workspace_id: int, action: Action, *, at_once: bool = False, shown_at: datetime | None = None
) -> Workspace:
    company = company_id()
    workspace_actions.press(
        service_context(),
        workspace_id,
        action,
        company_id=company,
        actor=actor(),
        at_once=at_once,
        shown_at=shown_at,
    )
    return queries.get_workspace(service_context().session, workspace_id, company_id=company)


def _add(action: Action, summary: str) -> Callable[[int], dict[str, Any]]:
    """Register one power action; they differ only in the action."""

    @allows(Permission.END if action is Action.REBUILD else Permission.OPERATE)
    @refuses(s404="not_found", s409="action_not_allowed conflict")
    @bp.response(202, ActionAnswer)
    def act(workspace_id: int) -> dict[str, Any]:
        workspace = _press(workspace_id, action)
        return {"message": _DONE[action], "state": workspace.state, "workspace": show(workspace)}

    act.__doc__ = summary
    bp.add_url_rule(
        f"{ONE}/{action}/", endpoint=f"{action}_workspace", view_func=act, methods=["POST"], tags=TAG
    )
    return act


start = _add(Action.START, "Start a stopped workspace. Safe to repeat.")
stop = _add(Action.STOP, "Stop a running workspace. Safe to repeat.")
restart = _add(Action.RESTART, "Restart a running workspace. Safe to repeat.")
rebuild = _add(
    Action.REBUILD,
    "Recreate the desktop: installed programs are lost; files return to `files_snapshot_at`, if it is known.",
)


@bp.route(f"{ONE}/restore/", methods=["POST"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found", s409="action_not_allowed snapshot_changed conflict", s422="invalid")
@bp.arguments(RestoreQuery, location="query", unknown=RAISE)
@bp.response(202, ActionAnswer)
def restore_workspace(query: dict[str, Any], workspace_id: int) -> dict[str, Any]:
    """Take system and files back to a snapshot; every change since then is lost. Safe to repeat.

    Right before it is sent the cloud is asked once more: with another snapshot nothing is changed.
    """
    workspace = _press(workspace_id, Action.RESTORE, shown_at=query["snapshot_at"])
    return {"message": _DONE[Action.RESTORE], "state": workspace.state, "workspace": show(workspace)}


@bp.route(f"{ONE}/terminate/", methods=["POST"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found", s409="conflict", s422="invalid")
@bp.arguments(EndQuery, location="query", unknown=RAISE)
@bp.response(202, ActionAnswer)
def terminate_workspace(query: dict[str, Any], workspace_id: int) -> dict[str, Any]:
    """Terminate the machine with all its data; possible even while it is being created.

    With a grace, access ends now, and the machine at `destroy_at`; until then it can be undone.
    """
    workspace = _press(workspace_id, Action.TERMINATE, at_once=query["now"])
    return {"message": _DONE[Action.TERMINATE], "state": workspace.state, "workspace": show(workspace)}


@bp.route(f"{ONE}/undo/", methods=["POST"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found", s409="action_not_allowed desktop_limit_reached conflict")
@bp.response(202, ActionAnswer)
def undo_workspace_termination(workspace_id: int) -> dict[str, Any]:
    """Undo a termination before `destroy_at`: access is given back. Safe to repeat."""
    company = company_id()
    workspace_actions.undo(service_context(), workspace_id, company_id=company, actor=actor())
    workspace = queries.get_workspace(service_context().session, workspace_id, company_id=company)
    return {"message": "Termination undone", "state": workspace.state, "workspace": show(workspace)}


@bp.route(f"{ONE}/create-now/", methods=["POST"], tags=TAG)
@allows(Permission.ORDER)
@refuses(s404="not_found", s409="action_not_allowed conflict")
@bp.response(202, ActionAnswer)
def create_workspace_now(workspace_id: int) -> dict[str, Any]:
    """Create a workspace whose order waits for its contract (`make_at`) now. Safe to repeat."""
    company = company_id()
    create_now(service_context(), workspace_id, company_id=company, actor=actor())
    workspace = queries.get_workspace(service_context().session, workspace_id, company_id=company)
    return {"message": "Workspace creation requested", "state": workspace.state, "workspace": show(workspace)}


@bp.route(f"{ONE}/retry/", methods=["POST"], tags=TAG)
@allows(Permission.OPERATE)
@refuses(
    s404="not_found",
    s409="action_not_allowed contract_ended workspace_exists budget_reached desktop_limit_reached conflict",
)
@bp.response(202, RetryAnswer)
def retry_workspace(workspace_id: int) -> dict[str, Any]:
    """Retry a failed creation. A worker checks whether a machine exists before it creates one."""
    workspace = _press(workspace_id, Action.RETRY)
    return {"message": _DONE[Action.RETRY], "state": workspace.state}


@bp.route(f"{ONE}/refresh/", methods=["POST"], tags=TAG)
@allows(Permission.OPERATE)
@refuses(s404="not_found", s503="not_answered_yet")
@bp.response(200, RefreshAnswer)
def refresh_workspace(workspace_id: int) -> dict[str, Any]:
    """Read the state from the cloud now. Waits at most ten seconds."""
    company = company_id()
    workspace_actions.refresh(service_context(), workspace_id, company_id=company)
    workspace = queries.get_workspace(service_context().session, workspace_id, company_id=company)
    return {
        "message": "Workspace status refreshed successfully",
        "state": workspace.state,
        "connection_string": connection_string(workspace, now=service_context().clock.now()),
    }
