"""Orders that come one by one are sent together: one call creates a whole batch, and later looks at one."""

from collections.abc import Sequence
from datetime import timedelta

from webapp.domain.lifecycle import Phase
from webapp.engine.run import Run
from webapp.models import Workspace

LONGEST = 3
"""An order waits at most so many times `gather_s` for others."""
SLICE_S = 0.25
"""So often a run that waits finds out that it has more orders, or that somebody else waits for a worker."""


def ripe(run: Run, rows: Sequence[Workspace]) -> list[Workspace]:
    """Of rows without a machine, those to go on with now: whole batches, and all when no more orders come.

    An empty list means: wait for `SLICE_S`. No clock of another host is trusted far: what seems to be ordered
    in the future, or long ago, does not wait.
    """
    now, quiet = run.engine.clock.now(), timedelta(seconds=run.engine.gather_s)
    ages = [now - row.created_at for row in rows]
    is_new = all(row.phase is Phase.REQUESTED and row.attempt == 1 for row in rows)
    if not is_new or not timedelta(0) <= min(ages) < quiet or max(ages) >= LONGEST * quiet:
        return list(rows)
    size = run.driver.batch_size
    return list(rows[: len(rows) // size * size])
