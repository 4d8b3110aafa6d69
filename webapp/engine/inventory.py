"""The inventory: everything in an account's directory, read page by page between more urgent steps.

It costs one call per 25 machines, so a run reads it in between, and a click never waits behind it. The
complete listing also serves the slot checks of the same run. So a cohort that would need its own
listing runs the inventory a little early, and neither repeats the other's calls.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from webapp.domain.decisions.needs import Need
from webapp.domain.errors import CloudError
from webapp.engine import drift, looking
from webapp.engine.account import hold_orders, note_on_credential, raise_if_account
from webapp.engine.drift import Inventory
from webapp.engine.run import Reading, Run
from webapp.models import CloudCredential, Workspace

log = logging.getLogger(__name__)

JOIN_SHARE = 0.5
"""A cohort's listing becomes an inventory if one is due within this share of the interval."""
JITTER = 0.1
"""Inventories start up to this share of the interval early, so that accounts are not all read at once."""
READING_LIMIT_S = 240.0
"""How long a run may continue to finish an inventory: 12,000 machines at two calls a second."""
TRY_AGAIN, TRY_MUCH_LATER = timedelta(seconds=60), timedelta(minutes=5)
"""After a temporary failure, and after one that needs a person."""


def is_due(credential: CloudCredential, now: datetime) -> bool:
    """An account that was never verified has no inventory."""
    due_at = credential.inventory_due_at
    return credential.account_id is not None and (due_at is None or due_at <= now)


def is_turn(run: Run, need: Need | None, rows: Sequence[Workspace]) -> bool:
    """Is the inventory the most urgent thing now? `need` is the most urgent of the `rows`."""
    if need is not None and need < Need.LOOK:
        return False
    now = run.engine.clock.now()
    if run.reading is not None or is_due(run.credential, now):
        return True
    is_soon = is_due(run.credential, now + run.engine.inventory * JOIN_SHARE)
    return is_soon and need is Need.FIND and run.needs_listing(rows)


def must_finish(run: Run) -> bool:
    """Finish a listing that was started, even if the run's time is up; within limits."""
    reading = run.reading
    return reading is not None and run.engine.clock.monotonic_s() - reading.started_s < READING_LIMIT_S


def read_on(run: Run) -> None:
    """Read one more page; after the last one, compare. A failure changes nothing."""
    is_foreseen = False
    try:
        is_complete, reading = _read_page(run), run.reading
        if is_complete:
            _conclude(run)
        is_foreseen = True
        if is_complete and reading is not None:
            looking.tidy(run, reading.machines)
    except CloudError as error:
        is_foreseen, run.reading = True, None
        raise_if_account(error)
        _postpone(run, error)
    finally:
        if not is_foreseen:
            # The trace is the job's to report; the account's other work must go on.
            run.reading = None
            _note(run, {"inventory_due_at": run.engine.clock.now() + TRY_MUCH_LATER})


def give_up(run: Run) -> None:
    """Time is up: an incomplete listing starts again later."""
    if run.reading is not None:
        run.reading = None
        _note(run, {"inventory_due_at": run.engine.clock.now() + TRY_MUCH_LATER})
        log.error("inventory takes too long", extra={"credential_id": run.credential.id})


def _read_page(run: Run) -> bool:
    """True if it was the last one."""
    if run.reading is None:
        clock = run.engine.clock
        run.reading = Reading(clock.now(), clock.monotonic_s(), iter(run.driver.list_directory()))
    page = list(islice(run.reading.rest, run.driver.page_size))
    run.reading.machines += page
    return len(page) < run.driver.page_size


def _conclude(run: Run) -> None:
    reading = run.reading
    if reading is None:
        return
    claims = run.driver.claims()
    run.reading = None
    run.keep_listing(reading.machines, began_s=reading.started_s)
    counts = drift.compare(run, Inventory(reading.started_at, reading.machines, claims))
    early = 1 - run.engine.rng.uniform(0, JITTER)
    _note(
        run,
        {
            "inventoried_at": reading.started_at,
            "inventory_due_at": reading.started_at + run.engine.inventory * early,
            "inventory": counts,
        },
    )


def _postpone(run: Run, error: CloudError) -> None:
    """A failed inventory proves nothing. If failures persist, orders wait (`holding`)."""
    failure = error.failure
    wait = TRY_AGAIN if failure.trouble.is_transient else TRY_MUCH_LATER
    wait = max(wait, timedelta(seconds=error.retry_after_s or 0))
    _note(run, {"inventory_due_at": run.engine.clock.now() + wait})
    log.warning("inventory failed", extra={"credential_id": run.credential.id, "code": failure.code})
    if failure.holds_only_orders:
        hold_orders(run.engine, run.lease, run.credential, failure)


def _note(run: Run, changes: dict[str, Any]) -> None:
    note_on_credential(run.engine, run.lease, run.credential, changes)
