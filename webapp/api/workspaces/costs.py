"""What a workspace costs."""

from typing import Any

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.costs import WorkspaceCostDetails
from webapp.api.workspaces.details import load
from webapp.domain.permissions import Permission
from webapp.identity import service_context
from webapp.services.contract_costs import ContractCost, WholeCost, contract_cost
from webapp.services.costs import costs_of


@bp.route("/workspaces/<int:workspace_id>/costs/", methods=["GET"], tags=["monitoring"])
@allows(Permission.READ_COSTS, Permission.ORDER)
@refuses(s404="not_found")
@bp.response(200, WorkspaceCostDetails)
def get_costs(workspace_id: int) -> dict[str, Any]:
    """Get what the workspace costs this month, and its contract so far: estimated, and billed."""
    workspace = load(workspace_id)
    costs = costs_of(service_context(), workspace)
    estimate, billed = costs.estimate, costs.billed
    return {
        "month": costs.month,
        "estimated": {
            "so_far": estimate.so_far,
            "until_end": estimate.until_end,
            "is_complete": estimate.is_complete,
            "known_since": costs.known_since,
        },
        "billed": {
            "amounts": billed.amounts,
            "through": billed.through,
            "is_provisional": billed.is_provisional,
            "read_at": costs.read_at,
            "refused": costs.refused and costs.refused.message,
        },
        "contract": _contract(contract_cost(service_context(), workspace)),
    }


def _contract(found: ContractCost) -> dict[str, Any]:
    return {
        "workspaces": [{"workspace_id": one.workspace.id, **_whole(one.cost)} for one in found.desktops],
        **_whole(found.cost),
    }


def _whole(cost: WholeCost) -> dict[str, Any]:
    return {"estimated": cost.estimated, "billed": cost.billed}
