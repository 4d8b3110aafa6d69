"""The contract of a person: from when to when the desktop may be used, and the grace after its end."""

from typing import Self

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, Optional

from webapp.domain.permissions import Permission
from webapp.domain.windows import TypedWindow, Window, kept_exact, typed_of
from webapp.guards import requires
from webapp.identity import actor, company_id, may, service_context, user
from webapp.models import Application, Company
from webapp.pages.fields import BerthForm, zone_choices
from webapp.pages.hours_form import HoursFields, hours_data
from webapp.queries import applications, workspaces
from webapp.services import extensions, grace, windows

bp = Blueprint("contracts", __name__, url_prefix="/contracts")


class ContractForm(BerthForm):
    zone = SelectField("Time zone", validate_choice=False)
    first_day = DateField("First day", [Optional()])
    first_time = TimeField("From", [Optional()])
    last_day = DateField("Last day", [Optional()])
    last_time = TimeField("Until", [Optional()])
    shown = Window()
    """Which the form shows: what nobody changes there stays exactly as it is."""

    @classmethod
    def of(cls, window: Window, *, zone: str) -> Self:
        """With the window as it is, unless another was sent. `zone`: where nobody has chosen one."""
        form = cls(obj=typed_of(window if window.zone else Window(zone=zone)))
        form.zone.choices = zone_choices(form.zone.data or "")
        return form

    def window(self) -> Window:
        """Raises Invalid."""
        typed = TypedWindow(
            self.zone.data or "",
            self.first_day.data,
            self.first_time.data,
            self.last_day.data,
            self.last_time.data,
        )
        return kept_exact(typed, self.shown)


class TermsForm(ContractForm, HoursFields):
    """The window and the hours."""

    @classmethod
    def about(cls, application: Application, *, zone: str) -> Self:
        window, hours = application.window, application.hours
        typed = typed_of(window if window.zone else Window(zone=hours.zone if hours else zone))
        form = cls(obj=typed, data=hours_data(hours, zone=typed.zone))
        form.shown = window
        form.zone.choices = zone_choices(form.zone.data or "")
        form.offer_hours()
        return form


class GraceForm(BerthForm):
    grace_days = IntegerField("After a termination", [InputRequired("Enter a number of days.")])
    contract_grace_days = IntegerField("After a contract", [InputRequired("Enter a number of days.")])


@bp.get("/<int:application_id>/")
@requires(Permission.HIRE)
def edit(application_id: int) -> ResponseReturnValue:
    application = _load(application_id)
    return _page(application, _form(application))


@bp.post("/<int:application_id>/")
@requires(Permission.HIRE)
def save(application_id: int) -> ResponseReturnValue:
    application = _load(application_id)
    form = _form(application)
    is_valid = form.validate_on_submit()
    hours, is_meant = form.hours(form.zone.data or "")
    if is_valid and is_meant:
        with form.landing():
            windows.set_window(
                service_context(),
                application_id,
                form.window(),
                hours=hours,
                company_id=company_id(),
                actor=actor(),
                may_end=may(Permission.END),
            )
            flash("Saved. The desktop follows at once.")
            return redirect(url_for(".edit", application_id=application_id), code=303)
    return _page(_load(application_id), form), form.status


@bp.post("/<int:application_id>/grant")
@requires(Permission.HIRE)
def grant(application_id: int) -> ResponseReturnValue:
    """The extension that the person has asked for."""
    is_granted = extensions.grant_time(
        service_context(), application_id, company_id=company_id(), actor=actor()
    )
    flash(
        "Extended by 30 days. The person gets a mail."
        if is_granted
        else "Nobody asks for more time any more. The contract is as you see it here."
    )
    return redirect(url_for(".edit", application_id=application_id), code=303)


@bp.get("/grace")
@requires(Permission.MANAGE_COMPANY)
def ask_grace() -> ResponseReturnValue:
    company = service_context().session.get_one(Company, company_id())
    return render_template("contracts/grace.html", form=GraceForm(obj=company))


@bp.post("/grace")
@requires(Permission.MANAGE_COMPANY)
def save_grace() -> ResponseReturnValue:
    form = GraceForm()
    if form.validate_on_submit():
        with form.landing():
            grace.set_grace(
                service_context(),
                company_id=company_id(),
                grace_days=form.grace_days.data or 0,
                contract_grace_days=form.contract_grace_days.data or 0,
            )
            flash("Saved.")
            return redirect(url_for(".ask_grace"), code=303)
    return render_template("contracts/grace.html", form=form), form.status


def _form(application: Application) -> TermsForm:
    zone = application.job_posting.default_zone or user().time_zone or "UTC"
    return TermsForm.about(application, zone=zone)


def _load(application_id: int) -> Application:
    return applications.get_application(service_context().session, application_id, company_id=company_id())


def _page(application: Application, form: TermsForm) -> str:
    served = workspaces.list_live_by_application(
        service_context().session, [application.id], company_id=company_id()
    )
    workspace = served.get(application.id)
    return render_template(
        "contracts/edit.html",
        form=form,
        application=application,
        workspace=workspace,
        access=workspace.access(service_context().clock.now()) if workspace else None,
    )
