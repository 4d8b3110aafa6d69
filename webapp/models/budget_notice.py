"""Telling people of a budget: by webhook, each kind once a month."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session

from webapp.database import changed_rows
from webapp.domain.costs.budgets import Figure
from webapp.domain.costs.spans import day_of, month_of
from webapp.domain.webhooks import BUDGET_REACHED, BUDGET_WARNING
from webapp.models.budget import Budget
from webapp.models.webhook import write_notice

_SENT: dict[str, InstrumentedAttribute[Any]] = {
    BUDGET_WARNING: Budget.warned_month,
    BUDGET_REACHED: Budget.reached_month,
}


def tell(
    session: Session | scoped_session[Session], kind: str, budget: Budget, figure: Figure, *, at: datetime
) -> bool:
    """Write the message in this transaction, unless there is one of this month. False: there is."""
    month, sent = month_of(day_of(at)), _SENT[kind]
    done = session.execute(
        update(Budget)
        .where(Budget.id == budget.id, or_(sent.is_(None), sent < month))
        .values({sent.key: month})
        .execution_options(synchronize_session=False)
    )
    if changed_rows(done) != 1:
        return False
    write_notice(session, kind, _facts(budget, figure), company_id=budget.company_id, at=at)
    return True


def _facts(budget: Budget, figure: Figure) -> dict[str, Any]:
    return {
        "budget_id": budget.id,
        "subject": budget.subject.value,
        "job_posting_id": budget.job_posting_id,
        "cohort_id": budget.cohort_id,
        "term": figure.term.value,
        "currency": budget.currency,
        "limit_minor": figure.limit_minor,
        "spent_minor": figure.spent_minor,
        "still_to_come_minor": figure.to_come_minor,
        "href": f"/api/workspaces/budgets/{budget.id}/",
    }
