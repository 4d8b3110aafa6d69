"""Saying to its person that a desktop can be used: once, and not before it can be.

It hangs on what the row remembers (`invited_at`), never on the contract's start: the start may be moved or
taken away after the desktop was made ahead.
"""

from datetime import datetime

from webapp.domain.access import Access
from webapp.domain.decisions.change import NO_CHANGE, RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Note
from webapp.domain.decisions.row import RowState
from webapp.domain.decisions.suspensions import RUNNING
from webapp.domain.lifecycle import Action, CloudState, Phase


def is_uninvited(row: RowState, now: datetime) -> bool:
    """Has its person access to a ready desktop, and was never invited?"""
    is_ready = row.is_wanted and row.phase is Phase.READY and row.available_at is not None
    is_open = row.access(now) is Access.OPEN and row.access_cut_at is None
    return is_ready and is_open and row.invited_at is None


def while_running(row: RowState, seen: CloudState, now: datetime) -> RowChange:
    """A look at one that runs is all that an invitation needs: it goes out with what was observed."""
    is_due = seen in RUNNING and is_uninvited(row, now)
    return RowChange(invited_at=now) if is_due else NO_CHANGE


def while_off(row: RowState, *, starts_on_connect: bool, now: datetime) -> Decision:
    """One that stays off until somebody starts it is started first, and its person invited when it runs.

    A start that the cloud refuses for good is not sent again: its error is shown, and a person has to act.
    """
    if not is_uninvited(row, now):
        return Decision(NO_CHANGE)
    if starts_on_connect:
        return Decision(RowChange(invited_at=now))
    if row.requested_action is not None or row.resize is not None or row.error_code is not None:
        return Decision(NO_CHANGE)
    start = RowChange(requested_action=Action.START, action_requested_at=now, action_sent_at=None, due_at=now)
    return Decision(start, Note("start_requested", "Its person may use it now, so Berth starts it."))
