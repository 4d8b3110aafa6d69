"""What the absence of its machine means for a row.

The meaning depends on what was requested: absence after a termination is the goal,
absence after a create proves nothing.
"""

from datetime import datetime

from webapp.domain.absence import Evidence
from webapp.domain.access import Access
from webapp.domain.actor import CLOUD
from webapp.domain.decisions.change import (
    NOTHING_ASKED,
    RowChange,
    absence_columns,
    error_columns,
    gone,
    looked,
)
from webapp.domain.decisions.creates import LOST
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.decisions.slots import closed_unmade
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Action, Phase


def unseen_by_id(row: RowState, *, pace: Pace, now: datetime) -> RowChange | None:
    """A read by id did not find it. While it may only be invisible, that proves nothing: wait.

    None if only a check of the slot can tell more.
    """
    settles_at = pace.absence.settles_at(row.issued_at)
    if settles_at is None or now >= settles_at:
        return None
    return looked(now) | RowChange(due_at=min(now + pace.poll, settles_at))


def evidence_now(row: RowState, *, pace: Pace, now: datetime) -> Evidence:
    """The evidence of absence, including a complete listing of the slot without the machine."""
    return row.evidence.after_absence(now, issued_at=row.issued_at, rule=pace.absence)


def absent(row: RowState, evidence: Evidence, *, pace: Pace, now: datetime) -> Decision:
    """A complete listing of the slot does not contain our machine; this is the evidence with it."""
    waiting = (
        looked(now)
        | absence_columns(evidence)
        | RowChange(due_at=evidence.next_look_at(now, issued_at=row.issued_at, rule=pace.absence))
    )
    if not evidence.is_proof():
        return Decision(waiting)
    if row.phase is Phase.TERMINATING:
        change, note = _proven_gone(row, now)
        return Decision(waiting | change, note)
    if row.phase is Phase.CREATE_INTENT:
        return _proven_never_made(row, waiting, now)
    if row.phase is not Phase.LOST and evidence.spans_s(now) >= pace.absence.lost_span_s:
        failure = Failure("workspace_lost", Trouble.PERMANENT)
        lost = RowChange(phase=Phase.LOST, due_at=now + pace.rest)
        return Decision(
            waiting | lost | error_columns(failure, now) | NOTHING_ASKED,
            Note("lost", "The cloud no longer lists this desktop.", Level.ERROR, CLOUD),
        )
    if row.phase is Phase.LOST:
        return Decision(waiting | RowChange(due_at=now + pace.rest))
    return Decision(waiting)


def still_missing(row: RowState, *, pace: Pace, now: datetime) -> RowChange:
    """Absent long enough to count as lost, but the breaker is open: keep checking."""
    evidence = evidence_now(row, pace=pace, now=now)
    return looked(now) | absence_columns(evidence) | RowChange(due_at=now + pace.rest)


def _proven_gone(row: RowState, now: datetime) -> Decision:
    is_retry = row.requested_action is Action.RETRY
    if row.is_wanted and (is_retry or row.error_code != "terminated_outside"):
        return Decision(
            RowChange(phase=Phase.CREATE_FAILED, due_at=now if is_retry else None),
            Note("cleaned_up", "The remains of the failed desktop are gone."),
        )
    return Decision(
        gone(now) | NOTHING_ASKED,
        Note("terminated", "Terminated; the cloud no longer has the desktop.", actor=CLOUD),
    )


def _proven_never_made(row: RowState, waiting: RowChange, now: datetime) -> Decision:
    if not row.is_wanted:
        closed, note = closed_unmade(now)
        return Decision(waiting | closed, note)
    if row.error_code is not None:
        return Decision(
            waiting | RowChange(phase=Phase.CREATE_FAILED, due_at=None),
            Note("create_failed", "Nothing was created. The order can be retried."),
        )
    if row.access(now) is Access.SUSPENDED:
        # It is not sent again for a contract that is over, so nothing more can appear: no listing is needed.
        return Decision(
            waiting | RowChange(phase=Phase.CREATE_FAILED, due_at=None) | error_columns(LOST, now),
            Note("create_failed", "Nothing was created, and the contract is over.", Level.WARNING),
        )
    return Decision(waiting)
