"""Running modes by real use: whether Berth compares and changes them, and what another mode would save."""

from typing import Any

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import check_tag, conditional, readable, tagged
from webapp.api.schemas.running_modes import RunningModes, SwitchingChoice
from webapp.domain.costs.modes import Switching
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.services import running_modes as service

TAG = ["costs"]


@bp.route("/running-modes/", methods=["GET"], tags=TAG)
@allows(Permission.READ_COSTS)
@refuses()
@readable
@bp.response(200, RunningModes)
@tagged(RunningModes)
def get_running_modes() -> dict[str, Any]:
    """Get what the company has chosen, and which workspaces another mode would have made cheaper."""
    return _show()


@bp.route("/running-modes/", methods=["PUT"], tags=TAG)
@allows(Permission.MANAGE_COMPANY)
@refuses(s412="precondition_failed", s422="invalid")
@conditional
@bp.arguments(SwitchingChoice)
@bp.response(200, RunningModes)
@tagged(RunningModes)
def change_running_modes(given: dict[str, Any]) -> dict[str, Any]:
    """Choose whether modes are compared, and changed where it is certain, from the next night on."""
    service.switching_of(service_context(), company_id=company_id(), is_locked=True)
    check_tag(RunningModes, _show())
    service.set_switching(service_context(), Switching(given["switching"]), company_id=company_id())
    return _show()


def _show() -> dict[str, Any]:
    found = service.list_savings(service_context(), company_id=company_id())
    return {
        "switching": found.switching.value,
        "workspaces": [
            {
                "workspace_id": one.workspace.id,
                "running_mode": one.workspace.running_mode,
                "cheaper_mode": one.mode,
                "month": one.month,
                "hours": one.hours,
                "saves_minor": one.saves.amount_minor,
                "currency": one.saves.currency,
                "why_not": one.why_not and one.why_not.value,
            }
            for one in found.desktops
        ],
    }
