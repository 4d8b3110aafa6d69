"""Undoing a termination while the grace lasts: of one desktop, and of many."""

from datetime import datetime
from typing import TypedDict

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.access import Because
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.models import Workspace
from webapp.pages.fields import ids_in
from webapp.pages.words import UNDO
from webapp.services import undoing, workspace_actions
from webapp.services.suspensions import kept_until

bp = Blueprint("undoing", __name__, url_prefix="/workspaces")


class Kept(TypedDict):
    """What the page of a termination says about the grace."""

    kept_until: datetime | None
    """None: it is deleted at once."""
    is_now: bool


@bp.post("/<int:workspace_id>/undo")
@requires(Permission.END)
def undo(workspace_id: int) -> ResponseReturnValue:
    workspace_actions.undo(service_context(), workspace_id, company_id=company_id(), actor=actor())
    return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)


@bp.post("/bulk/undo")
@requires(Permission.END)
def undo_many() -> ResponseReturnValue:
    ids = ids_in(request.form.getlist("id"))
    lines = undoing.undo_all(service_context(), ids, company_id=company_id(), actor=actor())
    return render_template(
        "workspaces/bulk_done.html",
        action="undo",
        words=UNDO,
        done=[line for line in lines if line.refusal is None],
        refused=[line for line in lines if line.refusal is not None],
        undoable=[],
    )


def kept_context(workspace: Workspace, *, is_now: bool) -> Kept:
    until = None if is_now else kept_until(service_context(), workspace)
    return {"kept_until": until, "is_now": is_now}


def is_undoable(workspace: Workspace) -> bool:
    return workspace.suspended_because is Because.TERMINATE_REQUESTED
