"""Deleting snapshots that are over, until their absence is proven."""

from collections import defaultdict
from collections.abc import Iterator

from webapp.clouds.disk_snapshots import KeepsDiskSnapshots
from webapp.domain.decisions.change import error_values
from webapp.domain.disk_snapshots import AGAIN_AFTER, SnapshotPolicy, SnapshotState, over, over_after_end
from webapp.domain.errors import Failure, Trouble
from webapp.engine.disk_snapshots import restore_rows, return_rows, rows
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.models import DiskSnapshot

MOST_A_ROUND = 100
CHUNK = 500
NOT_OURS = "not_ours"
"""What stands there has not our claim, and stays."""


def mark_over(run: Run, policy: SnapshotPolicy) -> None:
    """By the rules, those that need not be kept; `policy`: of the account. Raises LeaseLost."""
    by_workspace: defaultdict[int, list[DiskSnapshot]] = defaultdict(list)
    for one in rows.list_standing(run, {SnapshotState.READY}):
        if one.workspace_id is not None:
            by_workspace[one.workspace_id].append(one)
    ids, now = sorted(by_workspace), run.engine.clock.now()
    needed = restore_rows.ids_in_use(run) | return_rows.snapshots_in_use(run)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        own = rows.own_policies(run, chunk)
        for workspace_id, ended_at in rows.ends_of(run, chunk).items():
            held, wanted = [one.held for one in by_workspace[workspace_id]], own.get(workspace_id, policy)
            if ended_at is None:
                gone = over(held, wanted, now=now)
            else:
                gone = over_after_end(held, wanted, ended_at=ended_at, now=now)
            for one in by_workspace[workspace_id]:
                if one.id in gone and one.id not in needed:
                    write_detached(run, one, {"state": SnapshotState.ENDING, "sent_at": None})


def end(run: Run, keeper: KeepsDiskSnapshots, names_listed: set[str]) -> Iterator[None]:
    """One step of each. Raises CloudError, LeaseLost."""
    for one in rows.list_standing(run, {SnapshotState.ENDING})[:MOST_A_ROUND]:
        now = run.engine.clock.now()
        if one.sent_at is not None and now - one.sent_at < AGAIN_AFTER:
            continue  # what was sent last may still be on its way
        if not write_detached(run, one, {"sent_at": now}):
            continue
        run.engine.crashpoint("snapshot_ending")
        failure = keeper.end_disk_snapshot(one.name, claim=one.claim)
        run.engine.crashpoint("snapshot_ended")
        if failure is not None:
            _judge(run, one, failure, is_listed=one.name in names_listed)
        yield


def _judge(run: Run, one: DiskSnapshot, failure: Failure, *, is_listed: bool) -> None:
    """Gone is what is neither listed nor found by itself, or whose name somebody else's snapshot has."""
    now = run.engine.clock.now()
    if failure.trouble is not Trouble.ABSENT and failure.code != NOT_OURS:
        write_detached(run, one, error_values(failure, now))
    elif not is_listed:
        write_detached(run, one, {"state": SnapshotState.GONE, "ended_at": now})
