"""How many desktops of a pool are needed, and how many it may have."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.domain.pools import LOOKS_BACK, MAKING_TIME, Demand, PoolState
from webapp.engine.pools import rows
from webapp.engine.run import Run
from webapp.models import Company, PoolDesktop, WarmPool, Workspace


def demand_of(run: Run, pool: WarmPool) -> Demand:
    """By the orders of its bundle lately."""
    now = run.engine.clock.now()
    ordered = select(Workspace.created_at).where(
        Workspace.company_id == pool.company_id,
        Workspace.credential_id == pool.credential_id,
        Workspace.bundle_id == pool.bundle_id,
        Workspace.created_at > now - LOOKS_BACK,
    )
    with run.engine.sessions.begin() as session:
        return Demand(arrivals=arrivals(session.scalars(ordered).all(), now))


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
    others = sum(one.pool_id != pool.id and one.state is not PoolState.ENDING for one in desktops)
    if (cap := run.credential.most_desktops) is not None:
        found.append(cap - rows.count_live(run, of_account=True) - others)
    if (cap := _cap_of_company(run)) is not None:
        found.append(cap - rows.count_live(run, of_account=False) - others)
    return max(min(found), 0) if found else None


def _cap_of_company(run: Run) -> int | None:
    """The lower of its own and the operator's."""
    caps = select(Company.most_desktops, Company.quota_desktops).where(
        Company.id == run.credential.company_id
    )
    with run.engine.sessions.begin() as session:
        return min((cap for cap in session.execute(caps).one() if cap is not None), default=None)
