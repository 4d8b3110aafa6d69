"""The company marks a help request as resolved."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.services.help_requests import answer_help

bp = Blueprint("help_requests", __name__, url_prefix="/help")


@bp.post("/<int:request_id>/answered")
@requires(Permission.OPERATE)
def answered(request_id: int) -> ResponseReturnValue:
    workspace_id = answer_help(service_context(), request_id, company_id=company_id(), actor=actor())
    flash("Help request resolved. The applicant no longer sees it as open.")
    return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)
