"""What is in the slot of a row without a known machine: ours, someone else's, or nothing."""

from datetime import datetime

from webapp.domain.decisions.change import (
    NO_ERROR,
    NO_EVIDENCE,
    NO_WAIT,
    RowChange,
    error_columns,
    gone,
    looked,
)
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState, Phase
from webapp.domain.observation import Observation


def adopted(row: RowState, machine: Observation, *, generation: int, now: datetime) -> Decision:
    """A machine with our claim: a response was lost or late."""
    change = RowChange(
        phase=Phase.CREATING,
        cloud_workspace_id=machine.cloud_workspace_id,
        cloud_state=CloudState.PENDING,
        issued_at=row.issued_at or now,
        # Never back: the names of the generations between have been used.
        generation=max(row.generation, generation),
        due_at=now,
    )
    note = Note(
        "adopted",
        "Found the desktop, which was already created, and adopted it.",
        details={"cloud_workspace_id": machine.cloud_workspace_id},
    )
    return Decision(change | NO_EVIDENCE | NO_ERROR, note)


def adopted_late(
    row: RowState, machine: Observation, *, generation: int, deadline_at: datetime, now: datetime
) -> Decision:
    """The machine of a failed order has appeared after all: continue the order with it."""
    change, _ = adopted(row, machine, generation=generation, now=now)
    note = Note(
        "adopted",
        "The desktop appeared after its order had failed; Berth adopted it.",
        details={"cloud_workspace_id": machine.cloud_workspace_id},
    )
    shown = RowChange(cloud_state=machine.state, cloud_word=machine.word, deadline_at=deadline_at)
    return Decision(change | shown, note)


def given(*, uid: str, machine_id: str, deadline_at: datetime, now: datetime) -> Decision:
    """A desktop of the warm pool, instead of a new one: the row goes on under the uid of its claim."""
    change = RowChange(
        uid=uid,
        phase=Phase.CREATING,
        cloud_workspace_id=machine_id,
        cloud_state=CloudState.PENDING,
        cloud_word="InPool",
        issued_at=now,
        deadline_at=deadline_at,
        due_at=now,
    )
    note = Note(
        "given_from_pool",
        "Took a desktop that was waiting in the warm pool.",
        details={"cloud_workspace_id": machine_id},
    )
    return Decision(change | NO_EVIDENCE | NO_ERROR, note)


def taken(row: RowState, machine: Observation, *, pace: Pace, now: datetime) -> Decision:
    """Someone else's machine is in the slot; never change it."""
    settles_at = pace.absence.settles_at(row.issued_at)
    if row.has_unknown_outcome and settles_at is not None and now < settles_at:
        # It may be ours: a machine can be listed before its claim can be read.
        return Decision(looked(now) | RowChange(due_at=now + pace.poll))
    if not row.is_wanted:
        # A slot holds one machine at a time: while theirs is there, ours is not.
        return closed_unmade(now)
    failure = Failure("username_taken", Trouble.EXISTS, detail=machine.cloud_workspace_id)
    return Decision(
        looked(now) | RowChange(phase=Phase.CONFLICT, due_at=None) | error_columns(failure, now) | NO_WAIT,
        Note(
            "conflict", "Another desktop that Berth did not create already uses this user name.", Level.ERROR
        ),
    )


def closed_unmade(now: datetime) -> Decision:
    """A cancelled order for which it is certain that nothing was created."""
    return Decision(
        looked(now) | gone(now),
        Note("terminated", "Nothing was created; the order is closed."),
    )


def repeat_at(row: RowState, *, pace: Pace, now: datetime) -> datetime:
    """When the create may be sent again: now, unless a person's refresh caused this check early."""
    if row.look_requested_at is None or row.issued_at is None:
        return now
    return max(now, row.issued_at + pace.retry.wait_before(row.attempt))
