"""Stops by the hours that keep what is open, one machine a call; the others are stopped."""

from collections.abc import Sequence

from webapp.clouds.base import Hibernates
from webapp.domain.decisions import hibernating as decisions
from webapp.domain.decisions import power
from webapp.domain.decisions.change import RowChange
from webapp.domain.errors import CloudError
from webapp.domain.hours.duty import Hibernation
from webapp.domain.lifecycle import Action
from webapp.engine import working_hours
from webapp.engine.account import raise_if_account
from webapp.engine.rows import row_state, write_row
from webapp.engine.run import Run
from webapp.engine.signing_out import somebody_seen
from webapp.models import Workspace


def hibernate(run: Run, rows: Sequence[Workspace]) -> list[Workspace]:
    """Those that are to be stopped the ordinary way. Raises AccountTrouble.

    Nobody is signed out of the others. Recorded before the call: what a crash leaves is looked at first.
    """
    hibernates, others = run.driver.hibernates, list[Workspace]()
    for row in rows:
        if hibernates is not None and decisions.may_hibernate(row_state(row)):
            if (seen := somebody_seen(run, row)) is not None:
                working_hours.withdraw(run, row, seen)
                continue
            if not write_row(run, row, RowChange(hibernation=Hibernation.ASKED)):
                continue
            run.engine.crashpoint("hibernating")
            if _is_sent(run, hibernates, row):
                continue
        others.append(row)
    return others


def _is_sent(run: Run, hibernates: Hibernates, row: Workspace) -> bool:
    """Or refused; False: this machine cannot, and is stopped."""
    now = run.engine.clock.now
    try:
        can = hibernates.hibernate(row.cloud_workspace_id or "")
    except CloudError as error:
        _refused(run, row, error)
        raise_if_account(error)
        return True
    run.engine.crashpoint("hibernated")
    if can:
        write_row(run, row, *decisions.accepted(pace=run.engine.pace, now=now()))
        return True
    return not write_row(run, row, RowChange(hibernation=None))


def _refused(run: Run, row: Workspace, error: CloudError) -> None:
    """What passes is tried again; whatever else becomes an ordinary stop."""
    failure, now = error.failure, run.engine.clock.now()
    if decisions.is_tried_again(failure, requested_at=row.action_requested_at, now=now):
        decision = power.refused(
            row_state(row),
            Action.STOP,
            failure,
            at_least_s=error.retry_after_s or 0,
            jitter=run.engine.draw_jitter(),
            pace=run.engine.pace,
            now=now,
        )
    else:
        decision = decisions.not_hibernated(row_state(row), failure, now=now)
    write_row(run, row, *decision)
