"""Giving a ready desktop of a warm pool to an order, in place of making one.

One conditional UPDATE takes the desktop and, in the same transaction, the workspace goes on under its uid:
so the claim on the machine is the workspace's from then on, and nothing at the cloud has to say it again. A
worker that dies before the commit has given nothing away, and one that dies after it leaves a row that is
looked at like any new machine: started, given to its person, checked.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.decisions import slots
from webapp.domain.duties import KEEP_POOLS
from webapp.domain.lifecycle import CloudState, Phase
from webapp.domain.pools import PoolState, takes_spare
from webapp.engine.context import Engine
from webapp.engine.rows import Stale, change_in, hold_lease
from webapp.engine.run import Run
from webapp.models import PoolDesktop, WarmPool, Workspace
from webapp.models.duty import make_due

SEEN_WITHIN = timedelta(minutes=30)
"""One that the cloud has not shown for longer may be gone."""
CAN_BE_GIVEN = (CloudState.AVAILABLE, CloudState.STOPPED, CloudState.STOPPING, CloudState.STARTING)
TRIES = 20
"""A desktop that somebody else takes at the same moment is none; the next one is tried."""


def give_spares(run: Run, batch: Sequence[Workspace]) -> list[Workspace]:
    """Those of these orders for which none is ready: they are made. Raises LeaseLost."""
    if run.driver.spares is None:
        return list(batch)
    return [row for row in batch if not _may_take(run, row) or not _give(run, row)]


def _may_take(run: Run, row: Workspace) -> bool:
    """Only an order of which no machine may exist, and that does not begin later than one could be made."""
    is_new = row.phase is Phase.REQUESTED and row.issued_at is None and not row.has_unknown_outcome
    return is_new and row.generation == 1 and takes_spare(row.starts_at, run.engine.clock.now())


def _give(run: Run, row: Workspace) -> bool:
    """True if this order needs no machine now: it has one, or somebody has changed it meanwhile."""
    engine, now = run.engine, run.engine.clock.now()
    engine.crashpoint("pool_choosing")
    try:
        with engine.sessions.begin() as session:
            # A worker that slept may find that the next one has given this order a desktop already.
            hold_lease(session, run.lease)
            taken = take(session, engine, row)
            if taken is None:
                return False
            change_in(
                session,
                engine,
                run.lease,
                row,
                *slots.given(
                    uid=taken.uid,
                    machine_id=taken.cloud_workspace_id,
                    deadline_at=now + engine.deadline_of(run.credential),
                    now=now,
                ),
            )
            _refill(session, engine, taken)
            engine.crashpoint("pool_giving")
    except Stale:
        return True  # nothing was given away
    engine.crashpoint("pool_given")
    return True


def take(session: Session, engine: Engine, row: Workspace) -> PoolDesktop | None:
    """Take the desktop that has been ready longest; None if none is. In the caller's transaction."""
    for _ in range(TRIES):
        oldest = (
            select(PoolDesktop.id)
            .where(
                PoolDesktop.credential_id == row.credential_id,
                PoolDesktop.bundle_id == row.bundle_id,
                PoolDesktop.state == PoolState.READY,
                PoolDesktop.cloud_state.in_(CAN_BE_GIVEN),
                PoolDesktop.observed_at > engine.clock.now() - SEEN_WITHIN,
            )
            .order_by(PoolDesktop.ready_at, PoolDesktop.id)
            .limit(1)
        )
        taken = session.scalars(
            update(PoolDesktop)
            .where(PoolDesktop.id == oldest.scalar_subquery(), PoolDesktop.state == PoolState.READY)
            .values(
                state=PoolState.CLAIMED,
                workspace_id=row.id,
                claimed_at=engine.clock.now(),
                version=PoolDesktop.version + 1,
            )
            .returning(PoolDesktop)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if taken is not None or session.scalar(oldest) is None:
            return taken
    return None


def _refill(session: Session, engine: Engine, taken: PoolDesktop) -> None:
    """The pool's duty is due at once; and one that was given shows that the pool works."""
    session.execute(
        update(WarmPool)
        .where(WarmPool.id == taken.pool_id, WarmPool.stopped_code.is_(None))
        .values(failures=0, failed_at=None)
    )
    make_due(session, taken.credential_id, KEEP_POOLS, now=engine.clock.now())
