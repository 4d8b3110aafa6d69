"""CLOSE, REOPEN and TERMINATE: terminate machines, and close rows that have none."""

from collections.abc import Sequence
from datetime import timedelta

from webapp.domain.decisions import ends
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.creates import ORDERS_WAIT
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action, Phase
from webapp.engine.account import raise_if_account
from webapp.engine.context import Engine
from webapp.engine.due import due_rows
from webapp.engine.leases import Lease
from webapp.engine.rows import Stale, change, is_reported, row_state, write_row
from webapp.engine.run import Run
from webapp.engine.user_ends import disable_users
from webapp.models import Workspace


def close(run: Run, row: Workspace) -> None:
    """Close a row for which no machine can exist; its user may have been made."""
    disable_users(run, row)
    write_row(run, row, *ends.closed(run.engine.clock.now()))


def settle_without_key(engine: Engine, lease: Lease) -> None:
    """The credential is deleted, so no row has a machine: close what should end, leave the rest."""
    now = engine.clock.now()
    for row in due_rows(engine, lease.credential_id, until=now):
        try:
            change(engine, lease, row, *ends.settled_without_key(row_state(row), now))
        except Stale:
            continue


def reopen(run: Run, row: Workspace) -> None:
    """A retry, by a person or by Berth after a failed launch: start again, and check before creating.

    What lacked a right waits for that: only a passed test, or another order that goes through, tells that
    it is there.
    """
    now = run.engine.clock.now()
    if row.error_code is not None and row.error_code == run.credential.blocked_code:
        write_row(run, row, RowChange(due_at=now + ORDERS_WAIT))
        return
    deadline = run.engine.deadline_of(run.credential)
    write_row(run, row, *ends.reopened(row_state(row), deadline=deadline, now=now))


def terminate(run: Run, rows: Sequence[Workspace]) -> None:
    """Terminate a batch of machines; a row is done only when its machine is proven absent."""
    sent = [row for row in rows if _begin(run, row)]
    for row in sent:
        disable_users(run, row)
    run.engine.crashpoint("terminating")
    ids = [row.cloud_workspace_id for row in sent if row.cloud_workspace_id]
    if not ids:
        return
    try:
        acted = run.driver.act(Action.TERMINATE, ids)
    except CloudError as error:
        for row in sent:
            _try_again(run, row, error.failure, at_least_s=error.retry_after_s or 0)
        raise_if_account(error)
        return
    run.engine.crashpoint("terminated")
    asked_s = acted.retry_after_s or 0
    for row in sent:
        failure = acted.refused.get(row.cloud_workspace_id or "")
        if row.cloud_workspace_id in acted.unsent:
            # Sooner again than what met the trouble, so that this cannot stand in the way.
            wait = max(run.engine.poll, timedelta(seconds=asked_s))
            write_row(run, row, RowChange(due_at=run.engine.clock.now() + wait))
        elif failure is None or failure.trouble is Trouble.ABSENT:
            # "Not found" may mean "not visible yet": only repeated absence proves the end.
            write_row(run, row, ends.sent(pace=run.engine.pace, now=run.engine.clock.now()))
        else:
            _try_again(run, row, failure, at_least_s=asked_s)
    raise_if_account(acted.stopped_by)
    run.engine.crashpoint("end_recorded")


def _begin(run: Run, row: Workspace) -> bool:
    """Commit the intent before the call."""
    if row.phase is Phase.TERMINATING:
        return True
    return write_row(run, row, *ends.begun(run.engine.clock.now()))


def _try_again(run: Run, row: Workspace, failure: Failure, *, at_least_s: float) -> None:
    # It may be refused for weeks: the log keeps the history, and records each cause once.
    is_known = is_reported(run.engine, row, event=ends.REFUSED, code=failure.code)
    changed, note = ends.refused(failure, at_least_s=at_least_s, now=run.engine.clock.now())
    write_row(run, row, changed, None if is_known else note)
