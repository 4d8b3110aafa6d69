"""The rows of an account's pools and their desktops: read detached, written under the lease."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.absence import Evidence
from webapp.domain.decisions.change import detail_of
from webapp.domain.decisions.spares import Fate, Spare
from webapp.domain.errors import Failure
from webapp.domain.observation import MachineRef
from webapp.domain.orphans import OrphanStatus
from webapp.domain.pool_room import Share
from webapp.domain.pools import LOOKS_BACK, OURS, STANDING, Balance, PoolState, is_stopped_by, target
from webapp.engine.rows import hold_lease, write_versioned
from webapp.engine.run import Run
from webapp.models import Installation, Orphan, PoolDesktop, WarmPool

# A round asks several times, and composing cost as much as the answer.
_ACCOUNT = bindparam("account")
_POOLS = select(WarmPool).where(WarmPool.credential_id == _ACCOUNT).order_by(WarmPool.id)
_DESKTOPS = (
    select(PoolDesktop)
    .where(PoolDesktop.credential_id == _ACCOUNT, PoolDesktop.state.in_(bindparam("states", expanding=True)))
    .order_by(PoolDesktop.id)
)


def list_pools(run: Run) -> list[WarmPool]:
    """Of this account, in a stable order."""
    with run.engine.sessions.begin() as session:
        found = session.scalars(_POOLS, {"account": run.credential.id}).all()
        session.expunge_all()
    return list(found)


def list_desktops(run: Run, *, states: Iterable[PoolState] = OURS) -> list[PoolDesktop]:
    """Of all pools of this account, the oldest first."""
    asked = {"account": run.credential.id, "states": sorted(states)}
    with run.engine.sessions.begin() as session:
        found = session.scalars(_DESKTOPS, asked).all()
        session.expunge_all()
    return list(found)


def list_shares(run: Run) -> list[Share]:
    """Of all pools of the company. Planned is what will be made of this account's: nothing of a pool that has
    stopped, and the floor where too many were ended unused.
    """
    balances, now = balances_of(run), run.engine.clock.now()

    def planned(pool: WarmPool) -> int:
        if pool.credential_id != run.credential.id or pool.stopped_code is not None:
            return 0
        return target(pool.rule, pool.wanted, balances.get(pool.id, Balance()), now=now)

    counts = {
        state: func.count(PoolDesktop.id).filter(PoolDesktop.state.in_(sorted(states)))
        for state, states in (("standing", STANDING), ("ending", [PoolState.ENDING]))
    }
    query = (
        select(WarmPool, counts["standing"], counts["ending"])
        .join(PoolDesktop, PoolDesktop.pool_id == WarmPool.id, isouter=True)
        .where(WarmPool.company_id == run.credential.company_id)
        .group_by(WarmPool.id)
    )
    with run.engine.sessions.begin() as session:
        return [
            Share(
                pool.id,
                pool.credential_id,
                standing,
                ending,
                planned(pool),
                pool.month_price_minor,
                pool.price_currency,
            )
            for pool, standing, ending in session.execute(query)
        ]


def claim_of(run: Run, uid: str) -> str:
    """As a workspace's; the first generation, because a pool makes each only once."""
    return f"{run.installation_uid}/{uid}/1"


def ref_of(desktop: PoolDesktop, now: datetime) -> MachineRef:
    """What our record says about it, for the driver that reads it."""
    since = desktop.cloud_state_at
    return MachineRef(
        desktop.cloud_workspace_id,
        was_usable=desktop.ready_at is not None,
        state=desktop.cloud_state,
        state_s=(now - since).total_seconds() if since else 0.0,
    )


def spare_of(desktop: PoolDesktop) -> Spare:
    evidence = Evidence(desktop.absent_count, desktop.absent_first_at, desktop.absent_last_at)
    return Spare(desktop.state, desktop.issued_at, desktop.cloud_state, evidence, desktop.drained_at)


def is_kept(run: Run, desktop: PoolDesktop) -> bool:
    """Did a person choose to leave it as it is, or is it older than the backup that was restored?"""
    ignored = select(Orphan.id).where(
        Orphan.company_id == desktop.company_id,
        Orphan.account_id == desktop.account_id,
        Orphan.cloud_workspace_id == desktop.cloud_workspace_id,
        Orphan.status == OrphanStatus.IGNORED,
    )
    with run.engine.sessions.begin() as session:
        restored_at = session.scalar(select(Installation.restored_at))
        is_older = restored_at is not None and desktop.created_at <= restored_at
        return is_older or session.scalar(ignored) is not None


def write_fate(run: Run, desktop: PoolDesktop, fate: Fate) -> bool:
    """The same, with what it says about its pool: a failure, or that one was made. Raises LeaseLost."""
    is_made = desktop.ready_at is None and fate.columns.get("state") is PoolState.READY
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        is_written = write_versioned(session, desktop, fate.columns)
        if is_written and fate.failure is not None:
            _count_failure(session, desktop, fate.failure, fate.columns["error_at"])
        elif is_written and is_made:
            _forgive(session, desktop.pool_id)
    return is_written


def write_pool(run: Run, pool: WarmPool, columns: dict[str, Any]) -> None:
    """What its duty remembers: a person's columns are never among it. Raises LeaseLost."""
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        session.execute(
            update(WarmPool)
            .where(WarmPool.id == pool.id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )
    for name, value in columns.items():
        setattr(pool, name, value)


def _count_failure(session: Session, desktop: PoolDesktop, failure: Failure, now: datetime) -> None:
    """With the last one that is allowed the pool stops, for the reason of that one.

    What was ordered before the newest failure says nothing new: all of one round are one failure.
    """
    pool = session.scalars(select(WarmPool).where(WarmPool.id == desktop.pool_id).with_for_update()).one()
    if pool.failed_at is not None and desktop.issued_at <= pool.failed_at:
        return
    pool.failures += 1
    pool.failed_at = now
    if is_stopped_by(pool.failures) and pool.stopped_code is None:
        pool.stopped_code, pool.stopped_at = failure.code, now
        pool.stopped_detail = detail_of(failure)


def _forgive(session: Session, pool_id: int) -> None:
    """One that was made shows that making works: not if what failed had been ready before."""
    failed_later = select(PoolDesktop.id).where(
        PoolDesktop.pool_id == pool_id,
        PoolDesktop.ready_at.is_not(None),
        PoolDesktop.error_at >= WarmPool.failed_at,
    )
    session.execute(
        update(WarmPool)
        .where(WarmPool.id == pool_id, WarmPool.stopped_code.is_(None), ~failed_later.exists())
        .values(failures=0, failed_at=None)
        .execution_options(synchronize_session=False)
    )


def balances_of(run: Run) -> dict[int, Balance]:
    """What became of the desktops of each pool of this account lately."""
    since = run.engine.clock.now() - LOOKS_BACK
    served = func.count().filter(PoolDesktop.claimed_at >= since)
    unused = func.count().filter(PoolDesktop.is_surplus.is_(True), PoolDesktop.created_at >= since)
    of_account = PoolDesktop.credential_id == run.credential.id
    query = select(PoolDesktop.pool_id, served, unused).where(of_account).group_by(PoolDesktop.pool_id)
    with run.engine.sessions.begin() as session:
        return {pool_id: Balance(*counts) for pool_id, *counts in session.execute(query)}
