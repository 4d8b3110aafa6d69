"""A move of a workspace to another size: where to, asking for it, withdrawing it."""

from typing import Any

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.moving import MoveRequest, Moves
from webapp.api.schemas.workspace import ActionAnswer
from webapp.api.workspaces.details import load, moving_of, show
from webapp.domain.permissions import Permission
from webapp.identity import actor, company_id, service_context
from webapp.queries import workspaces as queries
from webapp.services import moves as service
from webapp.services.prices import price_columns

TAG = ["workspace operations"]
PATH = "/workspaces/<int:workspace_id>/move/"


@bp.route(PATH, methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@bp.response(200, Moves)
def get_workspace_move(workspace_id: int) -> dict[str, Any]:
    """List the sizes that a workspace can move to, and say why it must, or cannot."""
    context, workspace = service_context(), load(workspace_id)
    refusal = service.refusal(context, workspace)
    return {
        "moving": moving_of(workspace),
        "retirement": service.retirement_of(context, workspace),
        "refusal": refusal,
        "targets": [] if refusal else [_target(one) for one in service.targets(context, workspace)],
    }


@bp.route(PATH, methods=["POST"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found", s409="action_not_allowed budget_reached conflict", s422="invalid bundle_not_found")
@bp.arguments(MoveRequest)
@bp.response(202, ActionAnswer)
def move_workspace(given: dict[str, Any], workspace_id: int) -> dict[str, Any]:
    """Move a workspace to another size of its system: a new machine for the same user. Safe to repeat.

    Changes to files since the cloud's last snapshot are lost, up to 12 hours of them, and all installed
    programs; it takes up to an hour.
    """
    company = company_id()
    service.ask_move(service_context(), workspace_id, given["bundle_id"], company_id=company, actor=actor())
    return _answer("Workspace move requested", workspace_id)


@bp.route(PATH, methods=["DELETE"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found", s409="action_not_allowed conflict")
@bp.response(202, ActionAnswer)
def withdraw_workspace_move(workspace_id: int) -> dict[str, Any]:
    """Withdraw a move that was not sent to the cloud yet. Safe to repeat."""
    service.withdraw_move(service_context(), workspace_id, company_id=company_id(), actor=actor())
    return _answer("Workspace move withdrawn", workspace_id)


def _answer(message: str, workspace_id: int) -> dict[str, Any]:
    workspace = queries.get_workspace(service_context().session, workspace_id, company_id=company_id())
    return {"message": message, "state": workspace.state, "workspace": show(workspace)}


def _target(target: service.Target) -> dict[str, Any]:
    columns = price_columns(target.rates)
    return {
        "bundle_id": target.bundle_id,
        "name": target.name,
        "month_price_minor": columns["month_price_minor"],
        "price_currency": columns["price_currency"],
    }
