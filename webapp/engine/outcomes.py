"""What a failed create means for its row: wait, try again, or end. The table is `Trouble`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from webapp import metrics
from webapp.domain import catalogue
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Desired, Phase
from webapp.engine.account import hold_orders
from webapp.engine.rows import Note, change, error_columns, facts_of
from webapp.engine.run import Run
from webapp.models import Level, Workspace

ORDERS_WAIT = timedelta(seconds=60)
"""How soon orders that wait for a missing permission are tried again."""


@dataclass(frozen=True, slots=True)
class Before:
    """The situation of a row before the failed create."""

    was_unknown: bool
    """An earlier create may still have worked."""
    is_first: bool
    """Nothing was ever sent for it."""


def item_refused(
    run: Run, row: Workspace, failure: Failure, *, before: Before, at_least_s: float | None
) -> None:
    """The cloud's response says that nothing was done for this order. Raises Stale, LeaseLost."""
    if failure.trouble is Trouble.EXISTS:
        # Our own earlier attempt, or someone else's machine: a check of the slot tells.
        try_later(run, row, failure, was_unknown=before.was_unknown, at_least_s=at_least_s)
    else:
        call_failed(run, row, failure, before=before, at_least_s=at_least_s)


def not_sent(run: Run, row: Workspace, *, before: Before, at_least_s: float | None = None) -> None:
    """The order was never sent: it stays as it was, or waits if the cloud asks. Raises Stale, LeaseLost."""
    if not at_least_s:
        _write(run, row, _as_before(before))
        return
    wait = max(run.engine.poll, timedelta(seconds=at_least_s))
    words = f"{catalogue.entry('throttled').message} Trying again in {round(wait.total_seconds())} s."
    changes = _as_before(before) | {"due_at": run.engine.clock.now() + wait}
    _write(run, row, changes, Note("retry_scheduled", words, Level.WARNING))


def call_failed(
    run: Run, row: Workspace, failure: Failure, *, before: Before, at_least_s: float | None
) -> None:
    """The create of this row failed. Raises Stale, LeaseLost."""
    match failure.trouble:
        case Trouble.UNKNOWN:
            try_later(run, row, failure, at_least_s=at_least_s)
        case Trouble.CREDENTIAL:
            _wait_for_repair(run, row, failure, before)
        case Trouble.TRANSIENT if failure.code == "cloud_unreachable":
            # Never sent: the account waits as a whole, and no attempt is used up.
            not_sent(run, row, before=before)
        case Trouble.TRANSIENT | Trouble.THROTTLED:
            try_later(run, row, failure, was_unknown=before.was_unknown, at_least_s=at_least_s)
        case _:
            _fail(run, row, failure, was_unknown=before.was_unknown)


def _as_before(before: Before) -> dict[str, Any]:
    """The call had no effect; if nothing was ever in doubt, the row is a plain order again."""
    phase = Phase.CREATE_INTENT if before.was_unknown else Phase.REQUESTED
    return {"has_unknown_outcome": before.was_unknown, "phase": phase}


def try_later(
    run: Run,
    row: Workspace,
    failure: Failure,
    *,
    was_unknown: bool = True,
    at_least_s: float | None = None,
) -> None:
    """Retry after 30, 60 and 120 s, at most three times; then the row fails."""
    engine = run.engine
    delay = engine.retry.delay_after(row.attempt, rng=engine.rng, at_least_s=at_least_s or 0.0)
    if delay is None:
        _fail(run, row, failure, was_unknown=was_unknown)
        return
    words = catalogue.entry(failure.code)
    changes = {
        "attempt": row.attempt + 1,
        "due_at": engine.clock.now() + delay,
        "has_unknown_outcome": was_unknown,
    }
    note = Note(
        "retry_scheduled",
        f"{words.message} Trying again in {round(delay.total_seconds())} s.",
        Level.WARNING,
        details=facts_of(failure),
    )
    _write(run, row, changes, note)
    metrics.count(metrics.RETRIES, failure.code)


def _fail(run: Run, row: Workspace, failure: Failure, *, was_unknown: bool) -> None:
    """Report it at once; close the row once it is certain that nothing was created, and check until then."""
    engine, now = run.engine, run.engine.clock.now()
    words = catalogue.entry(failure.code)
    changes = {"has_unknown_outcome": was_unknown, **error_columns(failure, now)}
    if was_unknown:
        changes |= {"due_at": now + timedelta(seconds=engine.settings.absence_gap_s)}
    else:
        changes |= {"phase": Phase.CREATE_FAILED, "due_at": None}
    _write(run, row, changes, Note("create_failed", words.message, Level.ERROR, details=facts_of(failure)))


def _wait_for_repair(run: Run, row: Workspace, failure: Failure, before: Before) -> None:
    """The key or its permissions are the problem, not this order: it waits, without using an attempt."""
    engine = run.engine
    is_news = run.credential.blocked_code != failure.code
    note = Note(
        "waiting_for_credential",
        f"{catalogue.entry(failure.code).message} The order waits until the cloud account is fixed.",
        Level.WARNING,
        details=facts_of(failure),
    )
    changes = _as_before(before) | {"due_at": engine.clock.now() + ORDERS_WAIT}
    _write(run, row, changes, note if is_news or before.is_first else None)
    if failure.holds_only_orders:
        hold_orders(engine, run.lease, run.credential, failure)


def _write(run: Run, row: Workspace, changes: dict[str, Any], note: Note | None = None) -> None:
    """An order cancelled during the call does not wait for another attempt: close it now."""
    if row.desired is Desired.ABSENT:
        changes = changes | {"due_at": run.engine.clock.now()}
    change(run.engine, run.lease, row, changes, note)
