"""Deciding about an application."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.domain.roles import ApplicationStatus
from webapp.guards import requires
from webapp.identity import company_id, orderer, service_context, user
from webapp.models.application import LIVE_DESKTOP
from webapp.pages.profile_orders import orders_in_words
from webapp.services import applications as service

bp = Blueprint("applications", __name__, url_prefix="/applications")


@bp.post("/<int:application_id>/approve")
@requires(Permission.HIRE)
def approve(application_id: int) -> ResponseReturnValue:
    return _decide(application_id, ApplicationStatus.APPROVED)


@bp.post("/<int:application_id>/reject")
@requires(Permission.HIRE)
def reject(application_id: int) -> ResponseReturnValue:
    return _decide(application_id, ApplicationStatus.REJECTED)


def _decide(application_id: int, status: ApplicationStatus) -> ResponseReturnValue:
    decided = service.decide(
        service_context(),
        application_id,
        company_id=company_id(),
        decided_by_id=user().id,
        status=status,
        order_as=orderer(),
    )
    is_approved = status is ApplicationStatus.APPROVED
    orders = orders_in_words([decided.id]) if is_approved else ""
    flash(f"{decided.seeker.name} is {status.value}. {orders}".strip())
    if is_approved and request.form.get("then") == "order" and decided.desktop != LIVE_DESKTOP:
        return redirect(url_for("orders.new", application=decided.id), code=303)
    here = url_for("job_postings.show", posting_id=decided.job_posting_id)
    return redirect(f"{here}#application-{decided.id}", code=303)
