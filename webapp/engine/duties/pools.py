"""The warm pools of an account: look at what stands, end the surplus, make what is missing.

One round does each once, so a worker that dies anywhere is followed by one that looks first. Clouds that
make no desktop for nobody have no pools.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from webapp.domain import pools as rules
from webapp.domain.pools import STANDING, PoolState
from webapp.engine.duties.kinds import every
from webapp.engine.holding import why_held
from webapp.engine.pools import looking, making, rows
from webapp.engine.pools.demand import affordable, demand_of
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.models import PoolDesktop, WarmPool

WITHOUT_POOLS = timedelta(days=1)
"""How often an account without pools is asked whether it has some: who sets one makes the duty due."""
PROVEN_AFTER = timedelta(days=1)
"""A desktop that has been ready for so long shows that the pool works."""


def keep_pools(run: Run) -> Iterator[None]:
    """One round. Raises CloudError if it should be tried again."""
    if run.driver.spares is None or not (pools := rows.list_pools(run)):
        return
    yield from looking.look(run)
    pools = rows.list_pools(run)  # a person may have changed one meanwhile
    desktops = rows.list_desktops(run)
    for pool in pools:
        of_pool = [one for one in desktops if one.pool_id == pool.id]
        _shrink(run, pool, of_pool)
        _replace_stale(run, pool, of_pool)
    looking.end(run)
    looking.switch(run, pools)
    yield
    for pool in pools:
        _grow(run, pool)
        yield


def _shrink(run: Run, pool: WarmPool, desktops: Sequence[PoolDesktop]) -> None:
    """Work out what is wanted, and mark the surplus: the newest that are not ready, then the oldest."""
    now = run.engine.clock.now()
    standing = [one for one in desktops if one.state in STANDING]
    room = affordable(run, pool)
    limit = rules.most(pool.rule, room)
    wanted = rules.wanted(pool.rule, demand_of(run.engine, pool), now=now, affordable=room)
    before = None if pool.kept_at is None else rules.Kept(pool.kept, pool.kept_at)
    kept = rules.kept(before, wanted, limit=limit, now=now)
    rows.write_pool(run, pool, {"wanted": wanted, "kept": kept.count, "kept_at": kept.at})
    surplus = rules.plan(
        pool.rule,
        wanted_now=wanted,
        kept_now=kept,
        standing=len(standing),
        balance=rules.Balance(),
        now=now,
    ).end
    for desktop in _least_needed(standing)[:surplus]:
        write_detached(run, desktop, {"state": PoolState.ENDING, "is_surplus": True})


def _replace_stale(run: Run, pool: WarmPool, desktops: Sequence[PoolDesktop]) -> None:
    """End a few that are better made again, if others can be made in their place."""
    maker, now = run.driver.spares, run.engine.clock.now()
    if maker is None or _may_make(run, pool) is None:
        return
    ready = [one for one in desktops if one.state is PoolState.READY]
    stale = [
        one
        for one in ready
        if rules.is_stale(image=one.image, made_of=maker.made_of[:200], made_at=one.created_at, now=now)
    ]
    count = rules.replaced_now(
        len(stale), wanted_now=pool.wanted, standing=len(ready), moving=len(desktops) - len(ready)
    )
    for desktop in stale[:count]:
        write_detached(run, desktop, {"state": PoolState.ENDING})


def _least_needed(standing: Sequence[PoolDesktop]) -> list[PoolDesktop]:
    """Without those whose order had no answer: they are known by the next round."""
    making_ = [one for one in standing if one.state is PoolState.MAKING]
    return [*reversed(making_), *(one for one in standing if one.state is PoolState.READY)]


def _grow(run: Run, pool: WarmPool) -> None:
    """Make what is missing, if nothing speaks against it: as a person wants it by now."""
    maker = run.driver.spares
    standing = [one for one in rows.list_desktops(run, states=STANDING) if one.pool_id == pool.id]
    _forgive(run, pool, standing)
    fresh = _may_make(run, pool)
    if maker is None or fresh is None:
        return
    intents = [one for one in standing if one.state is PoolState.INTENT]
    wanted_now = _wanted_now(run, fresh)
    still_wanted = max(wanted_now - (len(standing) - len(intents)), 0)
    new = _missing(run, fresh, len(standing), wanted_now)
    making.make(run, maker, fresh, intents[:still_wanted], new=new)


def _missing(run: Run, pool: WarmPool, standing: int, wanted_now: int) -> int:
    """How many new ones the rules allow."""
    now = run.engine.clock.now()
    return rules.plan(
        pool.rule,
        wanted_now=wanted_now,
        kept_now=rules.Kept(pool.kept, pool.kept_at or now),
        standing=standing,
        balance=rows.balances_of(run).get(pool.id, rules.Balance()),
        now=now,
    ).make


def _wanted_now(run: Run, pool: WarmPool) -> int:
    """As this round has worked it out, or a person has set it since, who knows no budget and no cap."""
    return min(pool.wanted, rules.most(pool.rule, affordable(run, pool)))


def _forgive(run: Run, pool: WarmPool, standing: Sequence[PoolDesktop]) -> None:
    """One that lasts shows that those that failed before were not the pool's fault."""
    proven = run.engine.clock.now() - PROVEN_AFTER
    is_proven = any(one.ready_at is not None and one.ready_at <= proven for one in standing)
    if pool.failures and pool.stopped_code is None and is_proven:
        rows.write_pool(run, pool, {"failures": 0, "failed_at": None})


def _may_make(run: Run, pool: WarmPool) -> WarmPool | None:
    """As it is now, if something may be made for it: not while orders are held or the account has an alarm,
    because the same view of the cloud may be wrong."""
    fresh = next((one for one in rows.list_pools(run) if one.id == pool.id), None)
    if fresh is None or fresh.stopped_code is not None or _waits_until(fresh) > run.engine.clock.now():
        return None
    return None if _is_held(run) else fresh


def _is_held(run: Run) -> bool:
    credential = run.credential
    return bool(credential.blocked_code or credential.alarm_code) or why_held(run) is not None


def _waits_until(pool: WarmPool) -> datetime:
    """After a failure."""
    if pool.failed_at is None:
        return pool.created_at
    return pool.failed_at + rules.wait_after(pool.failures)


def next_due(run: Run, began_at: datetime) -> datetime:
    """Soon while something moves or may be made; else as often as a settled desktop is looked at."""
    pools = [] if run.driver.spares is None else rows.list_pools(run)
    if not pools:
        return every(WITHOUT_POOLS)(run, began_at)
    if any(one.updated_at >= began_at for one in pools):
        return began_at + run.engine.poll  # this round has perhaps not seen what a person has changed
    desktops, soon, later = rows.list_desktops(run), began_at + run.engine.poll, began_at + run.engine.rest
    if any(one.state is not PoolState.READY for one in desktops) or looking.wrongly_waiting(run, pools):
        return soon
    waits = [_waits_until(one) for one in pools if one.stopped_code is None and _lacks(run, one, desktops)]
    return later if not waits or _is_held(run) else min(max(soon, min(waits)), later)


def _lacks(run: Run, pool: WarmPool, desktops: Sequence[PoolDesktop]) -> bool:
    standing = sum(one.pool_id == pool.id and one.state in STANDING for one in desktops)
    return _missing(run, pool, standing, _wanted_now(run, pool)) > 0
