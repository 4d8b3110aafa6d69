"""Budgets and caps of a company: made, changed, lifted for a time, and how far each is used up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.domain.actor import Actor
from webapp.domain.costs.budgets import Figure, Limits, Spending, Subject, figures_of
from webapp.domain.costs.money import is_currency
from webapp.domain.costs.spans import day_of, month_of
from webapp.domain.errors import AppError, Conflict, Invalid, PreconditionFailed
from webapp.domain.plain_text import plain
from webapp.models import Budget, Company
from webapp.models.budget import REASON_LENGTH, key_of
from webapp.queries import budgets as queries
from webapp.queries import credentials
from webapp.queries.cohorts import get_cohort
from webapp.queries.job_postings import get_posting
from webapp.services.context import ServiceContext

LARGEST_AMOUNT = 10**15
"""In minor units: sums of many stay far from what a database can hold."""
LARGEST_CAP = 1_000_000
LONGEST_LIFT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class BudgetState:
    """How far a budget is used up."""

    budget: Budget
    name: str | None
    """Of its job or group; None for the company's."""
    figures: tuple[Figure, ...]
    spending: Spending
    is_lifted: bool


@dataclass(frozen=True, slots=True)
class BudgetRequest:
    """What a person fills in."""

    subject: Subject
    subject_id: int | None
    currency: str
    limits: Limits


def state_of(context: ServiceContext, *, company_id: int) -> list[BudgetState]:
    """All budgets of the company; a constant number of queries."""
    return _states(context, queries.list_budgets(context.session, company_id=company_id), company_id)


def list_urgent_first(context: ServiceContext, *, company_id: int) -> list[BudgetState]:
    """The company's own; then what is used up and not lifted, what nearly is, and the others."""
    return sorted(state_of(context, company_id=company_id), key=_urgency)


def _urgency(state: BudgetState) -> tuple[bool, int]:
    if state.is_lifted:
        rank = 2
    elif any(one.is_used_up for one in state.figures):
        rank = 0
    else:
        rank = 1 if any(one.is_worth_a_warning for one in state.figures) else 2
    return state.budget.subject is not Subject.COMPANY, rank


def state_of_one(context: ServiceContext, budget_id: int, *, company_id: int) -> BudgetState:
    """Raises NotFound."""
    return _states(
        context, [queries.get_budget(context.session, budget_id, company_id=company_id)], company_id
    )[0]


def add_budget(context: ServiceContext, request: BudgetRequest, *, company_id: int) -> Budget:
    """Raises Invalid, Conflict (`budget_exists`)."""
    now = context.clock.now()
    try:
        _check_limits(request.limits)
        budget = Budget(
            company_id=company_id,
            subject=request.subject,
            **_subject_columns(context, request, company_id),
            currency=_checked_currency(request.currency),
            month_minor=request.limits.month_minor,
            total_minor=request.limits.total_minor,
            created_at=now,
            updated_at=now,
            version=1,
        )
        context.session.add(budget)
        context.session.commit()
    except IntegrityError:
        context.session.rollback()
        raise Conflict(
            "There is a budget for this in this currency already. Change that one.",
            code="budget_exists",
            field="subject",
        ) from None
    except AppError:
        context.session.rollback()
        raise
    return budget


def change_budget(
    context: ServiceContext, budget_id: int, limits: Limits, *, company_id: int, version: int | None = None
) -> Budget:
    """Other limits; webhooks report again how far those are used up. Raises NotFound, Invalid,
    PreconditionFailed."""
    _check_limits(limits)
    budget = _loaded(context, budget_id, company_id, version)
    if budget.limits != limits:
        budget.month_minor, budget.total_minor = limits.month_minor, limits.total_minor
        budget.warned_month = budget.reached_month = None
        _touch(context, budget)
    context.session.commit()
    return budget


def lift_budget(
    context: ServiceContext, budget_id: int, *, until: datetime, reason: str, company_id: int, actor: Actor
) -> Budget:
    """Until then orders pass, whatever they cost. Raises NotFound, Invalid."""
    reason = plain(reason)
    if not reason:
        raise Invalid("Say why, so that others know.", field="reason")
    if not timedelta(0) < until - context.clock.now() <= LONGEST_LIFT:
        raise Invalid("Choose an end in the future, at most a year from now.", field="until")
    budget = _loaded(context, budget_id, company_id, None)
    budget.lifted_until, budget.lift_reason = until, reason[:REASON_LENGTH]
    budget.lifted_by = actor.label[:160]
    _touch(context, budget)
    context.session.commit()
    return budget


