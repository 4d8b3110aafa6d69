"""Taking a desktop back to a snapshot: what that brings back and costs, before the press."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.lifecycle import Action
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.models import Workspace
from webapp.pages.workspaces.images_first import image_context
from webapp.pages.workspaces.views import ConfirmForm
from webapp.providers.registry import get_provider
from webapp.queries.workspaces import get_workspace
from webapp.services import workspace_actions as service
from webapp.services.disk_snapshots import restorable_of

bp = Blueprint("restores", __name__, url_prefix="/workspaces")


@bp.get("/<int:workspace_id>/restore")
@requires(Permission.END)
def new(workspace_id: int) -> ResponseReturnValue:
    return _page(_load(workspace_id), ConfirmForm())


@bp.post("/<int:workspace_id>/restore")
@requires(Permission.END)
def create(workspace_id: int) -> ResponseReturnValue:
    workspace, form = _load(workspace_id), ConfirmForm()
    if form.validate_on_submit() and form.names(workspace):
        with form.landing():
            about = {"company_id": company_id(), "actor": actor(), "shown_at": form.shown_at}
            service.press(service_context(), workspace_id, Action.RESTORE, **about)
            return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)
    return _page(_load(workspace_id), form, status=form.status)


def _load(workspace_id: int) -> Workspace:
    return get_workspace(service_context().session, workspace_id, company_id=company_id())


def _page(workspace: Workspace, form: ConfirmForm, *, status: int = 200) -> ResponseReturnValue:
    context = service_context()
    reason = workspace.refusal(Action.RESTORE, context.clock.now()) or service.why_not_back(
        context, workspace
    )
    shown = render_template(
        "workspaces/restore.html",
        workspace=workspace,
        form=form,
        reason=reason,
        choices=restorable_of(context, workspace),
        is_own=get_provider(workspace.cloud_provider).desktops.keeps_disk_snapshots,
        **image_context(workspace),
    )
    return shown, 409 if reason else status
