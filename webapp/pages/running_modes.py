"""Running modes by real use: what another mode would save, and whether Berth changes it."""

from typing import Self

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from webapp.domain.costs.modes import NotSwitched, Switching
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context
from webapp.pages.fields import BerthForm, choice
from webapp.services import running_modes as service

bp = Blueprint("running_modes", __name__, url_prefix="/costs/modes")

CHOICES = {
    Switching.OFF: "Neither: modes stay as they are",
    Switching.ADVISE: "Say what would be saved",
    Switching.SWITCH: "Say it, and change the mode where it is certain",
}
WHY_NOT = {
    NotSwitched.DAYS_ONLY: "left to you: Berth knows the days of its use, not the hours",
    NotSwitched.CONTRACT_ENDS: "left to you: its contract ends before the end of next month",
    NotSwitched.COUNTS_MORE: "left to you: budgets would count more for it, and have no room",
}


class SwitchingForm(BerthForm):
    switching = RadioField("What Berth does", validate_choice=True)

    @classmethod
    def showing(cls, switching: Switching) -> Self:
        """As it is, unless something else was sent."""
        form = cls(switching=switching.value)
        form.switching.choices = [choice(one.value, label) for one, label in CHOICES.items()]
        return form


@bp.get("/")
@requires(Permission.READ_COSTS)
def index() -> ResponseReturnValue:
    return _page(None)


@bp.post("/")
@requires(Permission.MANAGE_COMPANY)
def save() -> ResponseReturnValue:
    form = SwitchingForm.showing(service.switching_of(service_context(), company_id=company_id()))
    if form.validate_on_submit():
        wanted = Switching(form.switching.data)
        service.set_switching(service_context(), wanted, company_id=company_id())
        flash("Saved. Desktops are compared in the next night." if wanted is not Switching.OFF else "Saved.")
        return redirect(url_for(".index"), code=303)
    return _page(form), form.status


def _page(form: SwitchingForm | None) -> str:
    found = service.list_savings(service_context(), company_id=company_id())
    return render_template(
        "costs/modes.html",
        form=form or SwitchingForm.showing(found.switching),
        found=found,
        choices=CHOICES,
        why_not=WHY_NOT,
    )