def end_lift(context: ServiceContext, budget_id: int, *, company_id: int) -> Budget:
    """From now on it holds again. Raises NotFound."""
    budget = _loaded(context, budget_id, company_id, None)
    if budget.lifted_until is not None:
        budget.lifted_until = budget.lift_reason = budget.lifted_by = None
        _touch(context, budget)
    context.session.commit()
    return budget


def remove_budget(
    context: ServiceContext, budget_id: int, *, company_id: int, version: int | None = None
) -> None:
    """Raises NotFound, PreconditionFailed."""
    context.session.delete(_loaded(context, budget_id, company_id, version))
    context.session.commit()


def set_cap(
    context: ServiceContext, most_desktops: int | None, *, company_id: int, credential_id: int | None = None
) -> None:
    """At most so many live desktops, of the company or of one cloud account; None: any number. What lives
    stays. Raises NotFound, Invalid."""
    if most_desktops is not None and not 0 <= most_desktops <= LARGEST_CAP:
        raise Invalid(f"Enter a number from 0 to {LARGEST_CAP:,}.", field="most_desktops")
    if credential_id is None:
        context.session.execute(
            update(Company)
            .where(Company.id == company_id)
            .values(most_desktops=most_desktops)
            .execution_options(synchronize_session=False)
        )
    else:
        credential = credentials.lock_credential(context.session, credential_id, company_id=company_id)
        credential.most_desktops = most_desktops
    context.session.commit()


def _states(context: ServiceContext, budgets: Sequence[Budget], company_id: int) -> list[BudgetState]:
    now = context.clock.now()
    day = day_of(now)
    names = queries.names_of(context.session, budgets, company_id=company_id)
    spending = queries.read_spending(context.session, budgets, company_id=company_id, day=day)
    return [
        BudgetState(
            one,
            names.get(one.key),
            figures_of(one.limits, spending[one.id], day),
            spending[one.id],
            is_lifted=one.is_lifted(now),
        )
        for one in budgets
    ]


def other_currencies(context: ServiceContext, currency: str, *, company_id: int) -> list[str]:
    """In which the company has costs this month that a budget in `currency` does not count."""
    month = month_of(day_of(context.clock.now()))
    found = queries.list_currencies(context.session, company_id=company_id, month=month)
    return [one for one in found if one != currency]


def _subject_columns(
    context: ServiceContext, request: BudgetRequest, company_id: int
) -> dict[str, str | int | None]:
    """Raises NotFound for a job or group that the company does not have, Invalid for none."""
    if (request.subject_id is None) != (request.subject is Subject.COMPANY):
        raise Invalid("Choose for what the budget is.", field="subject")
    found: dict[str, str | int | None] = {"key": key_of(request.subject, request.subject_id)}
    if request.subject is Subject.JOB:
        posting = get_posting(context.session, request.subject_id or 0, company_id=company_id)
        found["job_posting_id"] = posting.id
    elif request.subject is Subject.COHORT:
        cohort = get_cohort(context.session, request.subject_id or 0, company_id=company_id)
        found["cohort_id"] = cohort.id
    return found


def _check_limits(limits: Limits) -> None:
    """Raises Invalid."""
    if limits == Limits(None, None):
        raise Invalid("Enter a limit: for each month, for the whole, or both.", field="month_minor")
    for field, amount in (("month_minor", limits.month_minor), ("total_minor", limits.total_minor)):
        if amount is not None and not 0 < amount <= LARGEST_AMOUNT:
            raise Invalid("Enter an amount above zero that is not astronomical.", field=field)


def _checked_currency(text: str) -> str:
    currency = plain(text).upper()
    if not is_currency(currency):
        raise Invalid("Enter a currency code of three letters, such as USD.", field="currency")
    return currency


def _loaded(context: ServiceContext, budget_id: int, company_id: int, version: int | None) -> Budget:
    budget = queries.get_budget(context.session, budget_id, company_id=company_id, is_locked=True)
    if version not in (None, budget.version):
        context.session.rollback()
        raise PreconditionFailed()
    return budget


def _touch(context: ServiceContext, budget: Budget) -> None:
    budget.version += 1
    budget.updated_at = context.clock.now()
