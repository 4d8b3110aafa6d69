"""How many desktops of a pool are needed, and how many it may have."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select

from webapp.domain.costs.budgets import Subject, how_many_fit
from webapp.domain.costs.spans import day_of
from webapp.domain.pools import LOOKS_BACK, MAKING_TIME, STANDING, Demand, PoolState
from webapp.domain.roles import ApplicationStatus
from webapp.engine.context import Engine
from webapp.engine.pools import rows
from webapp.engine.run import Run
from webapp.models import Application, Company, JobPosting, PoolDesktop, Profile, WarmPool, Workspace
from webapp.models.application import LIVE_DESKTOP
from webapp.models.budget import key_of
from webapp.queries.budgets import find_budgets, read_spending

AHEAD = 2 * MAKING_TIME
"""Who begins sooner should find a desktop that is ready: it is made by then, also if the first one fails."""
EXPECTED_FOR = timedelta(days=1)


def demand_of(engine: Engine, pool: WarmPool) -> Demand:
    """By the contracts that begin soon, and the orders of its bundle lately."""
    now = engine.clock.now()
    ordered = select(Workspace.created_at).where(
        Workspace.company_id == pool.company_id,
        Workspace.credential_id == pool.credential_id,
        Workspace.bundle_id == pool.bundle_id,
        Workspace.created_at > now - LOOKS_BACK,
    )
    with engine.sessions.begin() as session:
        coming = session.scalar(_coming(pool, now)) or 0
        return Demand(coming, arrivals(session.scalars(ordered).all(), now))


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
            or_(Application.ends_at.is_(None), Application.ends_at > now),
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


def affordable(run: Run, pool: WarmPool, desktops: list[PoolDesktop]) -> int | None:
    """How many its budget pays for and the caps of account and company leave room for; None: any number.

    Live desktops come first: an order that finds no room for itself is worse than an empty pool.
    """
    found: list[int] = []
    if pool.budget_minor is not None and pool.month_price_minor:
        found.append(pool.budget_minor // pool.month_price_minor)
    standing = sum(one.pool_id == pool.id and one.state in STANDING for one in desktops)
    if (room := _room_in_budgets(run, pool)) is not None:
        found.append(standing + room)
    others = sum(one.pool_id != pool.id and one.state is not PoolState.ENDING for one in desktops)
    if (cap := run.credential.most_desktops) is not None:
        found.append(cap - rows.count_live(run, of_account=True) - others)
    if (cap := _cap_of_company(run)) is not None:
        found.append(cap - rows.count_live(run, of_account=False) - others)
    return max(min(found), 0) if found else None


def _room_in_budgets(run: Run, pool: WarmPool) -> int | None:
    """How many more the company's budget pays for; None: there is none, or the price is not known."""
    if not pool.month_price_minor or pool.price_currency is None:
        return None
    company, now = {"company_id": pool.company_id}, run.engine.clock.now()
    with run.engine.sessions.begin() as session:
        budgets = find_budgets(
            session, keys=[key_of(Subject.COMPANY)], currency=pool.price_currency, **company
        )
        strict = [one for one in budgets if not one.is_lifted(now)]
        spending = read_spending(session, strict, day=day_of(now), **company)
        left = [
            how_many_fit(
                one.limits,
                spending[one.id],
                day_of(now),
                month_price_minor=pool.month_price_minor,
                at_most=pool.ceiling,
            )
            for one in strict
        ]
    return min(left, default=None)


def _cap_of_company(run: Run) -> int | None:
    """The lower of its own and the operator's."""
    caps = select(Company.most_desktops, Company.quota_desktops).where(
        Company.id == run.credential.company_id
    )
    with run.engine.sessions.begin() as session:
        return min((cap for cap in session.execute(caps).one() if cap is not None), default=None)
