"""The contract defaults of a job: what whoever is approved gets, unless somebody says otherwise."""

from typing import Any, Self

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField
from wtforms.validators import Optional

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.permissions import Permission
from webapp.domain.windows import Window, typed_of
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.models import JobPosting
from webapp.pages.contract_words import window_in_words
from webapp.pages.contracts import ContractForm
from webapp.pages.fields import zone_choices
from webapp.pages.hours_form import HoursFields, hours_data
from webapp.queries import job_postings as queries
from webapp.services import contract_defaults as service

bp = Blueprint("contract_defaults", __name__, url_prefix="/jobs")


class DefaultsForm(ContractForm, HoursFields):
    days = IntegerField("Length in days", [Optional()])
    in_own_zone = BooleanField("In each person’s own time zone")

    aliases = {
        "default_zone": "zone",
        "default_starts_at": "first_day",
        "default_ends_at": "last_day",
        "default_days": "days",
    }

    @classmethod
    def showing(cls, defaults: ContractDefaults, *, zone: str) -> Self:
        """As they are now, unless others were sent. `zone`: where nobody has chosen one."""
        shown = window_shown(defaults, zone=zone)
        form = cls(obj=typed_of(shown), data=defaults_data(defaults))
        form.shown = shown
        form.offer_contract()
        return form

    def offer_contract(self) -> None:
        """What can be chosen."""
        self.zone.choices = zone_choices(self.zone.data or "")
        self.offer_hours()

    def defaults(self) -> ContractDefaults | None:
        """None, with messages beside their fields, if the hours are not understood. Raises Invalid."""
        window = self.window()
        hours, is_meant = self.hours(window.zone or "")
        if not is_meant:
            return None
        in_own_zone = bool(self.in_own_zone.data)
        return ContractDefaults(
            window.zone, window.starts_at, window.ends_at, self.days.data, hours, in_own_zone
        )


def window_shown(defaults: ContractDefaults, *, zone: str) -> Window:
    """`zone`: where nobody has chosen one."""
    own = defaults.zone or (defaults.hours.zone if defaults.hours else zone)
    return Window(defaults.starts_at, defaults.ends_at, own)


def defaults_data(defaults: ContractDefaults) -> dict[str, Any]:
    """What the other fields show first."""
    hours = hours_data(defaults.hours, zone=window_shown(defaults, zone="").zone or "")
    return {"days": defaults.days, "in_own_zone": defaults.in_own_zone, **hours}


@bp.get("/<int:posting_id>/contract")
@requires(Permission.HIRE)
def edit(posting_id: int) -> ResponseReturnValue:
    posting = _load(posting_id)
    return _page(posting, _form(posting))


@bp.post("/<int:posting_id>/contract")
@requires(Permission.HIRE)
def save(posting_id: int) -> ResponseReturnValue:
    posting = _load(posting_id)
    form = _form(posting)
    if form.validate_on_submit():
        with form.landing():
            wanted = form.defaults()
            if wanted is not None:
                service.set_defaults(service_context(), posting_id, wanted, company_id=company_id())
                flash("Saved. It counts for whoever is approved from now on.")
                return redirect(url_for("job_postings.show", posting_id=posting_id), code=303)
    return _page(_load(posting_id), form), form.status


def contract_now(defaults: ContractDefaults) -> str:
    """Which contract whoever is approved now gets from them, in words; empty: they give none."""
    now = service_context().clock.now()
    window = defaults.window(now)
    return "" if window is None else window_in_words(window)


def _form(posting: JobPosting) -> DefaultsForm:
    return DefaultsForm.showing(posting.contract_defaults, zone=user().time_zone or "UTC")


def _load(posting_id: int) -> JobPosting:
    return queries.get_posting(service_context().session, posting_id, company_id=company_id())


def _page(posting: JobPosting, form: DefaultsForm) -> str:
    return render_template("contracts/defaults.html", form=form, posting=posting)
