"""Terminating a machine, closing rows without one, and restarting a failed one."""

from datetime import datetime, timedelta

from webapp.domain import catalogue
from webapp.domain.access import Access
from webapp.domain.decisions.change import NO_ACTION, NO_ERROR, NO_EVIDENCE, NO_SEED, RowChange, gone, looked
from webapp.domain.decisions.creates import NAME_TAKEN
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import CloudState, Phase

TELL_AGAIN = timedelta(seconds=60)
"""How soon a refused termination is tried again; Berth never gives up."""
REFUSED = "terminate_refused"
_CLOSED = Note("terminated", "The order is closed; nothing was created.")


def closed(now: datetime) -> Decision:
    """A row for which no machine can exist."""
    return Decision(gone(now) | looked(now) | NO_ACTION, _CLOSED)


def settled_without_key(row: RowState, now: datetime) -> Decision:
    """Its credential is deleted, so it has no machine: close it if it should end, else leave it.

    The end of its contract is such an end: there is nothing that could be given back in a grace.
    """
    settled = RowChange(due_at=None) | NO_ACTION
    is_over = not row.is_wanted or row.access(now) is Access.SUSPENDED
    if row.phase is Phase.CREATE_FAILED and is_over:
        return Decision(settled | gone(now), _CLOSED)
    return Decision(settled)


def reopened(row: RowState, *, deadline: timedelta, now: datetime) -> Decision:
    """Start again, and check before creating.

    A row that is proven empty gets a new generation, so that no old create is mistaken for the new one, and
    so does one for whose machine the name was taken: the next has another name. One that is still being
    checked keeps its own, and the check adopts what appears.
    """
    is_watched = row.phase is Phase.CREATE_INTENT
    change = (
        RowChange(
            phase=Phase.CREATE_INTENT if is_watched else Phase.REQUESTED,
            deadline_at=now + deadline,
            due_at=now,
        )
        | NO_ERROR
        | NO_ACTION
        | NO_EVIDENCE
    )
    if row.phase is Phase.CONFLICT and not row.has_unknown_outcome:
        change |= RowChange(issued_at=None)
    if row.phase is Phase.CREATE_FAILED or (row.phase is Phase.CONFLICT and row.error_code == NAME_TAKEN):
        change |= NO_SEED | RowChange(
            generation=row.generation + 1,
            has_unknown_outcome=False,
            issued_at=None,  # of this generation nothing was sent
            cloud_workspace_id=None,
            cloud_state=None,
            cloud_word=None,
            computer_name=None,
            ip_address=None,
            heartbeat_at=None,
        )
    return Decision(change, Note("retry", "Trying again."))


def begun(now: datetime) -> Decision:
    """The termination is about to be sent."""
    change = RowChange(phase=Phase.TERMINATING, due_at=now)
    return Decision(change | NO_ACTION | NO_EVIDENCE, Note("terminating", "Terminating the desktop."))


def sent(*, pace: Pace, now: datetime) -> RowChange:
    """The cloud has accepted it; the row is done only when the machine is proven absent."""
    return RowChange(cloud_state=CloudState.TERMINATING, due_at=now + pace.poll)


def refused(failure: Failure, *, at_least_s: float, now: datetime) -> Decision:
    """The termination is sent again, without limit."""
    wait = max(TELL_AGAIN, timedelta(seconds=at_least_s))
    words = catalogue.entry(failure.code)
    message = f"{words.message} Berth sends it to the cloud again in {round(wait.total_seconds())} s."
    note = Note(REFUSED, message, Level.WARNING, details=facts_of(failure))
    return Decision(RowChange(due_at=now + wait), note)
