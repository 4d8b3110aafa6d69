"""Attacks with a figure to hold: each takes a world, strikes so often, waits until it is quiet, and counts.

What comes back is a mapping for one printed line; `violations` must be empty.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import redis

from tests.crash.harness import invariants, records
from tests.crash.harness.company import Company
from tests.crash.harness.faults import lay_weather, lowest_tokens
from tests.crash.harness.points import Blow
from tests.crash.harness.processes import children
from tests.crash.harness.quiet import make_quiet, weather_out
from tests.crash.harness.resumption import percentile, resumptions
from tests.crash.harness.world import World
from webapp.domain.lifecycle import Action, Phase

Figures = dict[str, Any]
CREATING_POINTS = ("found", "intent", "created", "looked")
RECOVERS_WITHIN_S = 30.0
TICK_S = 15.0
"""What may pass beside the lease: the sweep, and the start of processes on a busy machine."""
UNMEASURED_SPEED = 10.0
"""Of the clock, where a campaign only prepares or tidies up."""
SKEW_S = 600.0


@dataclass(frozen=True, slots=True)
class Campaign:
    """`run(world, **counts)`, in a world made with these options."""

    run: Callable[..., Figures]
    counts: tuple[str, ...]
    database: str = "sqlite"
    world: dict[str, Any] = field(default_factory=dict)


def recovery(world: World, *, orders: int = 100, accounts: int = 4) -> Figures:
    """Kill every worker in the middle of the orders; how long until each account that one of them held is
    reconciled again. Others have nothing due at that moment.
    """
    company = Company(world)
    world.clock.set(speed=UNMEASURED_SPEED)
    credential_ids = company.add_mixed_credentials(accounts)
    world.clock.set(speed=world.speed)
    company.order_many(credential_ids, orders)
    world.live_until(lambda: len(invariants.journal(world)) >= orders // 10, what="the first desktops")
    while not (held := _kill_all_at_work(world)):
        pass  # each had just given its lease back: those who take their places are killed
    made, killed_s = len(invariants.journal(world)), world.now_s()
    before = records.leases(world.database)

    def is_resumed() -> bool:
        fresh = {one.credential_id for one in records.leases(world.database)[len(before) :] if one.until_s}
        return fresh >= held

    world.live_until(is_resumed, what="work on every account that a dead worker held")
    resumed_s, lease_s = world.now_s() - killed_s, world.settings.lease_s
    world.clock.set(speed=UNMEASURED_SPEED)
    figures = _figures(
        world, company, made_before=made, held=len(held), resumed_s=round(resumed_s, 1), lease_s=lease_s
    )
    if resumed_s > lease_s + TICK_S:
        figures["violations"].append(f"{resumed_s:.0f} s until work went on")
    return figures


def _kill_all_at_work(world: World) -> set[int]:
    """Once somebody holds a lease, kill every worker; the accounts with work that a dead one held."""

    def held() -> set[int]:
        last = {one.credential_id: one.until_s for one in records.leases(world.database)}
        now = world.clock.now()
        due = {row.credential_id for row in world.rows() if row.due_at and row.due_at <= now}
        return {credential_id for credential_id in due if last.get(credential_id)}

    world.live_until(lambda: bool(held()), what="a lease that somebody holds")
    for name in world.workers.names:
        world.workers.kill(name, Blow.BOTH)
    return held()


def kills(world: World, *, kills: int = 200, creations: int = 500, accounts: int = 5) -> Figures:
    """Kill -9 parents, horses or both, at named points and at random moments, during so many creations."""
    rng = random.Random(kills)
    company = Company(world)
    credential_ids = company.add_mixed_credentials(accounts)
    deaths_s: list[float] = []
    counts: Counter[str] = Counter()
    for number in range(kills):
        ordered = creations * (number + 1) // kills - creations * number // kills
        company.order_many(rng.sample(credential_ids, len(credential_ids)), ordered)
        blow = rng.choice([Blow.HORSE, Blow.PARENT, Blow.BOTH])
        if rng.random() < 0.5:
            deaths_s.append(world.wait_taken(world.lay(rng.choice(CREATING_POINTS), blow)).at_s)
        else:
            deaths_s.append(_kill_at_work(world, blow, after_s=rng.uniform(0, 0.15)))
        counts[blow.value] += 1
    figures = _figures(world, company, kills=sum(counts.values()), **counts)
    waits = resumptions(world, deaths_s)
    return figures | {
        "resumed": len(waits),
        "resumed_p50_s": round(percentile(waits, 0.5), 1),
        "resumed_p99_s": round(percentile(waits, 0.99), 1),
        "resumed_max_s": round(max(waits, default=0), 1),
        "lease_s": world.settings.lease_s,
    }


def _kill_at_work(world: World, blow: Blow, *, after_s: float) -> float:
    """Wait for a worker in a job, and a moment more; kill. When it died, on the world's clock."""
    while True:
        busy: list[str] = []

        def is_found(busy: list[str] = busy) -> bool:
            workers = world.workers
            busy += [name for name in workers.reconcilers() if children(workers.pid(name))]
            return bool(busy)

        world.live_until(is_found, what="a worker in a job")
        time.sleep(after_s)
        at_s = world.now_s()
        if world.workers.kill(busy[0], blow):
            return at_s


