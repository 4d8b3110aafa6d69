"""Creating a desktop whose order waits for its contract."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.services.creating_now import create_now

bp = Blueprint("creating_now", __name__, url_prefix="/workspaces")


@bp.post("/<int:workspace_id>/create-now")
@requires(Permission.ORDER)
def create(workspace_id: int) -> ResponseReturnValue:
    create_now(service_context(), workspace_id, company_id=company_id(), actor=actor())
    flash("The desktop is created now. Nobody can use it before the contract begins.")
    return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)
