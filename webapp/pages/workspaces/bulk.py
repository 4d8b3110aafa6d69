"""Many workspaces at once: how many allow the action, then the request, then the result of each."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField

from webapp.domain.errors import Forbidden, NotFound
from webapp.domain.lifecycle import Action
from webapp.domain.permissions import Permission
from webapp.guards import ask_for_proof, requires
from webapp.identity import actor, company_id, may, service_context
from webapp.pages.fields import BerthForm, ids_in
from webapp.pages.words import BULK, TERMINATE_KEPT
from webapp.pages.workspaces import table as workspace_table
from webapp.queries.grace import grace_days_of, list_undoable
from webapp.queries.workspace_table import list_matching_ids
from webapp.services import bulk as service

bp = Blueprint("bulk", __name__, url_prefix="/workspaces/bulk")


class CountForm(BerthForm):
    """Terminating many is confirmed by typing their number."""

    confirm = StringField("Number of desktops")
    now = BooleanField("Delete them at once. This cannot be undone.")

    def counts(self, number: int) -> bool:
        return (self.confirm.data or "").strip() == str(number)


@bp.get("/")
@requires(Permission.OPERATE)
def ask() -> ResponseReturnValue:
    """How many of the chosen ones allow it, and why the others do not."""
    action = _action(request.args.get("action"))
    asked = ask_for_proof() if action is Action.TERMINATE else None
    return _page(CountForm(), action, _chosen_ids()) if asked is None else asked


@bp.post("/")
@requires(Permission.OPERATE)
def press() -> ResponseReturnValue:
    action, ids, form = _action(request.form.get("action")), ids_in(request.form.getlist("id")), CountForm()
    if action is Action.TERMINATE and (asked := ask_for_proof()) is not None:
        return asked
    is_confirmed = action is not Action.TERMINATE or form.counts(len(ids))
    if not form.validate_on_submit() or not is_confirmed:
        return _page(form, action, ids, is_confirmed=is_confirmed), form.status
    lines = service.press_all(
        service_context(), ids, action, company_id=company_id(), actor=actor(), at_once=bool(form.now.data)
    )
    return render_template(
        "workspaces/bulk_done.html",
        action=action,
        words=BULK[action],
        done=[line for line in lines if line.refusal is None],
        refused=[line for line in lines if line.refusal is not None],
        undoable=_undoable(lines) if action is Action.TERMINATE else [],
    )


def _undoable(lines: list[service.Line]) -> list[int]:
    """What this press terminated, and a repeat of it."""
    done = [line.workspace_id for line in lines if line.refusal is None]
    return list_undoable(service_context().session, done, company_id=company_id())


def _page(form: CountForm, action: Action, ids: list[int], *, is_confirmed: bool = True) -> str:
    lines = service.preview(service_context(), ids, action, company_id=company_id())
    if not is_confirmed:  # some may have changed since the number was shown
        form.confirm.errors = [f"Type {sum(line.refusal is None for line in lines)} to confirm."]
    return render_template(
        "workspaces/bulk.html",
        form=form,
        action=action,
        words=BULK[action],
        total=len(lines),
        possible=[line for line in lines if line.refusal is None],
        refused=[line for line in lines if line.refusal is not None],
        most=service.MOST,
        grace_days=_grace_days() if action is Action.TERMINATE else 0,
        kept=TERMINATE_KEPT,
    )


def _grace_days() -> int:
    return grace_days_of(service_context().session, company_id=company_id())


def _chosen_ids() -> list[int]:
    """The rows that were ticked, or all that match the filter of the page."""
    if "all" not in request.args:
        return ids_in(request.args.getlist("id"))
    wanted = workspace_table.address_of(request.args).as_filter(service_context().clock.now())
    return list_matching_ids(service_context().session, wanted, company_id=company_id(), limit=service.MOST)


def _action(name: str | None) -> Action:
    if name not in service.BULK_ACTIONS:
        raise NotFound("You can start, stop, restart or terminate several desktops at once.")
    if name == Action.TERMINATE and not may(Permission.END):
        raise Forbidden("Your role does not allow to terminate desktops.")
    return Action(name)
