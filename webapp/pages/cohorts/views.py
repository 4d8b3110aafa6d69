"""Group orders: choose people, review, order, follow the progress."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.pages import live
from webapp.pages.cohorts.contexts import (
    check_context,
    choice_context,
    rows_context,
    rows_etag,
    usual_profile_id,
)
from webapp.pages.cohorts.forms import CohortForm, names_of, number_of
from webapp.pages.fields import MOST_LISTED
from webapp.pages.workspaces.table import whole_number
from webapp.queries import cohorts as queries
from webapp.queries.profiles import find_profile
from webapp.services import cohorts as service
from webapp.services.cohort_plan import MOST_PEOPLE

bp = Blueprint("cohorts", __name__, url_prefix="/cohorts")


@bp.get("/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    found = queries.list_cohorts(
        service_context().session,
        company_id=company_id(),
        limit=MOST_LISTED + 1,
        before_id=whole_number("before"),
    )
    shown = found[:MOST_LISTED]
    next_before = shown[-1][0].id if len(found) > MOST_LISTED else None
    return render_template("cohorts/index.html", cohorts=shown, next_before=next_before)


@bp.get("/new")
@requires(Permission.ORDER)
def new() -> ResponseReturnValue:
    """People, cloud account, size, and the user name pattern."""
    return _choices(CohortForm.begun(usual_profile_id()))


@bp.post("/check")
@requires(Permission.ORDER)
def check() -> ResponseReturnValue:
    """Review row by row; changes nothing."""
    form = CohortForm()
    entries = form.entries()
    if not form.accepts(entries):
        return _choices(form), form.status
    with form.landing():
        return render_template("cohorts/check.html", **check_context(form, entries))
    return _choices(form), form.status


@bp.post("/")
@requires(Permission.ORDER)
def create() -> ResponseReturnValue:
    form = CohortForm()
    entries = form.entries()
    if not form.accepts(entries):
        return _choices(form), form.status
    with form.landing():
        order = form.order_request(version=number_of(form.profile_version.data) or None)
        made = service.order_cohort(service_context(), order, entries, company_id=company_id(), actor=actor())
        return redirect(url_for(".show", cohort_id=made.id), code=303)
    return render_template("cohorts/check.html", **check_context(form, entries)), form.status


@bp.get("/<int:cohort_id>/")
@requires(Permission.READ_WORK)
def show(cohort_id: int) -> ResponseReturnValue:
    cohort = queries.get_cohort(service_context().session, cohort_id, company_id=company_id())
    profile = None
    if cohort.profile_id is not None:
        profile = find_profile(service_context().session, cohort.profile_id, company_id=company_id())
    return render_template("cohorts/show.html", profile=profile, **rows_context(cohort, rows_etag(cohort)))


@bp.get("/<int:cohort_id>/rows")
@requires(Permission.READ_WORK)
def rows(cohort_id: int) -> ResponseReturnValue:
    """The live part of the page."""
    cohort = queries.get_cohort(service_context().session, cohort_id, company_id=company_id())
    etag = rows_etag(cohort)
    return live.unchanged(etag) or live.fragment("cohorts/_rows.html", **rows_context(cohort, etag))


@bp.post("/<int:cohort_id>/retry")
@requires(Permission.ORDER)
def retry(cohort_id: int) -> ResponseReturnValue:
    """Retry only what failed, with the corrected user names."""
    count = service.retry(
        service_context(), cohort_id, names_of(request.form), company_id=company_id(), actor=actor()
    )
    flash(f"Retrying {count} of them." if count else "None of them can be retried now.")
    return redirect(url_for(".show", cohort_id=cohort_id), code=303)


def _choices(form: CohortForm) -> str:
    return render_template("cohorts/new.html", most=MOST_PEOPLE, **choice_context(form))
