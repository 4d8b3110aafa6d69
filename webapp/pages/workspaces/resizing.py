"""Change size and mode: what is possible and what it costs, then one confirmation."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from webapp.domain.errors import NotFound
from webapp.domain.permissions import Permission
from webapp.domain.resizes import LABELS, Resize, ResizeKind
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.models import Workspace
from webapp.pages.fields import BerthForm
from webapp.queries import workspaces as queries
from webapp.services import resize_choices as choices
from webapp.services import resizes as service
from webapp.services.prices import workspace_rates

bp = Blueprint("resizes", __name__, url_prefix="/workspaces/<int:workspace_id>/size")


class ResizeForm(BerthForm):
    property = HiddenField()
    value = HiddenField()


@bp.get("")
@requires(Permission.ORDER)
def index(workspace_id: int) -> ResponseReturnValue:
    row = _load(workspace_id)
    refusal = choices.refusal(service_context(), row)
    shown = render_template(
        "workspaces/size.html",
        workspace=row,
        refusal=refusal,
        groups=[] if refusal else choices.choices_of(service_context(), row),
        rates=workspace_rates(service_context(), row),
        labels=LABELS,
    )
    return (shown, 409) if refusal else shown


@bp.get("/confirm")
@requires(Permission.ORDER)
def ask(workspace_id: int) -> ResponseReturnValue:
    form = ResizeForm(data={name: request.args.get(name, "") for name in ("property", "value")})
    return _confirmation(_load(workspace_id), form)


@bp.post("")
@requires(Permission.ORDER)
def update(workspace_id: int) -> ResponseReturnValue:
    form = ResizeForm()
    if form.validate_on_submit():
        with form.landing():
            about = {"company_id": company_id(), "actor": actor()}
            service.resize_workspace(service_context(), workspace_id, _wanted(form), **about)
            return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)
    return _confirmation(_load(workspace_id), form), form.status


def _confirmation(row: Workspace, form: ResizeForm) -> str:
    wanted = _wanted(form)
    groups = choices.choices_of(service_context(), row)
    group = next((one for one in groups if one.kind is wanted.kind), None)
    choice = next((one for one in group.choices if one.resize == wanted), None) if group else None
    return render_template(
        "workspaces/size_confirm.html",
        workspace=row,
        form=form,
        group=group,
        choice=choice,
        refusal=choices.refusal(service_context(), row) or (choice.refusal if choice else "Choose again."),
        rates=workspace_rates(service_context(), row),
        label=LABELS[wanted.kind],
    )


def _wanted(form: ResizeForm) -> Resize:
    """Raises NotFound for an address that no page has."""
    name = form.property.data or ""
    if name not in {one.value for one in ResizeKind}:
        raise NotFound("There is no such property of a desktop.")
    return Resize(ResizeKind(name), form.value.data or "")


def _load(workspace_id: int) -> Workspace:
    return queries.get_workspace(service_context().session, workspace_id, company_id=company_id())
