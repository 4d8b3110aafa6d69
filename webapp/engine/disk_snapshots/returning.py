"""Files of a desktop that is gone, on their way to a new one: one step a round, from what the cloud shows.

The name of the disk is written down before it is made, and each step before it is sent; a worker may die
anywhere. The disk goes in the end, whatever became of the files.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from webapp.clouds.disk_restores import RestoresDisks
from webapp.domain import catalogue
from webapp.domain.decisions.change import error_values
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.disk_snapshots import AGAIN_AFTER, REFUSED_FOR
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.file_returns import FOLDER, LIMIT, WAITS, Returning, ReturnState, ReturnStep, next_step
from webapp.domain.lifecycle import CloudState, Desired, Phase
from webapp.engine.account import is_of_account
from webapp.engine.disk_snapshots import return_rows
from webapp.engine.rows import Stale, write_detached
from webapp.engine.run import Run
from webapp.models import FileReturn, Workspace

log = logging.getLogger(__name__)

FILES_BACK, FILES_NOT_BACK = "files_back", "files_not_back"
ENDS_IN = timedelta(hours=1)
"""The disk of one that failed, if nothing is in its way."""
PACE = timedelta(minutes=2)
"""Of rounds while a desktop is there whose files are to come."""
NO_ERROR: dict[str, Any] = {"error_code": None, "error_detail": None, "error_at": None}
LATE = Failure("files_not_copied", Trouble.PERMANENT)
LOST = Failure("machine_missing", Trouble.PERMANENT)
CHANGED = Failure("snapshot_deleted", Trouble.PERMANENT)


def bring_back(run: Run, restorer: RestoresDisks) -> Iterator[None]:
    """One step of each. Raises CloudError of the whole account, LeaseLost."""
    for one, row in return_rows.list_open(run):
        try:
            _step(run, restorer, one, row)
        except CloudError as error:
            if is_of_account(error) and not error.failure.holds_only_orders:
                raise
            log.warning("files wait", extra={"workspace_id": row.id, "code": error.failure.code})
            _keep_error(run, one, error.failure)
        except Stale:
            pass  # the desktop has changed; it is read again
        yield


def _keep_error(run: Run, one: FileReturn, failure: Failure) -> None:
    """What it waits for, if a person has to do something. It goes on by itself then."""
    columns = error_values(failure, run.engine.clock.now())
    is_known = (one.error_code, one.error_detail) == (columns["error_code"], columns["error_detail"])
    was_given_up = one.state is ReturnState.ENDING and one.error_code is not None
    if not (failure.trouble.is_transient or is_known or was_given_up):
        write_detached(run, one, columns)


def may_go_on(one: FileReturn, row: Workspace) -> bool:
    """May the next minutes bring these files further?"""
    has_disk = one.step in (ReturnStep.ATTACH, ReturnStep.COPY)
    return one.state is not ReturnState.ENDING and (_is_usable(row) or (has_disk and _is_off(row)))


def ends_soon(one: FileReturn, now: datetime) -> bool:
    """Is its disk about to go? What cannot be deleted, because of a lock perhaps for months, is not."""
    since = one.error_at or one.asked_at
    return one.state is ReturnState.ENDING and now - since < (ENDS_IN if one.error_at else REFUSED_FOR)


def _is_usable(row: Workspace) -> bool:
    return _is_at_rest(row, CloudState.AVAILABLE)


def _is_off(row: Workspace) -> bool:
    """Windows starts afresh after that, so the disk must not be there."""
    return _is_at_rest(row, CloudState.STOPPED) and not row.is_hibernated


def _is_at_rest(row: Workspace, state: CloudState) -> bool:
    return (
        row.phase is Phase.READY
        and row.desired is Desired.PRESENT
        and row.cloud_workspace_id is not None
        and row.cloud_state is state
        and row.requested_action is None
    )


def _step(run: Run, restorer: RestoresDisks, one: FileReturn, row: Workspace) -> None:
    """Raises CloudError, LeaseLost, Stale."""
    if one.state is ReturnState.ENDING:
        _end(run, restorer, one)
    elif row.phase is Phase.GONE or row.desired is Desired.ABSENT:
        _close(run, one)
    elif one.state is ReturnState.UNDERWAY and row.cloud_workspace_id != one.cloud_workspace_id:
        _give_up(run, one, row, LOST)
    elif _is_late(run, one):
        code, detail = one.error_code, one.error_detail or ""
        _give_up(run, one, row, Failure(code, Trouble.PERMANENT, detail=detail) if code else LATE)
    elif _is_ready(run, one, row):
        _go_on(run, restorer, one, row)


def _is_ready(run: Run, one: FileReturn, row: Workspace) -> bool:
    """Is there something to look at? It begins when the desktop can be used."""
    if one.begun_at is not None:
        return _is_usable(row) or _is_off(row)
    return _is_usable(row) and return_rows.begin(run, one, row)


def _is_late(run: Run, one: FileReturn) -> bool:
    now = run.engine.clock.now()
    return now - one.asked_at > WAITS if one.begun_at is None else now - one.begun_at > LIMIT


def _go_on(run: Run, restorer: RestoresDisks, one: FileReturn, row: Workspace) -> None:
    machine, disk = one.cloud_workspace_id or "", one.disk or ""
    seen, made = restorer.read_machine_disk(machine), restorer.find_disk(disk)
    copy = restorer.read_copy(machine, disk) if made is not None and made.holder else None
    run.engine.crashpoint("files_looked_at")
    now = run.engine.clock.now()
    about = Returning(disk, one.claim or "", machine, one.step, now - (one.step_sent_at or now))
    found = next_step(about, seen, made, copy)
    if isinstance(found, Failure):
        _give_up(run, one, row, found)
    elif found is ReturnStep.COPIED:
        message = (
            f"The files of the former desktop are in {FOLDER}, as of {one.taken_at:%d %b %Y, %H:%M} UTC."
        )
        columns = NO_ERROR | {"state": ReturnState.ENDING, "copied_at": now}
        return_rows.write_logged(run, one, row, columns, Note(FILES_BACK, message))
    elif found is not ReturnStep.WAIT:
        _send(run, restorer, one, row, found)


def _send(run: Run, restorer: RestoresDisks, one: FileReturn, row: Workspace, step: ReturnStep) -> None:
    """Written down before it is sent; the next round sees what became of it."""
    if ReturnStep.MAKE in (step, one.step) and not _has_promised(run, one):
        _give_up(run, one, row, CHANGED)
        return
    if not write_detached(run, one, {"step": step, "step_sent_at": run.engine.clock.now()}):
        return
    run.engine.crashpoint("files_moving")
    machine, disk = one.cloud_workspace_id or "", one.disk or ""
    match step:
        case ReturnStep.MAKE:
            failure = restorer.make_disk(
                disk, cloud_workspace_id=machine, snapshot=one.snapshot, claim=one.claim or ""
            )
        case ReturnStep.ATTACH:
            failure = restorer.attach_disk(machine, disk)
        case ReturnStep.DETACH:
            failure = restorer.detach_disk(machine, disk)
        case _:
            failure = restorer.copy_files(machine, disk)
    run.engine.crashpoint("files_moved")
    if failure is not None:
        _give_up(run, one, row, failure)
    elif one.error_code is not None:
        write_detached(run, one, NO_ERROR)  # what it waited for is there


def _has_promised(run: Run, one: FileReturn) -> bool:
    """The snapshot itself, and not what somebody else has made under its name.

    Before the disk is made, and before it is used: one that was there then was there in between.
    """
    claim, keeper = return_rows.claim_of_snapshot(run, one), run.driver.disk_snapshots
    seen = None if keeper is None else keeper.find_disk_snapshot(one.snapshot)
    return seen is not None and seen.claim == claim


def _give_up(run: Run, one: FileReturn, row: Workspace, failure: Failure) -> None:
    """The snapshot stays as long as it is kept, so a person may try again."""
    words = catalogue.entry(failure.code)
    note = Note(FILES_NOT_BACK, words.message, Level.WARNING, details=facts_of(failure))
    columns = {"state": ReturnState.ENDING} | error_values(failure, run.engine.clock.now())
    return_rows.write_logged(run, one, row, columns, note)


def _close(run: Run, one: FileReturn) -> None:
    """The new desktop is not to be, or is gone."""
    if one.disk is None:
        ended = {"state": ReturnState.DONE, "ended_at": run.engine.clock.now()}
        write_detached(run, one, ended)
    else:
        write_detached(run, one, {"state": ReturnState.ENDING})


def _end(run: Run, restorer: RestoresDisks, one: FileReturn) -> None:
    """Detach the disk, delete it, and see it gone. A machine that is gone has taken it along."""
    now, disk, sent_at = run.engine.clock.now(), one.disk or "", one.ending_sent_at
    seen = restorer.find_disk(disk) if disk else None
    if seen is None or seen.claim != one.claim or seen.holder not in ("", one.cloud_workspace_id):
        ended = {"state": ReturnState.DONE, "ended_at": now}
        write_detached(run, one, ended if one.copied_at is None else NO_ERROR | ended)
        return
    if sent_at is not None and now - sent_at < AGAIN_AFTER:
        return  # what was sent last may still be on its way
    if not write_detached(run, one, {"ending_sent_at": now}):
        return
    run.engine.crashpoint("files_disk_ending")
    if seen.holder:
        failure = restorer.detach_disk(seen.holder, disk)
    else:
        failure = restorer.end_disk(disk, claim=one.claim or "")
    run.engine.crashpoint("files_disk_ended")
    if failure is not None and one.error_code is None:
        write_detached(run, one, error_values(failure, now))
