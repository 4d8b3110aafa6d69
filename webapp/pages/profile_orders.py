"""Ordering what the profile of a job gives: one press, no form."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.pages.fields import ids_in, is_id
from webapp.queries import applications
from webapp.queries.job_postings import get_posting
from webapp.queries.workspaces import list_live_by_application
from webapp.services import profile_orders as service

bp = Blueprint("profile_orders", __name__)

MOST_AT_ONCE = 25
"""A page of a job's applicants."""


@bp.post("/applications/<int:application_id>/order")
@requires(Permission.ORDER)
def create(application_id: int) -> ResponseReturnValue:
    context, company = service_context(), company_id()
    served = list_live_by_application(context.session, [application_id], company_id=company)
    if application_id in served:
        flash("This desktop is ordered already. Here it is.")
        return redirect(url_for("workspaces.show", workspace_id=served[application_id].id), code=303)
    made = service.order_by_profile(
        context, application_id, company_id=company, actor=actor(), version=_version()
    )
    return redirect(url_for("workspaces.show", workspace_id=made.id), code=303)


@bp.post("/jobs/<int:posting_id>/order")
@requires(Permission.ORDER)
def create_many(posting_id: int) -> ResponseReturnValue:
    """For everybody whom the page has listed as waiting for a desktop."""
    context, company = service_context(), company_id()
    posting = get_posting(context.session, posting_id, company_id=company)
    ids = ids_in(request.form.getlist("application_id"))[:MOST_AT_ONCE]
    service.order_many(context, posting, ids, company_id=company, actor=actor(), version=_version())
    flash(orders_in_words(ids) or "Nobody waits for a desktop any more.")
    return redirect(url_for("job_postings.show", posting_id=posting_id), code=303)


def orders_in_words(application_ids: Sequence[int]) -> str:
    """What became of them: “2 desktops are ordered. No desktop was ordered for Ada: …”; may be empty."""
    session = service_context().session
    found = applications.list_outcomes(session, application_ids, company_id=company_id())
    count = sum(is_live for _, is_live, _ in found)
    parts = [f"{count} desktop{' is' if count == 1 else 's are'} ordered."] if count else []
    reasons: dict[str, list[str]] = {}
    for name, is_live, refusal in found:
        if refusal is not None and not is_live:
            reasons.setdefault(refusal, []).append(name)
    for reason, names in reasons.items():
        people = names[0] if len(names) == 1 else f"{len(names)} people"
        parts.append(f"No desktop was ordered for {people}: {reason}")
    return " ".join(parts)


def _version() -> int:
    """Of the profile that the page has shown; 0 is none."""
    given = request.form.get("version", "")
    return int(given) if is_id(given) else 0
