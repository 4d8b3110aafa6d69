"""A restore by a disk: what each step means for the desktop's row."""

from datetime import datetime

from webapp.domain.decisions import power
from webapp.domain.decisions.change import NO_CHANGE, RowChange, error_columns, looked
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Note
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.disk_restores import Step
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Action, CloudState

_SENT = {
    Step.MAKE: Note("restore_sent", "The cloud makes a disk of the snapshot."),
    Step.SWITCH_OFF: Note("restore_switching_off", "The disk is there. The cloud switches the desktop off."),
    Step.SWAP: Note("restore_swapping", "The desktop gets the disk of the snapshot."),
}
_AFTER_OFF = frozenset({Step.SWITCH_OFF, Step.SWAP})
_WHILE_OFF = frozenset({Step.SWAP, Step.START})
_OFF = RowChange(cloud_state=CloudState.STOPPED, cloud_word="Deallocated")


def goes_on(step: Step, *, pace: Pace, now: datetime) -> Decision:
    """The step was sent, or it is to wait; what comes next is seen then."""
    return Decision(looked(now) | RowChange(due_at=now + pace.poll), _SENT.get(step))


def put_in(*, taken_at: datetime, pace: Pace, now: datetime) -> Decision:
    """From now on it is watched as a start is, from the off state in which it got its disk."""
    change = RowChange(
        action_sent_at=now,
        returned_snapshot_at=taken_at,
        disk_used_at=now,
        due_at=now + pace.poll,
    )
    return Decision(looked(now) | change | _OFF, Note("restore_starting", "It has the disk and is starting."))


def refused(
    row: RowState,
    failure: Failure,
    *,
    last: Step | None,
    is_late: bool,
    at_least_s: float,
    jitter: float,
    pace: Pace,
    now: datetime,
) -> Decision:
    """Again after what passes: each step may be sent twice. Given up, what was switched off is started.

    `last`: the step that was sent last. Until somebody looks, the row says that it is off, as it was then:
    it must not count as seen up with its new disk.
    """
    if is_late and (failure.trouble.is_transient or failure.trouble is Trouble.UNKNOWN):
        failure = Failure("action_timeout", Trouble.PERMANENT, failure.cloud_code, failure.detail)
    paced = {"at_least_s": at_least_s, "jitter": jitter}
    decision = power.refused(row, Action.RESTORE, failure, **paced, pace=pace, now=now)
    if decision.change.requested_action is not None:
        return decision
    change = decision.change | (_OFF if last in _WHILE_OFF else NO_CHANGE)
    if last in _AFTER_OFF:
        start = RowChange(requested_action=Action.START, action_requested_at=now, action_sent_at=None)
        change = change | error_columns(failure, now) | start
    return Decision(change, decision.note)
