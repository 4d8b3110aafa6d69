"""RESTORE by a disk: one step a call, each decided from what the cloud shows.

The snapshot's disk is made while the person still works; then the machine is switched off, gets the disk, and
starts. A worker may die anywhere: names are fixed before calls, and asking for what is already so changes
nothing. What is left of it, the start, the looks watch (`decisions/power.py`).
"""

from dataclasses import dataclass

from webapp.clouds.disk_restores import RestoresDisks
from webapp.domain.decisions import disk_restores as decisions
from webapp.domain.decisions.change import UNCHANGED
from webapp.domain.decisions.decision import Decision
from webapp.domain.disk_restores import LIMIT, RestoreState, Restoring, Step, next_step
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action
from webapp.engine.account import raise_if_account
from webapp.engine.disk_snapshots import comparing, restore_rows
from webapp.engine.recovering import NOT_SUPPORTED
from webapp.engine.rows import Stale, row_state, write_detached, write_row
from webapp.engine.run import Run
from webapp.engine.signing_out import signed_out
from webapp.models import DiskRestore, DiskSnapshot, Workspace

CHANGED = Failure("snapshot_changed", Trouble.PERMANENT)
DELETED = Failure("snapshot_deleted", Trouble.PERMANENT)
LATE = Failure("action_timeout", Trouble.PERMANENT)


@dataclass(slots=True)
class _Work:
    run: Run
    row: Workspace
    restorer: RestoresDisks
    restore: DiskRestore | None = None

    @property
    def machine(self) -> str:
        return self.row.cloud_workspace_id or ""


def step(run: Run, row: Workspace, restorer: RestoresDisks) -> None:
    """Raises AccountTrouble."""
    work = _Work(run, row, restorer, restore_rows.find_underway(run, row))
    try:
        failure = _step(work)
    except CloudError as error:
        _refused(work, error.failure, at_least_s=error.retry_after_s or 0)
        raise_if_account(error)
        return
    if failure is not None:
        _refused(work, failure, at_least_s=0)


def _step(work: _Work) -> Failure | None:
    """Raises CloudError, AccountTrouble, LeaseLost."""
    if _is_late(work):
        return LATE
    is_checked = work.restore is None
    if is_checked and (failure := _begin(work)) is not None:
        return failure
    restore = work.restore
    if restore is None:
        return None
    machine = work.restorer.read_machine_disk(work.machine)
    made = work.restorer.find_disk(restore.disk)
    old = machine.disk if machine is not None and machine.disk != restore.disk else ""
    before = work.restorer.find_disk(old) if old and made is not None and made.is_ready else None
    found = next_step(_about(work, restore), machine, made, before)
    if isinstance(found, Failure):
        return found
    if not is_checked and (failure := _changed(work, restore, found)) is not None:
        return failure
    if found is Step.WAIT:
        _go_on(work, found)
    elif found is Step.PUT_IN:
        _put_in(work, restore)
    elif found is not Step.SWITCH_OFF or signed_out(work.run, [work.row]):
        return _send(work, restore, found, old)
    return None


def _changed(work: _Work, restore: DiskRestore, wanted: Step) -> Failure | None:
    """Before the disk is made, and before it is used: one that was there then was there in between."""
    if wanted is Step.WAIT or Step.MAKE not in (wanted, restore.step):
        return None
    found = _find_promised(work)
    return found if isinstance(found, Failure) else None


def _is_late(work: _Work) -> bool:
    asked_at = work.row.action_requested_at
    return asked_at is not None and work.run.engine.clock.now() - asked_at > LIMIT


def _begin(work: _Work) -> Failure | None:
    found = _find_promised(work)
    if isinstance(found, Failure):
        return found
    work.restore = restore_rows.begin(work.run, work.row, found)
    return None


def _find_promised(work: _Work) -> DiskSnapshot | Failure:
    """As the cloud shows it: people may delete it, or put another in its place."""
    run, keeper = work.run, work.run.driver.disk_snapshots
    if keeper is None:
        return NOT_SUPPORTED
    snapshot = restore_rows.find_promised(run, work.row)
    if snapshot is None:
        return CHANGED
    seen = keeper.find_disk_snapshot(snapshot.name)
    run.engine.crashpoint("snapshots_asked")
    if seen is None:
        comparing.write_gone(run, snapshot)
        restore_rows.note_newest(run)
        return DELETED
    if seen.claim != snapshot.claim or not seen.is_ready:
        return CHANGED
    return snapshot


def _about(work: _Work, restore: DiskRestore) -> Restoring:
    now = work.run.engine.clock.now()
    since = now - (restore.step_sent_at or now)
    return Restoring(restore.disk, restore.claim, work.machine, restore.step, since)


def _send(work: _Work, restore: DiskRestore, wanted: Step, old: str) -> Failure | None:
    """Written down before it is sent; the next step follows from what the cloud shows then."""
    engine = work.run.engine
    columns = {"step": wanted, "step_sent_at": engine.clock.now()} | ({"old_disk": old} if old else {})
    if not write_detached(work.run, restore, columns):
        return None
    engine.crashpoint("restoring")
    failure = _call(work, restore, wanted, old)
    engine.crashpoint("restored")
    if failure is not None:
        return failure
    if wanted is Step.START:
        _put_in(work, restore)
    else:
        _go_on(work, wanted)
    return None


def _go_on(work: _Work, step: Step) -> None:
    engine = work.run.engine
    write_row(work.run, work.row, *decisions.goes_on(step, pace=engine.pace, now=engine.clock.now()))


def _call(work: _Work, restore: DiskRestore, wanted: Step, old: str) -> Failure | None:
    """Raises CloudError."""
    restorer, machine, claim = work.restorer, work.machine, restore.claim
    match wanted:
        case Step.MAKE:
            return restorer.make_disk(
                restore.disk, cloud_workspace_id=machine, snapshot=restore.snapshot, claim=claim
            )
        case Step.MARK:
            return restorer.mark_disk(old, cloud_workspace_id=machine, claim=claim)
        case Step.SWAP:
            return restorer.use_disk(machine, restore.disk)
        case Step.SWITCH_OFF:
            return work.run.driver.act(Action.STOP, [machine]).refused.get(machine)
        case _:
            return work.run.driver.act(Action.START, [machine]).refused.get(machine)


def _put_in(work: _Work, restore: DiskRestore) -> None:
    """The machine has the disk and comes up."""
    engine = work.run.engine
    now = engine.clock.now()
    decision = decisions.put_in(taken_at=restore.taken_at, pace=engine.pace, now=now)
    _write(work, decision, {"state": RestoreState.USED, "used_at": now})


def _refused(work: _Work, failure: Failure, *, at_least_s: float) -> None:
    """It is tried again after what passes, and given up otherwise; what was switched off is started again."""
    engine, restore = work.run.engine, work.restore
    decision = decisions.refused(
        row_state(work.row),
        failure,
        last=None if restore is None else restore.step,
        is_late=_is_late(work),
        at_least_s=at_least_s,
        jitter=engine.draw_jitter(),
        pace=engine.pace,
        now=engine.clock.now(),
    )
    # Which of the two disks goes, the duty finds out from the machine (`left_disks`).
    is_over = decision.change.requested_action is not UNCHANGED
    _write(work, decision, {"state": RestoreState.ENDING} if is_over else {})


def _write(work: _Work, decision: Decision, columns: dict[str, object]) -> None:
    try:
        restore_rows.write_both(work.run, work.row, decision, work.restore, columns)
    except Stale:
        return
