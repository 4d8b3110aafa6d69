"""Snapshots of disks: compare with what the account has, delete what is over, take what is due; before that,
the disks that restores have left, and files that are on their way to new desktops.

One round does each once; whatever a worker that dies has left is seen by the next one's listing. A key
without the right is no failure: no snapshots are taken then, and the account's page says so.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from webapp.clouds.disk_snapshots import KeepsDiskSnapshots
from webapp.domain.disk_snapshots import REFUSED_FOR, SnapshotState
from webapp.domain.errors import CloudError
from webapp.engine.disk_snapshots import (
    comparing,
    ending,
    left_disks,
    restore_rows,
    return_rows,
    returning,
    rows,
    taking,
)
from webapp.engine.duties.kinds import every
from webapp.engine.run import Run

INTERVAL = timedelta(minutes=40)
MOVING = timedelta(minutes=10)
"""While one is being taken or deleted, or is still due."""
WITHOUT = timedelta(days=7)


def keep_disk_snapshots(run: Run) -> Iterator[None]:
    """One round. Raises CloudError if it should be tried again."""
    keeper, restorer = run.driver.disk_snapshots, run.driver.disk_restores
    if restorer is not None:
        yield from left_disks.tidied(run, restorer)
        yield from returning.bring_back(run, restorer)
    if keeper is None or _is_refused(run) or not (rows.is_any(run) or _is_hour_of(run)):
        return
    try:
        yield from _round(run, keeper)
    except CloudError as error:
        if not error.failure.holds_only_orders:
            raise
        rows.note_listing(run, error.failure)


def _round(run: Run, keeper: KeepsDiskSnapshots) -> Iterator[None]:
    began_at = run.engine.clock.now()
    listed = keeper.list_disk_snapshots()
    run.engine.crashpoint("snapshots_listed")
    rows.note_listing(run, None)
    comparing.compare(run, keeper, listed, began_at=began_at)
    yield
    names, policy = {one.name for one in listed}, rows.policy_of(run)
    ending.mark_over(run, policy)
    yield from ending.end(run, keeper, names)
    yield from taking.take(run, keeper, policy, names)
    restore_rows.note_newest(run)


def _is_hour_of(run: Run) -> bool:
    """Once a day the account is listed although nothing is known in it: a database that was restored may be
    older than all of it."""
    return run.engine.clock.now().hour == run.credential.id % 24


def _is_refused(run: Run) -> bool:
    at = rows.refused_at(run)
    return at is not None and run.engine.clock.now() - at < REFUSED_FOR


first_due = every(INTERVAL)


def next_due(run: Run, began_at: datetime) -> datetime:
    if run.driver.disk_snapshots is None:
        return every(WITHOUT)(run, began_at)
    returns = return_rows.list_open(run)
    if any(returning.may_go_on(one, row) for one, row in returns):
        return every(returning.PACE)(run, began_at)
    if _is_refused(run):
        return every(INTERVAL)(run, began_at)
    moving = rows.list_standing(run, {SnapshotState.INTENT, SnapshotState.ENDING})
    # What cannot be deleted, because of a lock perhaps for months, is tried again at the usual pace.
    now = run.engine.clock.now()
    left = restore_rows.list_recent(run, since=now - REFUSED_FOR)
    is_moving = any(one.error_code is None for one in (*moving, *left))
    is_moving = is_moving or any(returning.ends_soon(one, now) for one, _ in returns)
    return every(MOVING if is_moving else INTERVAL)(run, began_at)
