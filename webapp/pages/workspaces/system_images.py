"""An image of a desktop's system: what it is and costs, before the press; and its end."""

from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.domain.system_images import KEPT_AFTER_END_DAYS
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.models import SystemImage, Workspace
from webapp.pages.credentials.snapshots import NameForm
from webapp.pages.fields import BerthForm
from webapp.queries.workspaces import find_workspace, get_workspace
from webapp.services import system_images as service

bp = Blueprint("system_images", __name__, url_prefix="/workspaces/<int:workspace_id>/system-images")


class AskForm(BerthForm):
    """Only the press: nothing that is lost needs a name."""


@bp.get("/new")
@requires(Permission.OPERATE)
def new(workspace_id: int) -> ResponseReturnValue:
    return _page(_load(workspace_id), AskForm())


@bp.post("/new")
@requires(Permission.OPERATE)
def create(workspace_id: int) -> ResponseReturnValue:
    form = AskForm()
    if form.validate_on_submit():
        with form.landing():
            service.ask_image(service_context(), workspace_id, company_id=company_id(), actor=actor())
            return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)
    return _page(_load(workspace_id), form, status=form.status)


@bp.get("/<int:image_id>/delete")
@requires(Permission.END)
def ask_delete(workspace_id: int, image_id: int) -> ResponseReturnValue:
    return _delete_page(_find(workspace_id, image_id), NameForm())


@bp.post("/<int:image_id>/delete")
@requires(Permission.END)
def delete(workspace_id: int, image_id: int) -> ResponseReturnValue:
    image, form = _find(workspace_id, image_id), NameForm()
    if form.validate_on_submit():
        if (form.confirm.data or "").strip() == image.name:
            with form.landing():
                about = {"company_id": company_id(), "actor": actor()}
                service.delete_image(service_context(), workspace_id, image_id, **about)
                flash("Berth checks the image’s tag once more, then deletes it.")
                return redirect(_home(image).url, code=303)
        else:
            form.confirm.errors = ["This is not its name."]
    return _delete_page(_find(workspace_id, image_id), form), form.status


def _page(workspace: Workspace, form: AskForm, *, status: int = 200) -> ResponseReturnValue:
    reason = service.refusal(service_context(), workspace)
    shown = render_template(
        "workspaces/system_image.html",
        workspace=workspace,
        form=form,
        reason=reason,
        days_kept=KEPT_AFTER_END_DAYS,
    )
    return shown, 409 if reason else status


def _delete_page(image: SystemImage, form: NameForm) -> str:
    return render_template("workspaces/system_image_delete.html", image=image, form=form, home=_home(image))


class Home(NamedTuple):
    """The page that shows an image."""

    url: str
    name: str


def _home(image: SystemImage) -> Home:
    """A desktop that is gone may be in no list any more, but has its record."""
    found = find_workspace(service_context().session, image.workspace_id, company_id=company_id())
    if found is None:
        return Home(url_for("end_records.show", workspace_id=image.workspace_id), "Record of the end")
    here = url_for("workspaces.show", workspace_id=image.workspace_id)
    return Home(here, found.application.seeker.name)


def _find(workspace_id: int, image_id: int) -> SystemImage:
    """Raises NotFound."""
    return service.image_of(service_context(), workspace_id, image_id, company_id=company_id())


def _load(workspace_id: int) -> Workspace:
    return get_workspace(service_context().session, workspace_id, company_id=company_id())
