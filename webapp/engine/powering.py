"""POWER: start, stop and restart, many machines at a time; rebuild, one at a time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import SENT_ONCE, Action
from webapp.engine.account import raise_if_account
from webapp.engine.rows import NO_ACTION, Note, Stale, change, error_columns, facts_of
from webapp.engine.run import Run
from webapp.models import Level, Workspace

_SENT = {
    Action.START: "The cloud is starting the desktop.",
    Action.STOP: "The cloud is stopping the desktop.",
    Action.RESTART: "The cloud is restarting the desktop.",
    Action.REBUILD: "The cloud is rebuilding the desktop.",
}
_UNSENT = Note("action_postponed", "Another desktop's request failed first. Berth sends this one soon.")


def power(run: Run, batch: Sequence[Workspace]) -> None:
    """One call for those of the batch with the same action as the first."""
    action = batch[0].requested_action or Action.START
    rows = [row for row in batch if row.requested_action is action]
    if action is Action.REBUILD:
        rows = rows[:1]  # clouds take one rebuild a call
    if action in SENT_ONCE:
        # Recorded as sent before it is, so that a crash cannot repeat it.
        # Starting or stopping twice does no harm, so these are recorded afterwards.
        rows = [row for row in rows if _write(run, row, {"action_sent_at": run.engine.clock.now()}, None)]
    if not rows:
        return
    run.engine.crashpoint("power")
    try:
        acted = run.driver.act(action, [row.cloud_workspace_id or "" for row in rows])
    except CloudError as error:
        for row in rows:
            _failed(run, row, action, error.failure, at_least_s=error.retry_after_s or 0)
        raise_if_account(error)
        return
    run.engine.crashpoint("powered")
    now, asked_s = run.engine.clock.now(), acted.retry_after_s or 0
    for row in rows:
        failure = acted.refused.get(row.cloud_workspace_id or "")
        if row.cloud_workspace_id in acted.unsent:
            wait = max(run.engine.poll, timedelta(seconds=asked_s))
            _write(run, row, {"action_sent_at": None, "due_at": now + wait}, _UNSENT)
        elif failure is None:
            _write(
                run,
                row,
                {"action_sent_at": now, "due_at": now + run.engine.poll},
                Note(f"{action}_sent", _SENT[action]),
            )
        else:
            _failed(run, row, action, failure, at_least_s=asked_s)


def _failed(run: Run, row: Workspace, action: Action, failure: Failure, *, at_least_s: float) -> None:
    """Retry after a temporary failure; any other failure ends the action with its reason."""
    now, words = run.engine.clock.now(), catalogue.entry(failure.code)
    if action in SENT_ONCE and failure.trouble is Trouble.UNKNOWN:
        # It may have happened: the checks will tell, and it is not sent again.
        _write(run, row, {"due_at": now + run.engine.poll}, None)
        return
    delay = run.engine.retry.delay_after(1, rng=run.engine.rng, at_least_s=at_least_s)
    waits_for_key = failure.trouble is Trouble.CREDENTIAL and not failure.holds_only_orders
    if (failure.trouble.is_transient or waits_for_key) and delay is not None:
        note = Note(
            "action_postponed",
            f"{words.message} Berth tries again.",
            Level.WARNING,
            details=facts_of(failure),
        )
        _write(run, row, {"action_sent_at": None, "due_at": now + delay}, note)
        return
    note = Note(f"{action}_failed", words.message, Level.ERROR, details=facts_of(failure))
    # Check at once: the cloud may refuse because it is already in that state.
    _write(run, row, {**NO_ACTION, **error_columns(failure, now), "due_at": now}, note)


def _write(run: Run, row: Workspace, changes: dict[str, Any], note: Note | None) -> bool:
    try:
        change(run.engine, run.lease, row, changes, note)
    except Stale:
        return False
    return True