def wipes(world: World, *, wipes: int = 20, orders: int = 40, accounts: int = 2) -> Figures:
    """FLUSHALL, stop, or kill of the queue server, each in the middle of work; real seconds to recover.

    The clock must run at the real pace, since the queue server's clients wait in real seconds.
    """
    rng = random.Random(wipes)
    company = Company(world)
    credential_ids = company.add_mixed_credentials(accounts)
    recoveries_s = []
    for number in range(wipes):
        company.order_many(credential_ids, orders * (number + 1) // wipes - orders * number // wipes)
        _disturb_queue(world, rng)
        back_at = time.monotonic()
        due = {row.id: row.version for row in world.rows() if row.due_at and row.due_at <= world.clock.now()}

        def is_recovered(due: dict[int, int] = due) -> bool:
            return all(due.get(row.id) != row.version for row in world.rows())

        world.live_until(is_recovered, what="the rows that were due")
        recoveries_s.append(time.monotonic() - back_at)
        world.live(rng.choice([10, 45, 200]))
    slowest_s = max(recoveries_s)
    figures = _figures(
        world,
        company,
        wipes=wipes,
        slowest_s=round(slowest_s, 1),
        p50_s=round(percentile(recoveries_s, 0.5), 1),
    )
    # The same orders without a wipe end in one ready desktop each: so must these.
    if figures["ready"] != figures["machines"] or figures["ready"] != orders:
        figures["violations"].append("the end is not that of a run without wipes")
    if slowest_s > RECOVERS_WITHIN_S:
        figures["violations"].append(f"{slowest_s:.0f} s until every due row was reconciled")
    return figures


def _disturb_queue(world: World, rng: random.Random) -> None:
    """At a moment at which something is due or under way."""
    world.live_until(
        lambda: any(row.due_at and row.due_at <= world.clock.now() for row in world.rows()), what="due rows"
    )
    match rng.choice(["wipe", "stop", "kill"]):
        case "wipe":
            with redis.Redis.from_url(world.valkey.url) as client:
                client.flushall()
        case how:
            world.valkey.stop() if how == "stop" else world.valkey.kill()
            end_at = time.monotonic() + rng.choice([1, 5, 20])
            while time.monotonic() < end_at:
                world.workers.restart_dead()
                time.sleep(0.1)
            world.valkey.start()


def restarts(world: World, *, restarts: int = 10, accounts: int = 2) -> Figures:
    """Immediate restarts of PostgreSQL while people order, press and delete as fast as they can."""
    rng = random.Random(restarts)
    company = Company(world)
    credential_ids = company.add_mixed_credentials(accounts)
    cluster = world.cluster
    assert cluster is not None, "restarts need PostgreSQL"
    for number in range(restarts):
        blow = threading.Timer(rng.uniform(0.2, 1.2), cluster.stop_at_once)
        blow.start()
        while blow.is_alive():
            _press_something(company, rng, credential_ids)
        cluster.start()
        world.live(rng.choice([30, 90, 400]))
        if number % 3 == 2:
            company.delete(rng.choice(company.acknowledged("ordered")))
    return _figures(
        world, company, restarts=restarts, acknowledged=len(company.journal), unanswered=company.unanswered
    )


def _press_something(company: Company, rng: random.Random, credential_ids: list[int]) -> None:
    rows = company.acknowledged("ordered")
    if len(rows) < 10 or rng.random() < 0.3:
        company.order(rng.choice(credential_ids))
    else:
        action = rng.choice([Action.START, Action.STOP, Action.RESTART, Action.RETRY, Action.TERMINATE])
        company.press(rng.choice(rows), action)


def faults(world: World, *, desktops: int = 500, share: float = 0.3, lag_s: float = 240.0) -> Figures:
    """So many desktops, half on each cloud, where a share of all calls fails and machines are hidden."""
    company = Company(world)
    credential_ids = company.add_mixed_credentials(2)
    lay_weather(world.cloud, world.azure.control, share=share, lag_s=lag_s, seed=desktops)
    company.order_many(credential_ids, desktops)
    presses = weather_out(world, company)
    figures = _figures(world, company)
    calls, azure_calls = world.ledger(service="workspaces"), world.azure_ledger()
    every = [*calls, *azure_calls]
    failed = sum(call["fault"] is not None for call in every)
    sends = sum(invariants.sends(world).values())
    return figures | {
        "desktops": desktops,
        "retried_by_a_person": presses,
        "calls": len(calls),
        "azure_calls": len(azure_calls),
        "failed_share": round(failed / max(len(every), 1), 3),
        "sends_per_attempt": round(sends / max(len(records.intents(world.database)), 1), 3),
        "over_the_rate": sum(
            call["outcome"] == "ThrottlingException" and call["fault"] is None for call in calls
        ),
        "lowest_tokens": round(lowest_tokens([float(call["real_at"]) for call in calls]), 2),
    }


def skew(world: World, *, times: int = 20, accounts: int = 2) -> Figures:
    """A worker whose clock is 10 min wrong, a worker stopped for 10 min, and both: in turn."""
    rng = random.Random(times)
    company = Company(world)
    credential_ids = company.add_mixed_credentials(accounts)
    for number in range(times):
        company.order_many(credential_ids, 4)
        name = f"reconcile-skewed{number}"
        if number % 3 != 1:
            world.workers.start(name, skew_s=rng.choice([-SKEW_S, SKEW_S]))
        if number % 3 != 0:
            world.wait_taken(world.lay(rng.choice(CREATING_POINTS), Blow.STOP))
            world.live(SKEW_S)
            world.workers.resume_all()
        rows = company.acknowledged("ordered")
        for _ in range(2):
            company.press(rng.choice(rows), rng.choice([*Action]))
        world.live(rng.choice([60, 300, 900]))
        if name in world.workers.names:
            world.workers.dismiss(name)
    return _figures(world, company, clock_error_s=2 * SKEW_S, times=times)


def _figures(world: World, company: Company, *, clock_error_s: float = 5.0, **more: Any) -> Figures:
    """Wait until it is quiet, check everything, and count."""
    make_quiet(world, company)
    rows, machines = world.rows(), invariants.journal(world)
    return {
        **more,
        "rows": len(rows),
        "ready": sum(row.phase is Phase.READY for row in rows),
        "machines": sum(one["gone_at"] is None and bool(one["claim"]) for one in machines),
        "violations": invariants.check(world, company, clock_error_s=clock_error_s),
        "clock_h": round((world.now_s() - world.began_s) / 3600, 1),
    }


CAMPAIGNS = {
    "recovery": Campaign(recovery, ("orders",), world={"speed": 1.0}),
    "kills": Campaign(kills, ("kills", "creations"), world={"speed": 2.0, "poll_interval_s": 120}),
    "wipes": Campaign(wipes, ("wipes", "orders"), world={"speed": 1.0}),
    "restarts": Campaign(restarts, ("restarts",), database="postgresql"),
    "faults": Campaign(faults, ("desktops",)),
    "skew": Campaign(skew, ("times",), world={"reconcilers": 3}),
}
