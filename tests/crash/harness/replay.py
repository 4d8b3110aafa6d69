"""Running a schedule to its end, and making a failing one short enough to read."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.crash.harness import invariants, points
from tests.crash.harness.company import Company
from tests.crash.harness.quiet import make_quiet
from tests.crash.harness.schedule import Attack
from tests.crash.harness.world import NotQuiet, World
from tests.servers.postgres import PostgresCluster
from webapp.domain.lifecycle import Phase

POLL_INTERVAL_S = 240
"""Between two looks at a desktop that is being made; the default of 30 s would make most of a run waiting."""


@dataclass(slots=True)
class Outcome:
    """What became of one schedule."""

    steps: list[str]
    broken: list[str] = field(default_factory=list)
    rows: int = 0
    ready: int = 0
    kills: int = 0
    acknowledged: int = 0
    clock_h: float = 0.0

    def __str__(self) -> str:
        return (
            f"{len(self.steps)} steps, {self.rows} rows ({self.ready} ready), {self.kills} kills,"
            f" {self.acknowledged} acknowledged, {self.clock_h:.1f} h on the clock"
        )


def run(
    steps: Sequence[str], *, database: str, speed: float = 20.0, cluster: PostgresCluster | None = None
) -> Outcome:
    """One schedule in a world of its own, up to the first thing that breaks."""
    outcome = Outcome(list(steps))
    with World(database=database, speed=speed, cluster=cluster, poll_interval_s=POLL_INTERVAL_S) as world:
        company = Company(world)
        attack = Attack(world, company)
        try:
            for step in steps:
                if broken := attack.perform(step):
                    outcome.broken = [f"after “{step}”: {one}" for one in broken]
                    break
            else:
                make_quiet(world, company)
                outcome.broken = invariants.check(world, company)
        except NotQuiet as stuck:
            outcome.broken = [f"not quiet: {stuck}"]
        rows = world.rows()
        outcome.rows = len(rows)
        outcome.ready = sum(row.phase is Phase.READY for row in rows)
        outcome.kills = attack.struck + len(points.taken(world.folder))
        outcome.acknowledged = len(company.journal)
        outcome.clock_h = (world.now_s() - world.began_s) / 3600
        company.close()
    return outcome


def shorten(steps: Sequence[str], *, database: str, for_s: float) -> list[str]:
    """Leave out ever smaller parts as long as something still breaks; stops after so many real seconds.

    Processes do not run twice in the same way, so the result fails often, not always.
    """
    give_up_at = time.monotonic() + for_s
    kept, size = list(steps), len(steps) // 2
    while size and time.monotonic() < give_up_at:
        for start in range(0, len(kept), size):
            fewer = kept[:start] + kept[start + size :]
            if time.monotonic() < give_up_at and fewer and run(fewer, database=database).broken:
                kept = fewer
                break
        else:
            size //= 2
    return kept
