"""CLOSE, REOPEN and TERMINATE: terminate machines, and close rows that have none."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.engine.account import raise_if_account
from webapp.engine.context import Engine
from webapp.engine.leases import Lease
from webapp.engine.outcomes import ORDERS_WAIT
from webapp.engine.rows import (
    NO_ACTION,
    NO_EVIDENCE,
    Note,
    Stale,
    change,
    due_rows,
    error_columns,
    facts_of,
    is_reported,
    looked,
)
from webapp.engine.run import Run
from webapp.models import Level, Workspace

TELL_AGAIN = timedelta(seconds=60)
"""How soon a refused termination is tried again; Berth never gives up."""


def close(run: Run, row: Workspace) -> None:
    """Close a row for which no machine can exist."""
    now = run.engine.clock.now()
    changes = {"phase": Phase.GONE, "terminated_at": now, "due_at": None, **looked(now), **NO_ACTION}
    try:
        change(
            run.engine,
            run.lease,
            row,
            changes,
            Note("terminated", "The order is closed; nothing was created."),
        )
    except Stale:
        return


def settle_without_key(engine: Engine, lease: Lease) -> None:
    """The credential is deleted, so no row has a machine: close what should end, leave the rest."""
    now = engine.clock.now()
    for row in due_rows(engine, lease.credential_id, until=now):
        changes: dict[str, Any] = {"due_at": None, **NO_ACTION}
        note = None
        if row.phase is Phase.CREATE_FAILED and row.desired is Desired.ABSENT:
            changes |= {"phase": Phase.GONE, "terminated_at": now}
            note = Note("terminated", "The order is closed; nothing was created.")
        try:
            change(engine, lease, row, changes, note)
        except Stale:
            continue


def reopen(run: Run, row: Workspace) -> None:
    """A retry, by a person or by Berth after a failed launch: start again, and check before creating.

    A row that is proven empty gets a new generation, so that no old create is mistaken for the new one;
    one that is still being checked keeps its own, and the check adopts what appears. A missing permission
    makes it wait: only a passed test, or another successful order, proves that the permission is there.
    """
    now = run.engine.clock.now()
    if row.error_code is not None and row.error_code == run.credential.blocked_code:
        _reopen_later(run, row)
        return
    changes = {
        "phase": Phase.REQUESTED if row.phase is not Phase.CREATE_INTENT else Phase.CREATE_INTENT,
        "deadline_at": now + run.engine.deadline_of(run.credential),
        "due_at": now,
        **error_columns(None, now),
        **NO_ACTION,
        **NO_EVIDENCE,
    }
    if row.phase is Phase.CREATE_FAILED:
        changes |= {
            "generation": row.generation + 1,
            "has_unknown_outcome": False,
            "cloud_workspace_id": None,
            "cloud_state": None,
            "cloud_word": None,
            "computer_name": None,
            "ip_address": None,
        }
    try:
        change(run.engine, run.lease, row, changes, Note("retry", "Trying again."))
    except Stale:
        return


def _reopen_later(run: Run, row: Workspace) -> None:
    try:
        change(run.engine, run.lease, row, {"due_at": run.engine.clock.now() + ORDERS_WAIT})
    except Stale:
        return


def terminate(run: Run, rows: Sequence[Workspace]) -> None:
    """Terminate a batch of machines; a row is done only when its machine is proven absent."""
    sent = [row for row in rows if _begin(run, row)]
    run.engine.crashpoint("terminating")
    ids = [row.cloud_workspace_id for row in sent if row.cloud_workspace_id]
    if not ids:
        return
    try:
        acted = run.driver.act(Action.TERMINATE, ids)
    except CloudError as error:
        for row in sent:
            _tell_again(run, row, error.failure, at_least_s=error.retry_after_s or 0)
        raise_if_account(error)
        return
    run.engine.crashpoint("terminated")
    asked_s = acted.retry_after_s or 0
    for row in sent:
        failure = acted.refused.get(row.cloud_workspace_id or "")
        if row.cloud_workspace_id in acted.unsent:
            _unsent(run, row, at_least_s=asked_s)
        elif failure is None or failure.trouble is Trouble.ABSENT:
            # "Not found" may mean "not visible yet": only repeated absence proves the end.
            _record_sent(run, row)
        else:
            _tell_again(run, row, failure, at_least_s=asked_s)
    run.engine.crashpoint("end_recorded")


def _begin(run: Run, row: Workspace) -> bool:
    """Commit the intent before the call."""
    if row.phase is Phase.TERMINATING:
        return True
    note = Note("terminating", "Terminating the desktop.")
    changes = {"phase": Phase.TERMINATING, "due_at": run.engine.clock.now(), **NO_ACTION, **NO_EVIDENCE}
    try:
        change(run.engine, run.lease, row, changes, note)
    except Stale:
        return False
    return True


def _record_sent(run: Run, row: Workspace) -> None:
    now = run.engine.clock.now()
    try:
        change(
            run.engine,
            run.lease,
            row,
            {"cloud_state": CloudState.TERMINATING, "due_at": now + run.engine.poll},
        )
    except Stale:
        return


def _unsent(run: Run, row: Workspace, *, at_least_s: float) -> None:
    """The call was never sent: try it again before the one that failed, so that it is not blocked."""
    wait = max(run.engine.poll, timedelta(seconds=at_least_s))
    try:
        change(run.engine, run.lease, row, {"due_at": run.engine.clock.now() + wait})
    except Stale:
        return


def _tell_again(run: Run, row: Workspace, failure: Failure, *, at_least_s: float) -> None:
    wait = max(TELL_AGAIN, timedelta(seconds=at_least_s))
    words = catalogue.entry(failure.code)
    note = Note(
        "terminate_refused",
        f"{words.message} Berth sends it to the cloud again in {round(wait.total_seconds())} s.",
        Level.WARNING,
        details=facts_of(failure),
    )
    # It may be refused for weeks: the log keeps the history, and records each cause once.
    news = None if is_reported(run.engine, row, note) else note
    try:
        change(run.engine, run.lease, row, {"due_at": run.engine.clock.now() + wait}, news)
    except Stale:
        return
