"""The disks that restores have left: which of two is the machine's, and deleting the other."""

import logging
from collections.abc import Iterator

from webapp.clouds.disk_restores import RestoresDisks
from webapp.domain.decisions.change import error_values
from webapp.domain.disk_restores import RestoreState
from webapp.domain.disk_snapshots import AGAIN_AFTER
from webapp.domain.errors import CloudError
from webapp.domain.lifecycle import Action, CloudState, Phase
from webapp.engine.disk_snapshots import restore_rows
from webapp.engine.rows import write_detached
from webapp.engine.run import Run
from webapp.models import DiskRestore, Workspace

log = logging.getLogger(__name__)


def tidy(run: Run, restorer: RestoresDisks) -> Iterator[None]:
    """One step of each. Raises CloudError, LeaseLost."""
    for restore, row in restore_rows.list_open(run):
        if restore.state is RestoreState.UNDERWAY:
            if not _is_asked_for(restore, row):
                write_detached(run, restore, {"state": RestoreState.ENDING})
        elif restore.state is RestoreState.ENDING:
            _end_new(run, restorer, restore)
        elif _is_back(restore, row):
            _end(run, restorer, restore, restore.old_disk)
        yield


def _is_asked_for(restore: DiskRestore, row: Workspace) -> bool:
    return (
        row.requested_action is Action.RESTORE
        and row.action_sent_at is None
        and row.promised_snapshot_at == restore.taken_at
        and row.cloud_workspace_id == restore.cloud_workspace_id
    )


def _is_back(restore: DiskRestore, row: Workspace) -> bool:
    """Its person can use it with the new disk; or there is no desktop any more."""
    if row.phase is Phase.GONE or row.cloud_workspace_id != restore.cloud_workspace_id:
        return True
    if row.cloud_state is not CloudState.AVAILABLE or row.requested_action is not None:
        return False
    # When it got the disk it was written down as switched off, or was seen with it: so it was seen up since.
    return restore.used_at is not None and (row.observed_at or restore.issued_at) > restore.used_at


def _end_new(run: Run, restorer: RestoresDisks, restore: DiskRestore) -> None:
    """One that was given up; if the machine has got it all the same, the other is what goes.

    It had it too if a later restore has taken it out: then that one decides when it goes.
    """
    machine = restorer.read_machine_disk(restore.cloud_workspace_id)
    has_it = machine is not None and machine.disk == restore.disk
    if has_it or restore_rows.has_successor(run, restore):
        # Perhaps nobody has looked at it since: its row says what it was before.
        write_detached(run, restore, {"state": RestoreState.USED, "used_at": run.engine.clock.now()})
        return
    _end(run, restorer, restore, restore.disk)


def _end(run: Run, restorer: RestoresDisks, restore: DiskRestore, disk: str | None) -> None:
    """Looked at right before: only with our claim, and only if no machine has it."""
    now, sent_at = run.engine.clock.now(), restore.ending_sent_at
    seen = None if disk is None else restorer.find_disk(disk)
    if disk is None or seen is None or seen.holder or seen.claim != restore.claim:
        if seen is not None:
            log.warning("a disk that was to go is in use", extra={"workspace_id": restore.workspace_id})
        write_detached(run, restore, {"state": RestoreState.DONE, "ended_at": now})
        return
    if sent_at is not None and now - sent_at < AGAIN_AFTER:
        return  # what was sent last may still be on its way
    if not write_detached(run, restore, {"ending_sent_at": now}):
        return
    run.engine.crashpoint("disk_ending")
    failure = restorer.end_disk(disk, claim=restore.claim)
    run.engine.crashpoint("disk_ended")
    if failure is not None:
        write_detached(run, restore, error_values(failure, run.engine.clock.now()))


def tidied(run: Run, restorer: RestoresDisks) -> Iterator[None]:
    """The same; a right that is missing keeps nothing else from being done."""
    try:
        yield from tidy(run, restorer)
    except CloudError as error:
        if not error.failure.holds_only_orders:
            raise
        log.warning("disks of restores are left", extra={"code": error.failure.code})
