"""POWER: start, stop and restart, many machines at a time; rebuild and restore, one at a time."""

from collections.abc import Sequence

from webapp.clouds.base import Acted
from webapp.domain.decisions import power as decisions
from webapp.domain.decisions.change import RowChange
from webapp.domain.errors import CloudError, Failure
from webapp.domain.lifecycle import BRINGS_BACK, SENT_ONCE, Action
from webapp.engine import working_hours
from webapp.engine.account import raise_if_account
from webapp.engine.disk_snapshots import restoring
from webapp.engine.hibernating import hibernate
from webapp.engine.recovering import NOT_SUPPORTED, noted
from webapp.engine.rows import row_state, write_row
from webapp.engine.run import Run
from webapp.engine.signing_out import signed_out
from webapp.models import Workspace


def power(run: Run, batch: Sequence[Workspace]) -> None:
    """One call for those of the batch with the same action as the first; or one step of a restore."""
    action, restorer = batch[0].requested_action or Action.START, run.driver.disk_restores
    if action is Action.RESTORE and restorer is not None:
        restoring.step(run, batch[0], restorer)
    else:
        _power(run, batch, action)


def _power(run: Run, batch: Sequence[Workspace], action: Action) -> None:
    rows = [row for row in batch if row.requested_action is action]
    if action is Action.STOP:
        rows = signed_out(run, hibernate(run, working_hours.unused(run, rows)))
    if action in BRINGS_BACK:
        rows = _promised(run, rows[0], action)  # clouds take one a call
    elif action in SENT_ONCE:
        # Recorded as sent before it is, so that a crash cannot repeat it.
        # Starting or stopping twice does no harm, so these are recorded afterwards.
        rows = [row for row in rows if write_row(run, row, RowChange(action_sent_at=run.engine.clock.now()))]
    if not rows:
        return
    run.engine.crashpoint("power")
    try:
        acted = _send(run, action, [row.cloud_workspace_id or "" for row in rows])
    except CloudError as error:
        for row in rows:
            _failed(run, row, action, error.failure, at_least_s=error.retry_after_s or 0)
        raise_if_account(error)
        return
    run.engine.crashpoint("powered")
    pace, now, asked_s = run.engine.pace, run.engine.clock.now(), acted.retry_after_s or 0
    for row in rows:
        failure = acted.refused.get(row.cloud_workspace_id or "")
        if row.cloud_workspace_id in acted.unsent:
            write_row(run, row, *decisions.unsent(at_least_s=asked_s, pace=pace, now=now))
        elif failure is None:
            write_row(run, row, *decisions.accepted(action, pace=pace, now=now))
        else:
            _failed(run, row, action, failure, at_least_s=asked_s)
    raise_if_account(acted.stopped_by)


def _promised(run: Run, row: Workspace, action: Action) -> list[Workspace]:
    """The row, recorded as sent with what will come back, or nothing to be sent. Raises AccountTrouble."""
    try:
        found = noted(run, row, action)
    except CloudError as error:
        _failed(run, row, action, error.failure, at_least_s=error.retry_after_s or 0)
        raise_if_account(error)
        return []
    if isinstance(found, Failure):
        _failed(run, row, action, found, at_least_s=0)
        return []
    return [row] if write_row(run, row, *found) else []


def _send(run: Run, action: Action, cloud_workspace_ids: list[str]) -> Acted:
    """Raises CloudError."""
    match action:
        case Action.START | Action.STOP | Action.RESTART:
            return run.driver.act(action, cloud_workspace_ids)
        case Action.REBUILD:
            (one,) = cloud_workspace_ids
            rebuilds = run.driver.rebuilds
            failure = rebuilds.rebuild(one) if rebuilds is not None else NOT_SUPPORTED
            return Acted({} if failure is None else {one: failure})
        case Action.RESTORE:
            (one,) = cloud_workspace_ids
            restores = run.driver.restores
            if restores is None:
                return Acted({one: NOT_SUPPORTED})
            restores.restore(one)
            return Acted({})
        case _:
            raise ValueError(f"{action} is no power action")


def _failed(run: Run, row: Workspace, action: Action, failure: Failure, *, at_least_s: float) -> None:
    decision = decisions.refused(
        row_state(row),
        action,
        failure,
        at_least_s=at_least_s,
        jitter=run.engine.draw_jitter(),
        pace=run.engine.pace,
        now=run.engine.clock.now(),
    )
    write_row(run, row, *decision)
