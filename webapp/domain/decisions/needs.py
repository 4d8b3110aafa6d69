"""What a due row needs next: a pure function of the row, read like a table."""

from datetime import datetime
from enum import IntEnum

from webapp.domain.access import Access
from webapp.domain.decisions.resizes import may_send
from webapp.domain.decisions.row import RowState
from webapp.domain.decisions.suspensions import Owed, owed, turn_of
from webapp.domain.in_time import is_early
from webapp.domain.lifecycle import POWER_ACTIONS, Action, CloudState, Desired, Phase


class Need(IntEnum):
    """In the order of urgency: a click never waits behind a cohort."""

    CLOSE = 1
    """Close the row: nothing was ever sent."""
    REOPEN = 2
    """A person's retry."""
    TURN = 3
    """The contract has ended, or the grace: a write in the row, no call."""
    TERMINATE = 4
    POWER = 5
    RESIZE = 6
    MOVE = 7
    """To another bundle, or find out what became of that."""
    LOOK_ASKED = 8
    """A person waits for the result."""
    CREATE = 9
    """Send the order before routine checks: only this run knows that its slot is empty."""
    LOOK = 10
    """Known machine: read it by id, many at a time."""
    FIND = 11
    """Unknown machine: check the slot."""
    REST = 12
    """Nothing to do; not due again."""


def need_at(row: RowState, now: datetime) -> Need:
    """What to do with a due row now: nothing new is made after the contract, or long before it begins."""
    if turn_of(row, now) is not None:
        return Need.TURN
    need = need_of(row)
    if need is Need.MOVE and row.move_sent_at is None and row.cloud_state is not None:
        # A look keeps its person out, which comes before the move.
        need = _look(row) if owed(row, row.cloud_state, now) is Owed.KEEP_OUT else need
    is_new = need in (Need.CREATE, Need.REOPEN)
    if is_new and row.access(now) is Access.SUSPENDED:
        return Need.REST
    is_later = need is Need.CREATE and is_early(
        row.phase, make_at=row.make_at, starts_at=row.starts_at, now=now
    )
    return Need.REST if is_later else need


def need_of(row: RowState) -> Need:
    """The same without a clock."""
    match row.phase:
        case Phase.GONE:
            return Need.REST
        case Phase.REQUESTED:
            return Need.CLOSE if row.desired is Desired.ABSENT else Need.CREATE
        case Phase.CREATE_FAILED | Phase.CONFLICT:
            if row.desired is Desired.ABSENT:
                return Need.CLOSE
            return Need.REOPEN if row.requested_action is Action.RETRY else Need.REST
        case Phase.CREATE_INTENT:
            if row.requested_action is Action.RETRY:
                return Need.REOPEN
            return Need.FIND
        case Phase.TERMINATING:
            return Need.TERMINATE if _must_send_end(row) else _look(row)
        case _:
            return _need_of_machine(row)


def _need_of_machine(row: RowState) -> Need:
    if row.desired is Desired.ABSENT:
        return Need.TERMINATE
    if row.has_move and row.phase is Phase.READY:
        return Need.MOVE
    if row.requested_action in POWER_ACTIONS and row.action_sent_at is None and row.phase is Phase.READY:
        return Need.POWER
    is_asked = row.resize is not None and row.resize_sent_at is None
    if is_asked and row.requested_action is None and row.phase is Phase.READY and may_send(row):
        return Need.RESIZE
    return _look(row)


def _look(row: RowState) -> Need:
    return Need.LOOK_ASKED if row.look_requested_at is not None else Need.LOOK


def _must_send_end(row: RowState) -> bool:
    """The termination was not sent yet, or the cloud showed the machine alive afterwards."""
    return row.cloud_state is not CloudState.TERMINATING and row.absent_count == 0
