"""MOVE: a desktop to another bundle, one at a time. Sent once; after a lost answer the slot decides."""

from collections.abc import Callable, Sequence
from typing import Any

from webapp.domain.access import Access
from webapp.domain.decisions import moves
from webapp.domain.decisions.change import NO_MOVE, RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Note
from webapp.domain.errors import CloudError, Failure
from webapp.domain.observation import Observation
from webapp.engine import suspending
from webapp.engine.account import raise_if_account
from webapp.engine.creating import RECORD_TRIES
from webapp.engine.looking import generation_of, postpone
from webapp.engine.recovering import NOT_SUPPORTED
from webapp.engine.rows import is_reported, reload, write_row
from webapp.engine.run import Run
from webapp.models import Workspace


def move(run: Run, rows: Sequence[Workspace]) -> None:
    """The first of them: send it, or find out what became of it. Raises AccountTrouble."""
    row = rows[0]
    if row.move_sent_at is not None:
        _confirm(run, row)
        return
    now = run.engine.clock.now()
    if row.cloud_state not in moves.MOVABLE or row.access(now) is Access.SUSPENDED:
        message = "The desktop cannot be moved in its present state; it is as it was."
        write_row(run, row, NO_MOVE | RowChange(due_at=now), Note("move_failed", message))
        return
    if moves.is_late(row.move or {}, now):
        write_row(run, row, *moves.too_late(now))
        return
    run.lease.confirm()
    # Recorded as sent before it is, so that a crash cannot repeat it.
    if not write_row(run, row, moves.intended(now)):
        return
    run.engine.crashpoint("move_intent")
    _send(run, row)


def _send(run: Run, row: Workspace) -> None:
    source_id, capability = row.cloud_workspace_id or "", run.driver.moves
    if capability is None:
        _refused(run, row, NOT_SUPPORTED)
        return
    try:
        answer = capability.move(source_id, str((row.move or {})["bundle_id"]))
    except CloudError as error:
        run.engine.crashpoint("move_refused")
        _refused(run, row, error.failure, at_least_s=error.retry_after_s or 0)
        raise_if_account(error)
        return
    run.engine.crashpoint("moved")
    if isinstance(answer, Failure):
        _refused(run, row, answer)
    else:
        _adopt(run, row, answer)


def _refused(run: Run, row: Workspace, failure: Failure, *, at_least_s: float = 0) -> None:
    """It may be refused for hours: the log has each cause once."""
    engine, jitter = run.engine, run.engine.draw_jitter()

    def judge(one: Workspace) -> Decision:
        changed, note = moves.refused(
            one.move or {},
            failure,
            at_least_s=at_least_s,
            jitter=jitter,
            pace=engine.pace,
            now=engine.clock.now(),
        )
        is_again = note is not None and note.event == moves.POSTPONED
        is_known = is_again and is_reported(engine, one, event=moves.POSTPONED, code=failure.code)
        return Decision(changed, None if is_known else note)

    _insist(run, row, judge)


def _confirm(run: Run, row: Workspace) -> None:
    """Its answer was lost: a machine of ours in the slot that is not the old one is the new one."""
    run.forget_listing()
    try:
        machines = run.slots([row])[row.id]
        new = _new_of(run, row, machines)
    except CloudError as error:
        raise_if_account(error)
        postpone(run, [row], error)
        return
    run.engine.crashpoint("move_looked")
    if new is not None:
        _adopt(run, row, new.cloud_workspace_id)
        return
    _keep_out(run, row, machines)
    if row.move_sent_at is not None:
        now = run.engine.clock.now()
        write_row(run, row, *moves.unconfirmed(sent_at=row.move_sent_at, pace=run.engine.pace, now=now))


def _keep_out(run: Run, row: Workspace, machines: Sequence[Observation]) -> None:
    """Nobody looks at the old machine meanwhile, and access may be over. Raises AccountTrouble."""
    own = [one for one in machines if one.cloud_workspace_id == row.cloud_workspace_id]
    if row.access(run.engine.clock.now()) is not Access.OPEN:
        suspending.settle(run, [(row, one) for one in own])


def _new_of(run: Run, row: Workspace, machines: Sequence[Observation]) -> Observation | None:
    """Raises CloudError."""
    others = [one for one in machines if one.cloud_workspace_id != row.cloud_workspace_id]
    return next((one for one in others if generation_of(run, row, one) is not None), None)


def _adopt(run: Run, row: Workspace, target_id: str) -> None:
    pace, now = run.engine.pace, run.engine.clock.now()
    run.forget_listing()
    _insist(
        run,
        row,
        lambda one: moves.moved(one.move or {}, _before(one), target_id=target_id, pace=pace, now=now),
    )


def _before(row: Workspace) -> dict[str, Any]:
    """What the row keeps of the machine that it had."""
    bundle = {name: getattr(row, name) for name in moves.BUNDLE} | row.prices_before_move
    return {"machine": row.cloud_workspace_id, **bundle}


def _insist(run: Run, row: Workspace, judge: Callable[[Workspace], Decision]) -> None:
    """Somebody may change the row during the call; the cloud's answer is still true of what was sent."""
    sent_at = row.move_sent_at
    for _ in range(RECORD_TRIES):
        if write_row(run, row, *judge(row)):
            return
        row = reload(run.engine, row)
        if row.move_sent_at != sent_at:
            return
