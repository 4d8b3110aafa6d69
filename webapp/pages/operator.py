"""Pages of whoever runs the installation: companies, people, and whether mails leave."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField
from wtforms.validators import Optional

from webapp.domain.mail_failures import FAILURES
from webapp.domain.permissions import Permission
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import service_context, user
from webapp.pages.fields import BerthForm, searched_for
from webapp.pages.workspaces.table import whole_number
from webapp.queries import mails
from webapp.queries import operator as queries
from webapp.services import operator as service
from webapp.services.backups.lateness import late_backup, restored_lately

bp = Blueprint("operator", __name__, url_prefix="/operator")

PAGE_SIZE = 50


class QuotaForm(BerthForm):
    quota = IntegerField("Live desktops at most", [Optional()])


@bp.get("/")
@requires(Permission.RUN_INSTALLATION)
def index() -> ResponseReturnValue:
    return _companies()


@bp.post("/companies/<int:company_id>/quota")
@requires(Permission.RUN_INSTALLATION)
def set_quota(company_id: int) -> ResponseReturnValue:
    form = QuotaForm()
    if form.validate_on_submit():
        with form.landing():
            company = service.set_quota(service_context(), company_id, form.quota.data)
            most = "any number of" if company.quota_desktops is None else f"{company.quota_desktops:,}"
            flash(f"{company.name} may have {most} live desktops.")
            return redirect(url_for(".index"), code=303)
    return _companies(wrong=form), form.status


@bp.post("/companies/<int:company_id>/<any(disable, enable):verdict>")
@requires(Permission.RUN_INSTALLATION)
@needs_fresh_proof
def decide_company(company_id: int, verdict: str) -> ResponseReturnValue:
    if verdict == "disable":
        company = service.disable_company(service_context(), company_id)
        flash(f"{company.name} is disabled. Nobody of it can sign in; its desktops go on.")
    else:
        company = service.enable_company(service_context(), company_id)
        flash(f"{company.name} is enabled again. API tokens stay revoked.")
    return redirect(url_for(".index"), code=303)


@bp.get("/people")
@requires(Permission.RUN_INSTALLATION)
def people() -> ResponseReturnValue:
    address = searched_for(request.args, "address").lower()
    found = queries.list_people(service_context().session, address=address, limit=PAGE_SIZE)
    return render_template("operator/people.html", people=found, address=address, me=user(), most=PAGE_SIZE)


@bp.post("/people/<int:user_id>/<any(disable, enable):verdict>")
@requires(Permission.RUN_INSTALLATION)
@needs_fresh_proof
def decide_person(user_id: int, verdict: str) -> ResponseReturnValue:
    if verdict == "disable":
        found = service.disable_person(service_context(), user_id, by=user())
        flash(f"{found.name} is signed out everywhere and cannot sign in any more.")
    else:
        found = service.enable_person(service_context(), user_id)
        flash(f"{found.name} can sign in again. API tokens stay revoked.")
    return redirect(url_for(".people", address=found.email), code=303)


def _companies(*, wrong: QuotaForm | None = None) -> str:
    session, name = service_context().session, searched_for(request.args, "name")
    rows = queries.list_companies(session, name=name, limit=PAGE_SIZE + 1, before_id=whole_number("before"))
    return render_template(
        "operator/companies.html",
        rows=rows[:PAGE_SIZE],
        name=name,
        wrong=wrong,
        next_before=rows[PAGE_SIZE - 1].company.id if len(rows) > PAGE_SIZE else None,
        trouble=FAILURES.get(mails.server_trouble(session) or ""),
        late_backup=late_backup(service_context()),
        restored=restored_lately(service_context()),
        waiting_mails=queries.count_waiting_mails(session),
    )
