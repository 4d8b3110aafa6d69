"""Warm pools of a cloud account: how each stands, and its numbers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired

from webapp.domain.costs.money import Money, minor_digits, typed_amount
from webapp.domain.costs.rates import Rates
from webapp.domain.hours.reading import TypedHours, hours_in_words, typed_of
from webapp.domain.hours.week import Hours
from webapp.domain.permissions import Permission
from webapp.domain.pools import MOST_FAILURES
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.models import CloudCredential, WarmPool
from webapp.pages.budget_forms import typed
from webapp.pages.credentials.bundles import bundles_context
from webapp.pages.fields import BerthForm, at_most, choice
from webapp.providers.registry import get_provider
from webapp.queries import credentials as queries
from webapp.queries.pools import find_pool
from webapp.services import pools as service
from webapp.services.pools import LARGEST_POOL, PoolRequest

bp = Blueprint("pools", __name__, url_prefix="/credentials/<int:credential_id>/pools")

LONGEST_HOURS = 80


class PoolForm(BerthForm):
    aliases = {"bundle_id": "bundle", "budget_minor": "budget"}
    bundle = SelectField("Desktop size", validate_choice=False)
    floor = IntegerField("Always ready", [InputRequired("Enter a number, or 0.")])
    ceiling = IntegerField("At most", [InputRequired("Enter a number, or 0 for no pool.")])
    waits_running = BooleanField("Wait switched on")
    workdays = StringField("Hours on workdays", [at_most(LONGEST_HOURS)])
    budget = StringField("A month may cost at most", [at_most(30)])

    def offer(self, rows: Sequence[dict[str, Any]], pools: Sequence[WarmPool]) -> "PoolForm":
        """Also the sizes of pools that the cloud no longer offers: such a pool can be ended."""
        names = {one.bundle_id: one.bundle_name for one in pools}
        names |= {row["bundle_id"]: row["name"] for row in rows}
        self.bundle.choices = [choice(*one) for one in names.items()]
        return self

    def hours(self, before: WarmPool | None) -> Hours | None:
        """Those of before, if nobody typed others; with the message beside the field for what is none.

        Other days and holidays, which this form does not show, stay with them; without workdays nothing does.
        """
        known, workdays = None if before is None else before.rule.hours, (self.workdays.data or "").strip()
        shown = typed_of(known, zone=user().time_zone or "UTC")
        if workdays == shown.workdays:
            return known
        read = replace(shown if workdays else TypedHours(shown.zone), workdays=workdays).read()
        self.workdays.errors = [one.message for one in read.problems]
        return read.hours

    def budget_minor(self, rates: Rates | None) -> int | None:
        """Of all that wait, in the currency of the size's price; with the message for what is none."""
        text = (self.budget.data or "").strip()
        if not text or (rates is None and not self.ceiling.data):
            return None
        if rates is None:
            self.budget.errors = ["The price of this size is not known, so a budget cannot be kept."]
            return None
        try:
            return typed_amount(text, rates.currency)
        except ValueError:
            digits = minor_digits(rates.currency)
            self.budget.errors = [f"Enter an amount such as 50, with at most {digits} decimals."]
            return None


@bp.get("/")
@requires(Permission.READ_WORK)
def index(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    return _page(credential, _form_about(credential, request.args.get("bundle", "")[:120]))


@bp.post("/")
@requires(Permission.MANAGE_CREDENTIALS)
def save(credential_id: int) -> ResponseReturnValue:
    credential, form = _load(credential_id), PoolForm()
    before, bundle_id = _pool(credential, form.bundle.data or ""), form.bundle.data or ""
    if form.validate_on_submit():
        hours, rates = form.hours(before), bundles_context(credential)["costs"].get(bundle_id)
        budget_minor = form.budget_minor(rates)
        if not form.workdays.errors and not form.budget.errors:
            with form.landing():
                wanted = PoolRequest(
                    bundle_id=bundle_id,
                    floor=form.floor.data or 0,
                    ceiling=form.ceiling.data or 0,
                    waits_running=bool(form.waits_running.data),
                    hours=hours,
                    budget_minor=budget_minor,
                )
                service.set_pool(service_context(), credential_id, wanted, company_id=company_id())
                flash("Saved. Berth makes or ends desktops until the pool is as you want it.")
                return _to_list(credential_id)
    return _page(_load(credential_id), form), form.status


@bp.post("/<int:pool_id>/start")
@requires(Permission.MANAGE_CREDENTIALS)
def start_again(credential_id: int, pool_id: int) -> ResponseReturnValue:
    service.start_again(service_context(), pool_id, company_id=company_id())
    flash("Berth makes desktops for this pool again.")
    return _to_list(credential_id)


def _page(credential: CloudCredential, form: PoolForm) -> str:
    context = service_context()
    statuses = service.status_of(context, company_id=company_id(), credential_id=credential.id)
    return render_template(
        "credentials/pools.html",
        credential=credential,
        can_have=get_provider(credential.cloud_provider).desktops.makes_spares,
        form=form.offer(bundles_context(credential)["usable"], [one.pool for one in statuses]),
        statuses=statuses,
        hours_in_words=hours_in_words,
        largest=LARGEST_POOL,
        most_failures=MOST_FAILURES,
        money=Money,
    )


def _form_about(credential: CloudCredential, bundle_id: str) -> PoolForm:
    """Filled in with what is set for this size."""
    pool = _pool(credential, bundle_id)
    if pool is None:
        return PoolForm(data={"bundle": bundle_id})
    hours = pool.rule.hours
    return PoolForm(
        data={
            "bundle": bundle_id,
            "floor": pool.floor,
            "ceiling": pool.ceiling,
            "waits_running": pool.waits_running,
            "workdays": "" if hours is None else typed_of(hours, zone=hours.zone).workdays,
            "budget": typed(pool.budget_minor, pool.price_currency or "USD"),
        }
    )


def _pool(credential: CloudCredential, bundle_id: str) -> WarmPool | None:
    return find_pool(
        service_context().session, credential_id=credential.id, bundle_id=bundle_id, company_id=company_id()
    )


def _load(credential_id: int) -> CloudCredential:
    return queries.get_credential(service_context().session, credential_id, company_id=company_id())


def _to_list(credential_id: int) -> ResponseReturnValue:
    return redirect(url_for(".index", credential_id=credential_id), code=303)
