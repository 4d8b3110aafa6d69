"""Making desktops for a pool, as an order is made: look, commit the intent, send once, record.

The look is that of the same round: an intent that it has found is being made already, and one that it has
not found is sent again under the same claim, which gives the same machine.
"""

import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

from webapp.clouds.base import Created, Order
from webapp.clouds.spares import MakesSpares
from webapp.domain.absence import NONE
from webapp.domain.decisions import spares
from webapp.domain.decisions.spares import Fate
from webapp.domain.errors import Failure
from webapp.domain.pools import PoolState
from webapp.engine.creating import SEED_BYTES
from webapp.engine.leases import SEND_BUDGET_S
from webapp.engine.pools import rows
from webapp.engine.rows import hold_lease, write_detached, write_versioned
from webapp.engine.run import Run
from webapp.models import PoolDesktop, WarmPool
from webapp.providers.registry import get_provider


def make(run: Run, maker: MakesSpares, pool: WarmPool, intents: Sequence[PoolDesktop], *, new: int) -> None:
    """Send these intents again, and so many new ones; a batch of them at most. Raises CloudError, LeaseLost.

    What was not sent, or had no answer, stays an intent for the next round.
    """
    size, now = run.driver.batch_size, run.engine.clock.now()
    again = [one for one in intents if now - one.issued_at >= run.engine.poll][:size]
    run.lease.confirm()
    batch, sent_before = _commit_intents(run, maker, pool, again, new=min(new, size - len(again)))
    run.engine.crashpoint("pool_intent")
    if not batch or run.lease.age_s > SEND_BUDGET_S:
        return
    created = maker.make_spares([_order(run, one) for one in batch])
    run.engine.crashpoint("pool_made")
    for desktop in batch:
        _record(run, desktop, created, was_sent=desktop.id in sent_before)
    run.engine.crashpoint("pool_recorded")
    if created.stopped_by is not None:
        raise created.stopped_by


def _commit_intents(
    run: Run, maker: MakesSpares, pool: WarmPool, again: Sequence[PoolDesktop], *, new: int
) -> tuple[list[PoolDesktop], set[int]]:
    """The rows that may be sent now, and which of them may have been sent before."""
    fresh = {"issued_at": run.engine.clock.now()} | spares.absence_columns(NONE)
    made = [_new_row(run, maker, pool) for _ in range(new)]
    with run.engine.sessions.begin() as session:
        hold_lease(session, run.lease)
        taken = [one for one in again if write_versioned(session, one, fresh)]
        session.add_all(made)
        session.flush()
        session.expunge_all()
    return [*taken, *made], {one.id for one in taken}


def _new_row(run: Run, maker: MakesSpares, pool: WarmPool) -> PoolDesktop:
    uid, now = uuid.uuid4().hex, run.engine.clock.now()
    return PoolDesktop(
        uid=uid,
        pool_id=pool.id,
        company_id=pool.company_id,
        credential_id=pool.credential_id,
        account_id=run.credential.account_id or "",
        bundle_id=pool.bundle_id,
        cloud_workspace_id=maker.machine_id_of(rows.claim_of(run, uid)),
        image=maker.made_of[:200],
        state=PoolState.INTENT,
        issued_at=now,
        password_seed=secrets.token_hex(SEED_BYTES),
        absent_count=0,
        is_surplus=False,
        created_at=now,
        version=1,
    )


def _order(run: Run, desktop: PoolDesktop) -> Order:
    return Order(
        claim=rows.claim_of(run, desktop.uid),
        username="",
        bundle_id=desktop.bundle_id,
        running_mode=get_provider(run.credential.cloud_provider).desktops.running_mode,
        password_seed=desktop.password_seed,
        labels={"berth-pool-desktop": str(desktop.id)},
    )


def _record(run: Run, desktop: PoolDesktop, created: Created, *, was_sent: bool) -> None:
    """Without a word about it, its outcome is unknown: it stays an intent."""
    claim, now = rows.claim_of(run, desktop.uid), run.engine.clock.now()
    if claim in created.accepted:
        write_detached(run, desktop, {"state": PoolState.MAKING})
    elif (failure := created.refused.get(claim)) is not None:
        rows.write_fate(run, desktop, _refused(failure, run, was_sent=was_sent))
    elif claim in created.unsent and created.retry_after_s:
        write_detached(run, desktop, {"issued_at": now + timedelta(seconds=created.retry_after_s)})


def _refused(failure: Failure, run: Run, *, was_sent: bool) -> Fate:
    """Nothing was made by this call; by an earlier one that had no answer perhaps, so that is ended.

    What a missing permission refuses is no failure of the pool: it is the account's, and is shown there.
    """
    now = run.engine.clock.now()
    fate = spares.failed(failure, now)
    if not was_sent:
        fate = Fate(fate.columns | {"state": PoolState.GONE, "ended_at": now}, failure)
    return Fate(fate.columns) if failure.holds_only_orders else fate
