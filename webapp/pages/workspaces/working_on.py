"""Two more hours for the person of a workspace, outside its hours."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.queries import workspaces as queries
from webapp.services.working_on import work_on

bp = Blueprint("working_on", __name__, url_prefix="/workspaces")


@bp.post("/<int:workspace_id>/work-on")
@requires(Permission.OPERATE)
def create(workspace_id: int) -> ResponseReturnValue:
    context = service_context()
    workspace = queries.get_workspace(context.session, workspace_id, company_id=company_id())
    work_on(context, workspace, actor=actor())
    flash("The working hours do not stop it for two hours.")
    return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)
