"""Moving a desktop to another bundle: what is kept and lost and what it costs, before the press."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from webapp.domain.permissions import Permission
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import actor, company_id, service_context
from webapp.models import Workspace
from webapp.pages.fields import BerthForm, needed
from webapp.pages.workspaces.images_first import image_context
from webapp.queries.workspaces import get_workspace
from webapp.services import moves as service
from webapp.services.prices import workspace_rates

bp = Blueprint("moves", __name__, url_prefix="/workspaces")


class MoveForm(BerthForm):
    bundle_id = StringField("New size", [needed("Choose one of these sizes.")])
    username = StringField("User name", [needed("Type the user name to confirm.")])

    def names(self, workspace: Workspace) -> bool:
        is_right = (self.username.data or "").strip() == workspace.username
        if not is_right:
            self.username.errors = [f"The user name does not match. Type {workspace.username}."]
        return is_right


@bp.get("/<int:workspace_id>/move")
@requires(Permission.END)
@needs_fresh_proof
def new(workspace_id: int) -> ResponseReturnValue:
    return _page(_load(workspace_id), MoveForm())


@bp.post("/<int:workspace_id>/move")
@requires(Permission.END)
@needs_fresh_proof
def create(workspace_id: int) -> ResponseReturnValue:
    workspace, form = _load(workspace_id), MoveForm()
    if form.validate_on_submit() and form.names(workspace):
        with form.landing():
            service.ask_move(
                service_context(),
                workspace_id,
                form.bundle_id.data or "",
                company_id=company_id(),
                actor=actor(),
            )
            flash("The desktop will be moved. Its page shows how far that is.")
            return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)
    return _page(_load(workspace_id), form, status=form.status)


@bp.post("/<int:workspace_id>/move/withdraw")
@requires(Permission.END)
def destroy(workspace_id: int) -> ResponseReturnValue:
    service.withdraw_move(service_context(), workspace_id, company_id=company_id(), actor=actor())
    flash("The desktop is not moved; it stays as it is.")
    return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)


def _load(workspace_id: int) -> Workspace:
    return get_workspace(service_context().session, workspace_id, company_id=company_id())


def _page(workspace: Workspace, form: MoveForm, *, status: int = 200) -> ResponseReturnValue:
    context = service_context()
    reason = service.refusal(context, workspace)
    shown = render_template(
        "workspaces/move.html",
        workspace=workspace,
        form=form,
        reason=reason,
        targets=[] if reason else service.targets(context, workspace),
        retirement=service.retirement_of(context, workspace),
        present=workspace_rates(context, workspace),
        **image_context(workspace),
    )
    return shown, 409 if reason else status
