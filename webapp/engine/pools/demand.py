"""How many desktops of a pool are needed, and how many it may have."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Select, func, select

from webapp.domain.costs.budgets import Limits, Spending, Subject, how_many_fit
from webapp.domain.costs.spans import day_of
from webapp.domain.pool_room import Held, count_of, room, spending_with
from webapp.domain.pools import LOOKS_BACK, MAKING_TIME, Demand, takes_spare
from webapp.domain.roles import ApplicationStatus
from webapp.engine.context import Engine
from webapp.engine.pools import rows
from webapp.engine.run import Run
from webapp.models import Application, JobPosting, Profile, WarmPool, Workspace
from webapp.models.application import LIVE_DESKTOP
from webapp.models.budget import key_of
from webapp.queries.budgets import find_budgets, find_cap, read_spending
from webapp.queries.live_sums import count_live

AHEAD = 2 * MAKING_TIME
"""Who begins sooner should find a desktop that is ready: it is made by then, also if the first one fails."""
EXPECTED_FOR = timedelta(days=1)


def demand_of(engine: Engine, pool: WarmPool) -> Demand:
    """By the contracts that begin soon, and the orders of its bundle lately that it could have served."""
    now = engine.clock.now()
    ordered = select(Workspace.created_at, Workspace.starts_at).where(
        Workspace.company_id == pool.company_id,
        Workspace.credential_id == pool.credential_id,
        Workspace.bundle_id == pool.bundle_id,
        Workspace.created_at > now - LOOKS_BACK,
    )
    with engine.sessions.begin() as session:
        coming = session.scalar(_coming(pool, now)) or 0
        hurried = [at for at, starts_at in session.execute(ordered) if takes_spare(starts_at, at)]
        return Demand(coming, arrivals(hurried, now))


def _coming(pool: WarmPool, now: datetime) -> Select[int]:
    """How many are approved, begin soon or should have, and have no desktop, by the profiles of their jobs.

    Who should have begun long ago keeps no desktop waiting.
    """
    return (
        select(func.count())
        .select_from(Application)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .join(Profile, Profile.id == JobPosting.profile_id)
        .where(
            Application.company_id == pool.company_id,
            Application.status == ApplicationStatus.APPROVED,
            Application.starts_at > now - EXPECTED_FOR,
            Application.starts_at <= now + AHEAD,
            Application.is_not_over(now),
            Application.desktop != LIVE_DESKTOP,
            Profile.credential_id == pool.credential_id,
            Profile.bundle_id == pool.bundle_id,
        )
    )


def arrivals(ordered: Sequence[datetime], now: datetime) -> list[int]:
    """How many came in each span of the making time, back from now."""
    counts = [0] * (LOOKS_BACK // MAKING_TIME)
    for at in ordered:
        span = max(now - at, timedelta(0)) // MAKING_TIME
        if span < len(counts):
            counts[span] += 1
    return counts


def affordable(run: Run, pool: WarmPool) -> int | None:
    """How many its budget pays for, and the company's budgets and all caps leave room for beside the desktops
    of people and of other pools; None: any number."""
    found: list[int] = []
    if pool.budget_minor is not None and pool.month_price_minor:
        found.append(pool.budget_minor // pool.month_price_minor)
    if ways := [*_caps(run), *_budgets(run, pool)]:
        shares = rows.list_shares(run)
        found += [room(shares, pool.id, fits) for fits in ways]
    return max(min(found), 0) if found else None


def _caps(run: Run) -> Iterator[Callable[[Held], int]]:
    """Of the account, and the lower of the company's own and the operator's."""
    account, company_id = run.credential.id, run.credential.company_id
    if (cap := run.credential.most_desktops) is not None:
        with run.engine.sessions.begin() as session:
            left = cap - count_live(session, company_id=company_id, credential_id=account)
        yield lambda held: left - count_of(held, credential_id=account)
    with run.engine.sessions.begin() as session:
        of_company = find_cap(session, company_id=company_id)
        live = count_live(session, company_id=company_id) if of_company is not None else 0
    if of_company is not None:
        left_of_company = of_company - live
        yield lambda held: left_of_company - count_of(held)


def _budgets(run: Run, pool: WarmPool) -> list[Callable[[Held], int]]:
    """Those of the company; none if the price is not known."""
    if not pool.month_price_minor or pool.price_currency is None:
        return []
    company, now = {"company_id": pool.company_id}, run.engine.clock.now()
    with run.engine.sessions.begin() as session:
        found = find_budgets(session, keys=[key_of(Subject.COMPANY)], currency=pool.price_currency, **company)
        strict = [one for one in found if not one.is_lifted(now)]
        spending = read_spending(session, strict, day=day_of(now), with_waiting=False, **company)
        return [
            partial(_fits_budget, one.limits, spending[one.id], one.currency, pool, now) for one in strict
        ]


def _fits_budget(
    limits: Limits, spending: Spending, currency: str, pool: WarmPool, now: datetime, held: Held
) -> int:
    return how_many_fit(
        limits,
        spending_with(spending, held, currency=currency),
        day_of(now),
        month_price_minor=pool.month_price_minor or 0,
        at_most=pool.ceiling,
    )
