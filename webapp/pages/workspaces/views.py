"""The company's workspaces: the list, one workspace, and its actions."""

from datetime import UTC, datetime
from typing import TypedDict

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField

from webapp.domain.lifecycle import MACHINE_MAY_EXIST, Action, Desired, Phase
from webapp.domain.orphans import OrphanKind
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.models import CloudCredential, Workspace
from webapp.pages import live
from webapp.pages.fields import BerthForm, needed
from webapp.pages.workspaces import table as workspace_table
from webapp.pages.workspaces.corrections import CorrectionForm, is_empty
from webapp.pages.workspaces.images_first import image_context
from webapp.pages.workspaces.locks import locked_context
from webapp.pages.workspaces.orders import same_order
from webapp.pages.workspaces.status import status_context
from webapp.pages.workspaces.undoing import kept_context
from webapp.providers.registry import get_provider
from webapp.queries import applications, credentials, marks
from webapp.queries import workspaces as queries
from webapp.queries.start import count_open_orphans, has_posting
from webapp.services import order_changes
from webapp.services import workspace_actions as service
from webapp.services.disk_snapshots import last_snapshot_of

bp = Blueprint("workspaces", __name__, url_prefix="/workspaces")


class Drift(TypedDict):
    """What the banner shows about unmanaged desktops."""

    orphan_count: int
    orphans_of_ours: int
    alarms: list[CloudCredential]


class ConfirmForm(BerthForm):
    """What cannot be undone is confirmed by typing the user name."""

    username = StringField("User name", [needed("Type the user name to confirm.")])
    then = HiddenField()
    """`order`: continue with a new order for the same person."""
    now = HiddenField()
    """`1`: delete it at once, without the grace."""
    snapshot_at = HiddenField()
    """Of when the snapshot is that the page promised; empty: it did not know."""

    def names(self, workspace: Workspace) -> bool:
        """Is it this workspace's user name? If not, the form says so."""
        is_right = (self.username.data or "").strip() == workspace.username
        if not is_right:
            self.username.errors = [f"The user name does not match. Type {workspace.username}."]
        return is_right

    @property
    def shown_at(self) -> datetime | None:
        """What no page has promised is no snapshot of the cloud's."""
        promised = self.snapshot_at.data or ""
        try:
            return datetime.fromisoformat(promised).astimezone(UTC) if promised else None
        except (ValueError, OverflowError):
            return datetime.fromtimestamp(0, UTC)


