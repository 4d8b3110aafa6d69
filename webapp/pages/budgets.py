"""Budgets and caps: how far each is used up, and changing them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from webapp.domain.costs.budgets import Figure, Term, last_day_of
from webapp.domain.costs.money import Money
from webapp.domain.costs.spans import day_of, month_of
from webapp.domain.permissions import Permission
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import actor, company_id, service_context
from webapp.pages.budget_forms import BudgetForm, CapForm, LiftForm, LimitsForm
from webapp.pages.fields import is_id
from webapp.pages.workspaces.table import whole_number
from webapp.queries import budgets as queries
from webapp.queries import credentials
from webapp.queries.live_sums import count_live, count_live_by_credential
from webapp.services import budgets as service
from webapp.services.budgets import BudgetRequest, BudgetState

bp = Blueprint("budgets", __name__, url_prefix="/costs/budgets")

PER_PAGE = 25
WIDTH = 600
"""Of a bar, in units of its drawing."""
TERMS = {Term.MONTH: "This month", Term.WHOLE: "Altogether"}


@bp.get("/")
@requires(Permission.READ_COSTS)
def index() -> ResponseReturnValue:
    return _page(BudgetForm(data={"currency": "USD", "subject": request.args.get("subject", "")[:40]}))


@bp.post("/")
@requires(Permission.SET_BUDGETS)
def create() -> ResponseReturnValue:
    form = BudgetForm()
    if form.validate_on_submit() and (currency := form.checked_currency()):
        limits, (subject, subject_id) = form.limits(currency), form.chosen()
        if limits is not None:
            with form.landing():
                wanted = BudgetRequest(subject, subject_id, currency, limits)
                service.add_budget(service_context(), wanted, company_id=company_id())
                flash("Budget added.")
                return _to_list()
    return _page(form), form.status


@bp.get("/<int:budget_id>/edit")
@requires(Permission.SET_BUDGETS)
@needs_fresh_proof
def edit(budget_id: int) -> ResponseReturnValue:
    state = _state(budget_id)
    return render_template("budgets/edit.html", state=state, form=LimitsForm.of(state.budget))


@bp.post("/<int:budget_id>/edit")
@requires(Permission.SET_BUDGETS)
@needs_fresh_proof
def update(budget_id: int) -> ResponseReturnValue:
    state, form = _state(budget_id), LimitsForm()
    if form.validate_on_submit():
        limits = form.limits(state.budget.currency)
        if limits is not None:
            with form.landing():
                service.change_budget(service_context(), budget_id, limits, company_id=company_id())
                flash("Budget changed.")
                return _to_list()
    return render_template("budgets/edit.html", state=_state(budget_id), form=form), form.status


@bp.get("/<int:budget_id>/lift")
@requires(Permission.SET_BUDGETS)
@needs_fresh_proof
def ask_lift(budget_id: int) -> ResponseReturnValue:
    today = day_of(service_context().clock.now())
    form = LiftForm(data={"until": last_day_of(today)})
    return render_template("budgets/lift.html", state=_state(budget_id), form=form)


@bp.post("/<int:budget_id>/lift")
@requires(Permission.SET_BUDGETS)
@needs_fresh_proof
def lift(budget_id: int) -> ResponseReturnValue:
    form = LiftForm()
    if form.validate_on_submit():
        with form.landing():
            service.lift_budget(
                service_context(),
                budget_id,
                until=form.ends_at(),
                reason=form.reason.data or "",
                company_id=company_id(),
                actor=actor(),
            )
            flash("Lifted. Orders pass until then.")
            return _to_list()
    return render_template("budgets/lift.html", state=_state(budget_id), form=form), form.status


@bp.post("/<int:budget_id>/end-lift")
@requires(Permission.SET_BUDGETS)
def end_lift(budget_id: int) -> ResponseReturnValue:
    service.end_lift(service_context(), budget_id, company_id=company_id())
    flash("The budget holds again.")
    return _to_list()


@bp.get("/<int:budget_id>/delete")
@requires(Permission.SET_BUDGETS)
@needs_fresh_proof
def ask_delete(budget_id: int) -> ResponseReturnValue:
    return render_template("budgets/delete.html", state=_state(budget_id))


@bp.post("/<int:budget_id>/delete")
@requires(Permission.SET_BUDGETS)
@needs_fresh_proof
def destroy(budget_id: int) -> ResponseReturnValue:
    service.remove_budget(service_context(), budget_id, company_id=company_id())
    flash("Budget removed.")
    return _to_list()


@bp.post("/caps")
@requires(Permission.SET_BUDGETS)
def cap() -> ResponseReturnValue:
    form = CapForm()
    of = form.of.data or ""
    form.most_desktops.id = f"cap-{of}"  # each cap has its own field on the page
    if form.validate_on_submit() and (not of or is_id(of)):
        with form.landing():
            service.set_cap(
                service_context(),
                form.most_desktops.data,
                company_id=company_id(),
                credential_id=int(of) if of else None,
            )
            flash("Limit of live desktops saved.")
            return _to_list()
    return _page(BudgetForm(formdata=None, data={"currency": "USD"}), cap_form=form), form.status


def _page(form: BudgetForm, *, cap_form: CapForm | None = None) -> str:
    context, company = service_context(), company_id()
    today, page = day_of(context.clock.now()), whole_number("page") or 1
    known = credentials.list_credentials(context.session, company_id=company)
    states, begin = service.list_urgent_first(context, company_id=company), (page - 1) * PER_PAGE
    return render_template(
        "budgets/index.html",
        form=form.offer(context.session, company_id=company),
        cap_form=cap_form,
        states=states[begin : begin + PER_PAGE],
        total=len(states),
        page=page,
        has_more=len(states) > begin + PER_PAGE,
        currencies=queries.list_currencies(context.session, company_id=company, month=month_of(today)),
        cap=queries.find_cap(context.session, company_id=company),
        credentials=known,
        live_of_company=count_live(context.session, company_id=company),
        live=count_live_by_credential(context.session, [one.id for one in known], company_id=company),
        last_day=last_day_of(today),
        terms=TERMS,
        bar=_bar,
        money=Money,
    )


def _bar(figure: Figure) -> tuple[float, float]:
    """The width of what is spent, and of what is to come beside it."""
    scale = WIDTH / max(figure.limit_minor, figure.sum_minor, 1)
    return round(max(figure.spent_minor, 0) * scale, 1), round(max(figure.to_come_minor, 0) * scale, 1)


def _state(budget_id: int) -> BudgetState:
    return service.state_of_one(service_context(), budget_id, company_id=company_id())


def _to_list() -> Response:
    return redirect(url_for(".index"), code=303)
