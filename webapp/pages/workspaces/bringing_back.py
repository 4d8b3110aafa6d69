"""Bringing the files of a desktop that is gone back in a new one: what that means, before the press."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.costs.rates import Rates
from webapp.domain.file_returns import FOLDER
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.models import Workspace
from webapp.pages.fields import BerthForm
from webapp.services import bringing_back as service
from webapp.services.inquiries import known_bundles_of
from webapp.services.orders import OrderRequest, find_same_order
from webapp.services.prices import bundle_rates

bp = Blueprint("bringing_back", __name__, url_prefix="/workspaces/<int:workspace_id>/bring-back")


@bp.get("")
@requires(Permission.ORDER)
def new(workspace_id: int) -> ResponseReturnValue:
    return _page(_load(workspace_id), BerthForm())


@bp.post("")
@requires(Permission.ORDER)
def create(workspace_id: int) -> ResponseReturnValue:
    wanted, form = OrderRequest.of(_load(workspace_id)), BerthForm()
    about = {"company_id": company_id(), "actor": actor()}
    if form.validate_on_submit():
        with form.landing():
            made = service.bring_back(service_context(), workspace_id, **about)
            return redirect(url_for("workspaces.show", workspace_id=made.id), code=303)
        if (same := find_same_order(service_context(), wanted, **about)) is not None:
            flash("You ordered this desktop a moment ago. Here it is.")
            return redirect(url_for("workspaces.show", workspace_id=same.id), code=303)
    return _page(_load(workspace_id), form, status=form.status)


@bp.post("/again")
@requires(Permission.ORDER)
def again(workspace_id: int) -> ResponseReturnValue:
    """Of the new desktop: the files once more, after they did not come."""
    service.try_again(service_context(), workspace_id, company_id=company_id(), actor=actor())
    return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)


def _load(workspace_id: int) -> Workspace:
    return service.former_of(service_context(), workspace_id, company_id=company_id())


def _page(former: Workspace, form: BerthForm, *, status: int = 200) -> ResponseReturnValue:
    offer = service.offer_of(service_context(), former)
    is_possible = offer is not None and offer.refusal is None
    shown = render_template(
        "workspaces/bring_back.html",
        former=former,
        form=form,
        offer=offer,
        cost=_cost(former) if is_possible else None,
        folder=FOLDER,
    )
    return shown, status if is_possible else 409


def _cost(former: Workspace) -> Rates | None:
    """Of a new one of its size; None if the price, or the size, is not known."""
    known = known_bundles_of(service_context(), credential_id=former.credential_id) or []
    own = [row for row in known if row["bundle_id"] == former.bundle_id]
    return bundle_rates(service_context(), former.credential, own).get(former.bundle_id)
