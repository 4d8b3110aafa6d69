"""Budgets: list, add, read, change, remove, lift."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import check_if_match, conditional, readable, tagged
from webapp.api.paging import Key, Page, answer, cut
from webapp.api.schemas.budget import BudgetChange, BudgetDetails, BudgetLift, BudgetList, NewBudget
from webapp.api.schemas.fields import PageQuery
from webapp.api.showing import members
from webapp.domain.costs.budgets import Figure, Limits, Subject
from webapp.domain.errors import Invalid
from webapp.domain.permissions import Permission
from webapp.identity import actor, company_id, service_context
from webapp.services import budgets as service
from webapp.services.budgets import BudgetRequest, BudgetState

TAG = ["budgets"]
ONE = "/budgets/<int:budget_id>/"


@bp.route("/budgets/", methods=["GET"], tags=TAG)
@allows(Permission.READ_COSTS)
@refuses(s422="invalid")
@bp.arguments(PageQuery, location="query", unknown=RAISE)
@bp.response(200, BudgetList)
def list_budgets(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's budgets with what is spent and still to come."""
    page = Page(**query)
    found = service.state_of(service_context(), company_id=company_id())
    rows = cut(found, page=page, key=_key, shape=(int,))
    return answer("budgets", rows, count=len(found), page=page, key=_key, show=_show)


@bp.route("/budgets/", methods=["POST"], tags=TAG)
@allows(Permission.SET_BUDGETS)
@refuses(s404="not_found", s409="budget_exists", s422="invalid")
@bp.arguments(NewBudget)
@bp.response(201, BudgetDetails)
@tagged(BudgetDetails)
def create_budget(given: dict[str, Any]) -> ResponseReturnValue:
    """Add a budget for the company, a job or a cohort."""
    made = service.add_budget(service_context(), _request(given), company_id=company_id())
    return _load(made.id), 201, {"Location": url_for("api.get_budget", budget_id=made.id)}


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_COSTS)
@refuses(s404="not_found")
@readable
@bp.response(200, BudgetDetails)
@tagged(BudgetDetails)
def get_budget(budget_id: int) -> dict[str, Any]:
    """Get a budget."""
    return _load(budget_id)


@bp.route(ONE, methods=["PUT"], tags=TAG)
@allows(Permission.SET_BUDGETS)
@refuses(s404="not_found", s412="precondition_failed", s422="invalid")
@conditional
@bp.arguments(BudgetChange)
@bp.response(200, BudgetDetails)
@tagged(BudgetDetails)
def change_budget(given: dict[str, Any], budget_id: int) -> dict[str, Any]:
    """Replace the limits of a budget."""
    version = check_if_match(BudgetDetails, _load(budget_id))
    limits = Limits(given["month_minor"], given["total_minor"])
    service.change_budget(service_context(), budget_id, limits, company_id=company_id(), version=version)
    return _load(budget_id)


@bp.route(ONE, methods=["DELETE"], tags=TAG)
@allows(Permission.SET_BUDGETS)
@refuses(s404="not_found", s412="precondition_failed")
@conditional
@bp.response(204)
def delete_budget(budget_id: int) -> ResponseReturnValue:
    """Remove a budget: orders are no longer held to it."""
    version = check_if_match(BudgetDetails, _load(budget_id))
    service.remove_budget(service_context(), budget_id, company_id=company_id(), version=version)
    return "", 204


@bp.route(f"{ONE}lift/", methods=["POST"], tags=TAG)
@allows(Permission.SET_BUDGETS)
@refuses(s404="not_found", s422="invalid")
@bp.arguments(BudgetLift)
@bp.response(200, BudgetDetails)
@tagged(BudgetDetails)
def lift_budget(given: dict[str, Any], budget_id: int) -> dict[str, Any]:
    """Let orders pass the budget until a time, for a reason that the page shows."""
    service.lift_budget(service_context(), budget_id, **given, company_id=company_id(), actor=actor())
    return _load(budget_id)


def _request(given: dict[str, Any]) -> BudgetRequest:
    """Exactly the id that the subject has. Raises Invalid."""
    subject = Subject(given["subject"])
    ids = {Subject.JOB: given["job_posting_id"], Subject.COHORT: given["cohort_id"]}
    subject_id = ids.pop(subject, None)
    if any(one is not None for one in ids.values()):
        raise Invalid("Send only the id of the budget's subject.", field="subject")
    return BudgetRequest(
        subject, subject_id, given["currency"], Limits(given["month_minor"], given["total_minor"])
    )


def _load(budget_id: int) -> dict[str, Any]:
    return _show(service.state_of_one(service_context(), budget_id, company_id=company_id()))


def _key(state: BudgetState) -> Key:
    return (state.budget.id,)


def _show(state: BudgetState) -> dict[str, Any]:
    return members(
        BudgetDetails,
        state.budget,
        subject=state.budget.subject.value,
        figures=[_figure(one) for one in state.figures],
        unpriced_workspaces=state.spending.unpriced_desktops,
        foreign_workspaces=state.spending.foreign_desktops,
        is_lifted=state.is_lifted,
    )


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "term": figure.term.value,
        "limit_minor": figure.limit_minor,
        "spent_minor": figure.spent_minor,
        "still_to_come_minor": figure.to_come_minor,
    }
