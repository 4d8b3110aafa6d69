"""Telling people how far budgets are used up, in the transaction that adds a month up."""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.domain.costs.budgets import Figure, figures_of
from webapp.domain.costs.spans import day_of
from webapp.domain.webhooks import BUDGET_REACHED, BUDGET_WARNING
from webapp.models.budget_notice import tell
from webapp.queries.budgets import list_budgets, read_spending


def watch_budgets(session: Session, company_id: int, *, now: datetime) -> None:
    """A message of each kind at most once a month and budget; none stops anything."""
    budgets, day = list_budgets(session, company_id=company_id), day_of(now)
    spending = read_spending(session, budgets, company_id=company_id, day=day)
    for budget in budgets:
        for figure in figures_of(budget.limits, spending[budget.id], day):
            kind = _kind_of(figure)
            if kind is not None:
                tell(session, kind, budget, figure, at=now)


def _kind_of(figure: Figure) -> str | None:
    if figure.is_used_up:
        return BUDGET_REACHED
    return BUDGET_WARNING if figure.is_worth_a_warning else None