@bp.get("/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    context = workspace_table.page_context()
    known = credentials.list_credentials(service_context().session, company_id=company_id())
    is_plain = not request.args
    steps = _first_steps(known) if is_plain and not context["rows"] else None
    return render_template(
        "workspaces/index.html", first_steps=steps, credentials=known, **context, **_drift_context(known)
    )


@bp.get("/rows")
@requires(Permission.READ_WORK)
def rows() -> ResponseReturnValue:
    address = workspace_table.address_of(request.args)
    etag = workspace_table.table_etag(address)
    if (same := live.unchanged(etag)) is not None:
        return same
    context = workspace_table.table_context(address, etag)
    return live.fragment("workspaces/_rows.html", is_beside=True, **context)


@bp.get("/<int:workspace_id>/")
@requires(Permission.READ_WORK)
def show(workspace_id: int) -> ResponseReturnValue:
    etag = _status_etag(workspace_id)
    return render_template("workspaces/show.html", etag=etag, **status_context(_load(workspace_id)))


@bp.get("/<int:workspace_id>/status")
@requires(Permission.READ_WORK)
def status(workspace_id: int) -> ResponseReturnValue:
    etag = _status_etag(workspace_id)
    if (same := live.unchanged(etag)) is not None:
        return same
    found = queries.find_workspace(service_context().session, workspace_id, company_id=company_id())
    if found is None:
        return live.fragment("workspaces/_gone.html", etag=etag)
    return live.fragment("workspaces/_status.html", etag=etag, **status_context(found))


@bp.post("/<int:workspace_id>/<any(start, stop, restart, retry):verb>")
@requires(Permission.OPERATE)
def press(workspace_id: int, verb: str) -> ResponseReturnValue:
    service.press(service_context(), workspace_id, Action(verb), company_id=company_id(), actor=actor())
    return _done(workspace_id)


@bp.post("/<int:workspace_id>/refresh")
@requires(Permission.OPERATE)
def refresh(workspace_id: int) -> ResponseReturnValue:
    service.refresh(service_context(), workspace_id, company_id=company_id())
    return _done(workspace_id)


@bp.post("/<int:workspace_id>/username")
@requires(Permission.ORDER)
def correct(workspace_id: int) -> ResponseReturnValue:
    """The user name of an order that failed or waits, then the same order once more."""
    form = CorrectionForm()
    if form.validate_on_submit():
        with form.landing():
            about = {"company_id": company_id(), "actor": actor()}
            row = order_changes.change_order(service_context(), workspace_id, form.change, **about)
            if row.phase is not Phase.REQUESTED:  # one that waits goes on by itself
                service.press(service_context(), workspace_id, Action.RETRY, **about)
            return redirect(url_for(".show", workspace_id=workspace_id), code=303)
    context = status_context(_load(workspace_id), sent=form)
    return render_template("workspaces/show.html", etag=_status_etag(workspace_id), **context), form.status


@bp.get("/<int:workspace_id>/terminate")
@requires(Permission.END)
def ask_terminate(workspace_id: int) -> ResponseReturnValue:
    then, workspace = request.args.get("then", ""), _load(workspace_id)
    if workspace.desired is Desired.ABSENT:  # nothing is left to ask
        here = url_for(".show", workspace_id=workspace_id)
        return redirect(same_order(workspace) if then == "order" else here, code=303)
    # A new order needs the old desktop's place.
    form = ConfirmForm(data={"then": then, "now": "1" if then else request.args.get("now", "")})
    return _termination_page(workspace, form)


@bp.post("/<int:workspace_id>/terminate")
@requires(Permission.END)
def terminate(workspace_id: int) -> ResponseReturnValue:
    workspace, form = _load(workspace_id), ConfirmForm()
    if form.validate_on_submit() and form.names(workspace):
        service.press(
            service_context(),
            workspace_id,
            Action.TERMINATE,
            company_id=company_id(),
            actor=actor(),
            at_once=form.now.data == "1",
        )
        is_replaced = form.then.data == "order"
        next_page = same_order(workspace) if is_replaced else url_for(".show", workspace_id=workspace_id)
        return redirect(next_page, code=303)
    return _termination_page(workspace, form), form.status


@bp.get("/<int:workspace_id>/rebuild")
@requires(Permission.END)
def ask_rebuild(workspace_id: int) -> ResponseReturnValue:
    workspace = _load(workspace_id)
    reason = workspace.refusal(Action.REBUILD, service_context().clock.now())
    shown = _rebuild_page(workspace, ConfirmForm(), reason)
    return (shown, 409) if reason else shown


@bp.post("/<int:workspace_id>/rebuild")
@requires(Permission.END)
def rebuild(workspace_id: int) -> ResponseReturnValue:
    workspace, form = _load(workspace_id), ConfirmForm()
    if form.validate_on_submit() and form.names(workspace):
        with form.landing():
            about = {"company_id": company_id(), "actor": actor(), "shown_at": form.shown_at}
            service.press(service_context(), workspace_id, Action.REBUILD, **about)
            return redirect(url_for(".show", workspace_id=workspace_id), code=303)
    return _rebuild_page(_load(workspace_id), form), form.status


@bp.post("/<int:workspace_id>/order-again")
@requires(Permission.ORDER)
def order_again(workspace_id: int) -> ResponseReturnValue:
    """Terminate what was never usable, and fill in the same order; ask first if it may have files."""
    workspace = _load(workspace_id)
    may_have_files = workspace.phase in MACHINE_MAY_EXIST and workspace.available_at is not None
    if may_have_files and workspace.desired is Desired.PRESENT:
        return redirect(url_for(".ask_terminate", workspace_id=workspace_id, then="order"), code=303)
    if workspace.phase is not Phase.GONE:
        service.press(
            service_context(), workspace_id, Action.TERMINATE, company_id=company_id(), actor=actor()
        )
    return redirect(same_order(workspace), code=303)


def _rebuild_page(workspace: Workspace, form: ConfirmForm, reason: str | None = None) -> str:
    shown = {"workspace": workspace, "form": form, "reason": reason, **image_context(workspace)}
    return render_template("workspaces/rebuild.html", **shown)


def _termination_page(workspace: Workspace, form: ConfirmForm) -> str:
    return render_template(
        "workspaces/terminate.html",
        workspace=workspace,
        form=form,
        is_empty=is_empty(workspace),
        last_snapshot=last_snapshot_of(service_context(), workspace),
        exports_nothing=not get_provider(workspace.cloud_provider).desktops.keeps_disk_snapshots,
        tells_person=service_context().settings.mail.is_set_up and workspace.application.seeker.is_active,
        **image_context(workspace),
        **kept_context(workspace, is_now=form.now.data == "1"),
        **locked_context(workspace),
    )


def _load(workspace_id: int) -> Workspace:
    return queries.get_workspace(service_context().session, workspace_id, company_id=company_id())


def _done(workspace_id: int) -> ResponseReturnValue:
    """The status again, as it is now."""
    here = url_for(".show", workspace_id=workspace_id)
    if not live.is_fragment():
        return redirect(here, code=303)
    context = status_context(_load(workspace_id))
    return live.fragment("workspaces/_status.html", etag=_status_etag(workspace_id), **context)


def _status_etag(workspace_id: int) -> str:
    mark = marks.workspace_mark(service_context().session, workspace_id, company_id=company_id())
    return live.etag_of("workspace", workspace_id, mark, live.quarter_minute(service_context().clock.now()))


def _drift_context(known: list[CloudCredential]) -> Drift:
    by_kind = count_open_orphans(service_context().session, company_id=company_id())
    return {
        "orphan_count": sum(by_kind.values()),
        "orphans_of_ours": sum(by_kind.get(kind.value, 0) for kind in OrphanKind if kind.is_ours),
        "alarms": [one for one in known if one.alarm_code],
    }


def _first_steps(known: list[CloudCredential]) -> dict[str, bool]:
    """What a new company has already done, for the empty list."""
    session, company = service_context().session, company_id()
    return {
        "has_account": bool(known),
        "has_credential": any(one.is_usable for one in known),
        "has_job": has_posting(session, company_id=company),
        "has_approved": bool(applications.list_unserved(session, company_id=company, limit=1)),
    }
