"""The inventory: everything in an account's directory, read page by page between more urgent steps.

It costs one call per 25 machines, so a run reads it in between, and a click never waits behind it. The
complete listing also serves the slot checks of the same run. So a cohort that would need its own
listing runs the inventory a little early, and neither repeats the other's calls.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from webapp.clouds.base import Observation
from webapp.domain.decisions.needs import Need
from webapp.domain.duties import Waits
from webapp.domain.errors import CloudError
from webapp.engine import drift, looking
from webapp.engine.account import hold_orders, note_on_credential
from webapp.engine.drift import Inventory
from webapp.engine.run import Run
from webapp.models import Duty, Workspace

JOIN_SHARE = 0.5
"""A cohort's listing becomes an inventory if one is due within this share of the interval."""
TRY_AGAIN, TRY_MUCH_LATER = timedelta(seconds=60), timedelta(minutes=5)
"""After a temporary failure, and after one that needs a person. The waits do not grow: orders wait for an
inventory (`holding`)."""
WAITS = Waits(
    passing=TRY_AGAIN,
    longest_passing=TRY_AGAIN,
    lasting=TRY_MUCH_LATER,
    longest_lasting=TRY_MUCH_LATER,
    spread=0.0,
)


def joins_in(run: Run, duty: Duty, need: Need | None, rows: Sequence[Workspace]) -> bool:
    """Would orders read the whole directory anyway, while the next inventory is nearly due?"""
    soon = run.engine.clock.now() + run.engine.inventory * JOIN_SHARE
    return need is Need.FIND and duty.due_at <= soon and run.needs_listing(rows)


def take_inventory(run: Run) -> Iterator[None]:
    """Read page after page; after the last one, compare."""
    clock = run.engine.clock
    began_at, began_s, machines = clock.now(), clock.monotonic_s(), list[Observation]()
    try:
        rest, size = iter(run.driver.list_directory()), run.driver.page_size
        while len(page := list(islice(rest, size))) == size:
            machines += page
            yield
        machines += page
        claims = run.driver.claims()
    except CloudError as error:
        if error.failure.holds_only_orders:
            hold_orders(run.engine, run.lease, run.credential, error.failure)
        raise
    run.keep_listing(machines, began_s=began_s)
    counts = drift.compare(run, Inventory(began_at, machines, claims))
    note_on_credential(run.engine, run.lease, run.credential, {"inventory": counts})
    looking.tidy(run, machines)
