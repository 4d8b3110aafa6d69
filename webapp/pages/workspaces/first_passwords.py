"""A first password for the user of a workspace: shown once, in the answer to the press that made it."""

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import actor, company_id, may, service_context
from webapp.queries import workspaces
from webapp.services.first_passwords import set_first_password

bp = Blueprint("first_passwords", __name__, url_prefix="/workspaces")


@bp.post("/<int:workspace_id>/password")
@requires(Permission.OPERATE)
@needs_fresh_proof
def create(workspace_id: int) -> ResponseReturnValue:
    about = {"company_id": company_id(), "actor": actor()}
    may_replace = may(Permission.END)
    password = set_first_password(service_context(), workspace_id, may_replace=may_replace, **about)
    workspace = workspaces.get_workspace(service_context().session, workspace_id, company_id=company_id())
    page = render_template("workspaces/password.html", workspace=workspace, password=password)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
