"""Attacks with a figure to hold: each takes a world, strikes so often, waits until it is quiet, and counts.

What comes back is a mapping for one printed line; `violations` must be empty.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.crash.harness import invariants, records
from tests.crash.harness.company import Company
from tests.crash.harness.points import Blow
from tests.crash.harness.quiet import make_quiet
from tests.crash.harness.world import World
from webapp.domain.lifecycle import Phase

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Campaign:
    """`run(world, **counts)`, in a world made with these options."""

    run: Callable[..., Figures]
    counts: tuple[str, ...]
    database: str = "sqlite"
    world: dict[str, Any] = field(default_factory=dict)


def recovery(world: World, *, orders: int = 100, accounts: int = 4) -> Figures:
    """Kill every worker in the middle of the orders; how long until each account is tended again."""
    company = Company(world)
    credential_ids = company.add_credentials(accounts)
    company.order_many(credential_ids, orders)
    world.live_until(lambda: len(invariants.journal(world)) >= orders // 10, what="the first desktops")
    for name in world.workers.names:
        world.workers.kill(name, Blow.BOTH)
    made, killed_s = len(invariants.journal(world)), world.now_s()
    seen = len(records.leases(world.database))

    def is_resumed() -> bool:
        fresh = {one.credential_id for one in records.leases(world.database)[seen:] if one.until_s}
        return fresh == set(credential_ids)

    world.live_until(is_resumed, what="work on every account")
    resumed_s = world.now_s() - killed_s
    return _figures(world, company, made_before=made, resumed_s=round(resumed_s, 1),
                    lease_s=world.settings.lease_s)  # fmt: skip


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
    "recovery": Campaign(recovery, ("orders",)),
}
