"""Budgets and what counts against them, inside their company: a constant number of queries for any number."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.costs.budgets import Spending, Subject, has_charged_fees, higher
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import month_of, starts_at
from webapp.domain.errors import NotFound
from webapp.domain.pools import OURS
from webapp.models import (
    Budget,
    Cohort,
    CohortRow,
    Company,
    CostMonth,
    CostSum,
    JobPosting,
    LiveSum,
    PoolDesktop,
    WarmPool,
    Workspace,
)
from webapp.models.budget import key_of
from webapp.models.workspace import IS_LIVE

AnySession = Session | scoped_session[Session]
AnySelect = Select[*tuple[Any, ...]]
_KEY = String(32)


def list_budgets(session: AnySession, *, company_id: int) -> Sequence[Budget]:
    """In the order in which they were made."""
    return session.scalars(select(Budget).where(Budget.company_id == company_id).order_by(Budget.id)).all()


def get_budget(session: AnySession, budget_id: int, *, company_id: int, is_locked: bool = False) -> Budget:
    """As it is now; `is_locked`: and stays, until the commit."""
    query = select(Budget).where(Budget.id == budget_id, Budget.company_id == company_id)
    budget = session.scalar(
        (query.with_for_update() if is_locked else query).execution_options(populate_existing=True)
    )
    if budget is None:
        raise NotFound("Budget not found.")
    return budget


def find_budgets(
    session: AnySession, *, company_id: int, keys: Collection[str], currency: str
) -> Sequence[Budget]:
    """Those of these subjects, as they are now."""
    return session.scalars(
        select(Budget)
        .where(Budget.company_id == company_id, Budget.key.in_(keys), Budget.currency == currency)
        .order_by(Budget.id)
        .execution_options(populate_existing=True)
    ).all()


def find_cap(session: AnySession, *, company_id: int) -> int | None:
    """The lower of the company's own and of the operator's."""
    own = select(Company.most_desktops, Company.quota_desktops).where(Company.id == company_id)
    return min((one for one in session.execute(own).one() if one is not None), default=None)


def has_budget(session: AnySession, *, company_id: int) -> bool:
    return bool(session.scalar(select(select(Budget.id).where(Budget.company_id == company_id).exists())))


def has_limits(session: AnySession, *, company_id: int) -> bool:
    """Has it a cap or a budget?"""
    has_budget = select(Budget.id).where(Budget.company_id == company_id).exists()
    limits = select(Company.most_desktops, Company.quota_desktops, has_budget)
    own, quota, has_one = session.execute(limits.where(Company.id == company_id)).one()
    return own is not None or quota is not None or bool(has_one)


def names_of(session: AnySession, budgets: Iterable[Budget], *, company_id: int) -> dict[str, str]:
    """What people call the jobs and groups, by key."""
    found: dict[str, str] = {}
    budgets = list(budgets)
    jobs = {one.job_posting_id for one in budgets if one.job_posting_id}
    if jobs:
        rows = session.execute(
            select(JobPosting.id, JobPosting.title).where(
                JobPosting.company_id == company_id, JobPosting.id.in_(jobs)
            )
        )
        found |= {key_of(Subject.JOB, row.id): row.title for row in rows}
    cohorts = {one.cohort_id for one in budgets if one.cohort_id}
    if cohorts:
        rows = session.execute(
            select(Cohort.id, Cohort.name).where(Cohort.company_id == company_id, Cohort.id.in_(cohorts))
        )
        found |= {key_of(Subject.COHORT, row.id): row.name for row in rows}
    return found


def list_currencies(session: AnySession, *, company_id: int, month: date) -> list[str]:
    """In which the company has costs in this month."""
    return list(
        session.scalars(
            select(CostSum.currency)
            .where(
                CostSum.company_id == company_id,
                CostSum.month == month,
                CostSum.dimension == Dimension.DAY,
            )
            .distinct()
            .order_by(CostSum.currency)
        )
    )


def read_spending(
    session: AnySession, budgets: Sequence[Budget], *, company_id: int, day: date, with_waiting: bool = True
) -> dict[int, Spending]:
    """By budget. `day`: the current one, of which nothing is spent yet.

    Without those that wait in warm pools it says what people's desktops leave room for: a pool yields.
    """
    found = {one.id: Spending() for one in budgets}
    if not budgets:
        return found
    by_key: dict[str, list[Budget]] = {}
    for one in budgets:
        by_key.setdefault(one.key, []).append(one)
    live, costs = _parts(budgets, company_id, day)
    if with_waiting and any(one.subject is Subject.COMPANY for one in budgets):
        live.append(_waiting(company_id))
    for row in session.execute(union_all(*live)):
        for one in by_key.get(row[0], ()):
            found[one.id] = _with_live(found[one.id], one, _Live(*row[1:]))
    for key, currency, month, estimated, billed in session.execute(union_all(*costs)):
        spent = higher(estimated_minor=int(estimated), billed_minor=int(billed))
        for one in by_key.get(key, ()):
            if one.currency == currency:
                found[one.id] = _with_month(found[one.id], spent, is_now=month == month_of(day))
    return found


class _Live(NamedTuple):
    """Live desktops with prices in one currency, or without."""

    currency: str | None
    month_prices: int | None
    charged_fees: int | None
    desktops: int


def _with_live(before: Spending, budget: Budget, live: _Live) -> Spending:
    if live.currency is None:
        return replace(before, unpriced_desktops=before.unpriced_desktops + live.desktops)
    if live.currency != budget.currency:
        return replace(before, foreign_desktops=before.foreign_desktops + live.desktops)
    return replace(
        before,
        month_prices_minor=before.month_prices_minor + int(live.month_prices or 0),
        charged_fees_minor=before.charged_fees_minor + int(live.charged_fees or 0),
    )


def _with_month(before: Spending, spent_minor: int, *, is_now: bool) -> Spending:
    if is_now:
        return replace(before, spent_minor=before.spent_minor + spent_minor)
    return replace(before, spent_before_minor=before.spent_before_minor + spent_minor)


def _parts(budgets: Sequence[Budget], company_id: int, day: date) -> tuple[list[AnySelect], list[AnySelect]]:
    """For each kind of subject: the live desktops by price, and the costs by month."""
    ids: dict[Subject, set[int]] = {}
    for one in budgets:
        ids.setdefault(one.subject, set()).add(one.subject_id or 0)
    has_total = any(one.total_minor is not None for one in budgets)
    months = CostMonth.month <= month_of(day) if has_total else CostMonth.month == month_of(day)
    currencies = CostSum.currency.in_({one.currency for one in budgets})
    sums = (CostMonth.company_id == company_id, months, currencies)
    live = []
    if kept := {one.key for one in budgets if one.subject is not Subject.COHORT}:
        live.append(_live_of(kept, company_id, day))
    if cohorts := ids.get(Subject.COHORT):
        live.append(_live_of_cohorts(cohorts, company_id, day))
    return live, [_costs_of(subject, wanted, day).where(*sums) for subject, wanted in ids.items()]


def _live_of(keys: Collection[str], company_id: int, day: date) -> AnySelect:
    """Of the company and of jobs: their sums are kept."""
    is_charged = or_(LiveSum.made_on.is_(None), LiveSum.made_on < day)
    return (
        select(
            LiveSum.key.label("of"),
            LiveSum.currency,
            func.sum(LiveSum.month_prices_minor),
            func.sum(LiveSum.month_fees_minor).filter(is_charged, literal(has_charged_fees(day))),
            func.sum(LiveSum.desktops),
        )
        .where(LiveSum.company_id == company_id, LiveSum.key.in_(keys))
        .group_by(LiveSum.key, LiveSum.currency)
    )


def _live_of_cohorts(ids: Collection[int], company_id: int, day: date) -> AnySelect:
    """Of group orders, which have a most: their rows are read."""
    is_charged = (Workspace.created_at < starts_at(day), literal(has_charged_fees(day)))
    return (
        select(
            _key(Subject.COHORT, CohortRow.cohort_id).label("of"),
            Workspace.price_currency,
            func.sum(Workspace.month_price_minor),
            func.sum(Workspace.month_fee_minor).filter(*is_charged),
            func.count(Workspace.id),
        )
        .join(CohortRow, CohortRow.workspace_id == Workspace.id)
        .where(Workspace.company_id == company_id, IS_LIVE, CohortRow.cohort_id.in_(ids))
        .group_by("of", Workspace.price_currency)
    )


def _waiting(company_id: int) -> AnySelect:
    """Desktops of warm pools, which are for no job or group: what it costs that they wait."""
    return (
        select(
            literal(key_of(Subject.COMPANY), _KEY).label("of"),
            WarmPool.price_currency,
            func.sum(WarmPool.month_price_minor),
            literal(0),
            func.count(PoolDesktop.id),
        )
        .join(PoolDesktop, PoolDesktop.pool_id == WarmPool.id)
        .where(WarmPool.company_id == company_id, PoolDesktop.state.in_(sorted(OURS)))
        .group_by(WarmPool.price_currency)
    )


def _costs_of(subject: Subject, ids: Collection[int], day: date) -> AnySelect:
    """Whole months, but of this one's days only those that are over, where days are known."""
    key: ColumnElement[Any] = literal(key_of(subject), _KEY)
    of_month = and_(CostSum.company_id == CostMonth.company_id, CostSum.month == CostMonth.month)
    query = select(CostMonth.month).join(CostSum, of_month)
    if subject is Subject.COMPANY:
        query = query.where(CostSum.dimension == Dimension.DAY, CostSum.key < day.isoformat())
    elif subject is Subject.JOB:
        key = _key(subject, CostSum.key)
        query = query.where(CostSum.dimension == Dimension.JOB, CostSum.key.in_([str(one) for one in ids]))
    else:
        key = _key(subject, CohortRow.cohort_id)
        query = query.join(CohortRow, CostSum.key == cast(CohortRow.workspace_id, String(160)))
        query = query.where(CostSum.dimension == Dimension.DESKTOP, CohortRow.cohort_id.in_(ids))
    return query.with_only_columns(
        key.label("of"),
        CostSum.currency,
        CostMonth.month,
        func.sum(CostSum.estimated_minor),
        func.sum(CostSum.billed_minor),
        maintain_column_froms=True,
    ).group_by("of", CostSum.currency, CostMonth.month)


def _key(subject: Subject, of: Any) -> ColumnElement[Any]:
    return literal(f"{subject.value}:", _KEY) + cast(of, _KEY)
