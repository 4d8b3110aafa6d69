"""RESIZE: change the size or the mode of a machine that was just looked at, one a call."""

from contextlib import suppress

from webapp.domain.decisions import resizes as decisions
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.note import Note
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.engine.account import raise_if_account
from webapp.engine.rows import Stale, change, row_state
from webapp.engine.run import Run, machine_ref
from webapp.models import Workspace

NOT_SUPPORTED = Failure("not_supported", Trouble.PERMANENT)
"""Pages and API refuse beforehand what a cloud cannot do; an older request may still stand in a row."""


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
    if not _write(run, row, RowChange(resize_sent_at=engine.clock.now())):
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
        _write(run, row, *decisions.accepted(wanted, pace=engine.pace, now=engine.clock.now()))
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
    _write(run, row, *decision)


def _write(run: Run, row: Workspace, changed: RowChange, note: Note | None = None) -> bool:
    with suppress(Stale):
        change(run.engine, run.lease, row, changed, note)
        return True
    return False
