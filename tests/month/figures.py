"""The figures of a month, on one line, and which promises they break."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import func, select

from tests.month.machines import BIN_S, HOUR, Account
from tests.month.month import Month
from tests.month.opening import BROKEN
from tests.month.people import Job
from tests.month.timeline import seconds_of
from webapp.domain.pools import MOST_FAILURES, PoolState
from webapp.models import PoolDesktop, WarmPool, Workspace

MOST_USABLE_S = 90.0
LEAST_ON_TIME = 0.995
MOST_MADE = 1.2
MOST_OF_RATE = 0.25
OF_HOURS = frozenset({"connections", "look", "start", "stop", "sign out"})
"""What hours and looks at connections cost, and every other look at a desktop with it."""
WINDOW = round(HOUR / BIN_S)
"""Calls are compared with the rate of an hour."""


@dataclass(frozen=True, slots=True)
class PoolFigures:
    made: int
    served: int
    unused: int
    standing: int

    @property
    def made_for_each(self) -> float:
        """Desktops made for each that a person got; what waits still is counted with neither."""
        return (self.made - self.standing) / self.served if self.served else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    with_pool_s: Sequence[float]
    without_pool_s: Sequence[float]
    """From the approval until the desktop could be used, of those who were hired for now, in order."""
    on_time: float
    contracts_on_time: float
    paid: float
    """Hours paid for desktops of people, for each hour needed."""
    paid_for_pools: float
    """And for those that waited."""
    auto_stop: float
    always_on: float
    waits: float
    """Under AutoStop alone, for each shift."""
    cuts: int
    pool: PoolFigures
    broken_made: int
    is_broken_stopped: bool
    of_rate: dict[str, float]
    """In the busiest hour, by cloud."""
    made_twice: int


def figures_of(month: Month) -> Figures:
    needed, paid_s = month.needed, month.clouds.paid_s()
    whole_s = max(needed.needed_s, 1.0)
    accounts = month.clouds.accounts.values()
    broken_made, is_stopped = _broken_pool(month)
    return Figures(
        with_pool_s=_usable_after(month, Job.POOLED),
        without_pool_s=_usable_after(month, Job.PLAIN),
        on_time=1 - len(month.late) / max(month.shifts, 1),
        contracts_on_time=1 - len(month.late_starts) / max(month.starts, 1),
        paid=paid_s[True] / whole_s,
        paid_for_pools=paid_s[False] / whole_s,
        auto_stop=needed.auto_stop_s / whole_s,
        always_on=needed.always_on_s / whole_s,
        waits=needed.auto_stop_waits / max(needed.shifts, 1),
        cuts=sum(one.by != "AutoStop" for one in month.clouds.cuts),
        pool=_pool(month),
        broken_made=broken_made,
        is_broken_stopped=is_stopped,
        of_rate={one.kind.key: _of_rate(one) for one in accounts},
        made_twice=sum(number > 1 for one in accounts for number in one.made.values()),
    )


def broken_promises(month: Month, found: Figures) -> Iterator[str]:
    if _percentile(found.with_pool_s, 95) > MOST_USABLE_S:
        yield f"with the pool a desktop is usable after {_percentile(found.with_pool_s, 95):.0f} s (p95)"
    if min(found.on_time, found.contracts_on_time) < LEAST_ON_TIME:
        yield f"{found.on_time:.2%} of shifts, {found.contracts_on_time:.2%} of contracts on time"
    if found.paid > month.plan.most_paid:
        yield f"{found.paid:.2f} hours are paid for each that is needed"
    if found.cuts:
        yield f"{found.cuts} people were cut off"
    if found.pool.made_for_each > MOST_MADE:
        yield f"the pool made {found.pool.made_for_each:.2f} desktops for each person"
    if not found.is_broken_stopped or not 0 < found.broken_made <= 2 * MOST_FAILURES:
        stopped = "was stopped" if found.is_broken_stopped else "went on"
        yield f"a pool that always fails made {found.broken_made} desktops, and {stopped}"
    for cloud, share in found.of_rate.items():
        if share > MOST_OF_RATE:
            yield f"hours and connections take {share:.0%} of the rate of {cloud}"
    if found.made_twice:
        yield f"{found.made_twice} desktops were made twice"


def line_of(month: Month, found: Figures) -> str:
    plan, pool = month.plan, found.pool
    rates = ", ".join(f"{cloud} {share:.1%}" for cloud, share in found.of_rate.items())
    return (
        f"{plan.people} people, {plan.days} days, seed {plan.seed}: usable after the approval"
        f" p50 {_percentile(found.with_pool_s, 50):.0f} s, p95 {_percentile(found.with_pool_s, 95):.0f} s"
        f" with the pool ({len(found.with_pool_s)}),"
        f" p50 {_percentile(found.without_pool_s, 50) / 60:.0f} min,"
        f" p95 {_percentile(found.without_pool_s, 95) / 60:.0f} min without ({len(found.without_pool_s)});"
        f" ready on time {found.on_time:.2%} of {month.shifts} shifts,"
        f" {found.contracts_on_time:.2%} of {month.starts} contracts;"
        f" paid/needed hours {found.paid:.3f} (and pools {found.paid_for_pools:.3f};"
        f" AutoStop alone {found.auto_stop:.3f} with {found.waits:.1f} waits a shift,"
        f" always on {found.always_on:.2f}) of {month.needed.needed_s / HOUR:.0f} h;"
        f" cut off {found.cuts}; pool made {pool.made}, served {pool.served}, unused {pool.unused},"
        f" {pool.made_for_each:.2f} each; failing pool stopped after {found.broken_made};"
        f" calls in the busiest hour, of the rate: {rates}; made twice {found.made_twice}"
    )


def _usable_after(month: Month, job: Job) -> list[float]:
    """Until the cloud lets them in, and Berth says so; without those of the last hour."""
    last_s, numbers = month.end_s - HOUR, {at: one for one, at in month.company.applications.items()}
    columns = (Workspace.application_id, Workspace.available_at)
    said = select(*columns).where(Workspace.available_at.is_not(None))
    with month.company.engine.sessions.begin() as session:
        said_s = {numbers[row[0]]: seconds_of(row[1]) for row in session.execute(said) if row[1] is not None}
    found = []
    for one in month.people:
        approved_s = seconds_of(one.approved_at)
        if one.job is job and one.is_hurried and approved_s < last_s:
            let_in_s = month.usable_s.get(one.number, month.end_s)
            found.append(max(let_in_s, said_s.get(one.number, month.end_s)) - approved_s)
    return sorted(found)


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[ceil(len(ordered) * percent / 100) - 1] if ordered else 0.0


def _pool(month: Month) -> PoolFigures:
    """Of the one that works."""
    counts = Counter[PoolState]()
    count = func.count(PoolDesktop.id)
    by_state = select(PoolDesktop.state, count).where(PoolDesktop.bundle_id != BROKEN)
    with month.company.engine.sessions.begin() as session:
        for state, number in session.execute(by_state.group_by(PoolDesktop.state)):
            counts[state] = number
        surplus = select(count).where(PoolDesktop.bundle_id != BROKEN, PoolDesktop.is_surplus)
        unused = session.scalar(surplus) or 0
    standing = counts[PoolState.INTENT] + counts[PoolState.MAKING] + counts[PoolState.READY]
    return PoolFigures(counts.total(), counts[PoolState.CLAIMED], unused, standing)


def _broken_pool(month: Month) -> tuple[int, bool]:
    with month.company.engine.sessions.begin() as session:
        made = session.scalar(select(func.count(PoolDesktop.id)).where(PoolDesktop.bundle_id == BROKEN))
        stopped = session.scalar(select(WarmPool.stopped_code).where(WarmPool.bundle_id == BROKEN))
    return made or 0, stopped is not None


def _of_rate(account: Account) -> float:
    """Of what the cloud allows in an hour, the busiest one from one stretch of five minutes on."""
    by_bin = Counter[int]()
    for (stretch, operation), number in account.calls.items():
        if operation in OF_HOURS:
            by_bin[stretch] += number
    busiest = max((sum(by_bin[at + one] for one in range(WINDOW)) for at in by_bin), default=0)
    return busiest / (account.kind.rate.per_s * HOUR)
