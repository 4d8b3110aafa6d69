"""The contract defaults of a job: what whoever is approved gets, unless somebody says otherwise."""

from typing import Self

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField
from wtforms.validators import Optional

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.permissions import Permission
from webapp.domain.windows import Window, typed_of
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.languages import time_zones
from webapp.models import JobPosting
from webapp.pages.contract_words import window_in_words
from webapp.pages.contracts import ContractForm
from webapp.queries import job_postings as queries
from webapp.services import contract_defaults as service

bp = Blueprint("contract_defaults", __name__, url_prefix="/jobs")


class DefaultsForm(ContractForm):
    days = IntegerField("Length in days", [Optional()])

    aliases = {
        "default_zone": "zone",
        "default_starts_at": "first_day",
        "default_ends_at": "last_day",
        "default_days": "days",
    }

    @classmethod
    def showing(cls, defaults: ContractDefaults, *, zone: str) -> Self:
        """As they are now, unless others were sent. `zone`: where nobody has chosen one."""
        window = Window(defaults.starts_at, defaults.ends_at, defaults.zone or zone)
        form = cls(obj=typed_of(window), days=defaults.days)
        form.zone.choices = [(name, name) for name in time_zones()]
        return form

    def defaults(self) -> ContractDefaults:
        """Raises Invalid."""
        window = self.window()
        return ContractDefaults(window.zone, window.starts_at, window.ends_at, self.days.data)


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
            service.set_defaults(service_context(), posting_id, form.defaults(), company_id=company_id())
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
