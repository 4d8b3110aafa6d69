"""A desktop goes to the next person, or back to one who is hired again."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from webapp.api.blueprint import bp
from webapp.api.callers import allows, check_may
from webapp.api.codes import refuses
from webapp.api.schemas.hand_over import GiveBackRequest, HandOverRequest
from webapp.api.schemas.workspace import ActionAnswer, WorkspaceDetails
from webapp.api.windows import fields_as_sent
from webapp.api.workspaces.details import load, show
from webapp.domain.permissions import Permission
from webapp.domain.windows import Window, window_between
from webapp.identity import actor, company_id, service_context
from webapp.models import Workspace
from webapp.queries import applications
from webapp.queries import workspaces as queries
from webapp.services import hand_overs, rehiring
from webapp.services.hand_overs import HandOver, inherited

TAG = ["workspace operations"]
ONE = "/workspaces/<int:workspace_id>"


@bp.route(f"{ONE}/hand-over/", methods=["POST"], tags=TAG)
@allows(Permission.END)
@refuses(
    s404="not_found",
    s409="handed_over action_not_allowed application_not_approved application_exists contract_ended"
    " workspace_exists credential_not_usable username_taken desktop_limit_reached budget_reached conflict",
    s422="invalid application_not_found credential_not_found bundle_not_found bundle_type_mismatch"
    " type_not_supported username_invalid user_not_creatable window_invalid time_zone_unknown",
    s503="not_answered_yet",
)
@bp.arguments(HandOverRequest)
@bp.response(201, WorkspaceDetails)
def hand_over_workspace(given: dict[str, Any], workspace_id: int) -> ResponseReturnValue:
    """End a person’s desktop, and order one of the same size for the next person under the same contract.

    The answer is the new workspace, `replaces` the former one. Access to that one ends now; its record says
    when its absence was proven. Needs the rights to order, to hire and to terminate.
    """
    for permission in (Permission.ORDER, Permission.HIRE):
        check_may(permission)
    company, former = company_id(), load(workspace_id)
    wanted = HandOver(
        application_id=given["application_id"],
        username=given["username"],
        create_user=given["create_user"],
        is_kept=given["keep"],
        window=_window(given, former),
    )
    with fields_as_sent():
        made = hand_overs.hand_over(
            service_context(), workspace_id, wanted, company_id=company, actor=actor()
        )
    shown = show(queries.get_workspace(service_context().session, made.id, company_id=company))
    return shown, 201, {"Location": url_for("api.get_workspace", workspace_id=made.id)}


@bp.route(f"{ONE}/give-back/", methods=["POST"], tags=TAG)
@allows(Permission.END)
@refuses(
    s404="not_found",
    s409="action_not_allowed application_not_approved contract_ended workspace_exists desktop_limit_reached"
    " budget_reached conflict",
    s422="invalid application_not_found",
)
@bp.arguments(GiveBackRequest)
@bp.response(202, ActionAnswer)
def give_back_workspace(given: dict[str, Any], workspace_id: int) -> dict[str, Any]:
    """Give a desktop that is kept after a contract back to its person, who was hired again. Safe to repeat.

    `kept_workspace_id` of the new application names it. It goes on under that application.
    """
    company = company_id()
    rehiring.give_back(
        service_context(), workspace_id, given["application_id"], company_id=company, actor=actor()
    )
    workspace = queries.get_workspace(service_context().session, workspace_id, company_id=company)
    return {"message": "Workspace given back", "state": workspace.state, "workspace": show(workspace)}


def _window(given: dict[str, Any], former: Workspace) -> Window | None:
    """None: nothing of it was given. What is omitted is inherited."""
    if not given.keys() & {"starts_at", "ends_at", "window_zone"}:
        return None
    found = applications.find_application(
        service_context().session, given["application_id"], company_id=company_id()
    )
    now = service_context().clock.now()
    rest = inherited(former.application.window, found.window if found else Window(), now)
    return window_between(
        given.get("starts_at", rest.starts_at),
        given.get("ends_at", rest.ends_at),
        given.get("window_zone", rest.zone or "UTC"),
    )
