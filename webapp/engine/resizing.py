"""RESIZE: change the size or the mode of a machine that was just looked at, one a call."""

from webapp.domain.decisions import resizes as decisions
from webapp.domain.decisions.change import RowChange
from webapp.domain.errors import CloudError, Failure
from webapp.engine.account import raise_if_account
from webapp.engine.powering import NOT_SUPPORTED
from webapp.engine.rows import row_state, write_row
from webapp.engine.run import Run, machine_ref
from webapp.models import Workspace


def resize(run: Run, row: Workspace) -> None:
    """Written down as sent before it is, so that a crash cannot repeat it: the next looks tell.

    Raises AccountTrouble.
    """
    engine, resizes, wanted = run.engine, run.driver.resizes, row.resize
    if wanted is None:
        return
    if resizes is None:
        _refused(run, row, NOT_SUPPORTED, at_least_s=0)
        return
    machine = machine_ref(row, engine.clock.now())
    if not write_row(run, row, RowChange(resize_sent_at=engine.clock.now())):
        return
    engine.crashpoint("resizing")
    try:
        failure = resizes.resize(machine, wanted)
    except CloudError as error:
        _refused(run, row, error.failure, at_least_s=error.retry_after_s or 0)
        raise_if_account(error)
        return
    engine.crashpoint("resized")
    if failure is None:
        write_row(run, row, *decisions.accepted(wanted, pace=engine.pace, now=engine.clock.now()))
    else:
        _refused(run, row, failure, at_least_s=0)


def _refused(run: Run, row: Workspace, failure: Failure, *, at_least_s: float) -> None:
    decision = decisions.refused(
        row_state(row),
        failure,
        at_least_s=at_least_s,
        jitter=run.engine.draw_jitter(),
        pace=run.engine.pace,
        now=run.engine.clock.now(),
    )
    write_row(run, row, *decision)
