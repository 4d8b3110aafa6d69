"""Restore and rebuild bring back what a snapshot has: what the page promised, or newer files.

Why: docs/decisions/restore.md.
"""

from datetime import datetime

from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Action
from webapp.domain.snapshots import Snapshots, is_same, snapshot_said

PROMISED, RETURNED = "promised_snapshot_at", "returned_snapshot_at"
"""In the details of events."""


def kept(
    action: Action, found: Snapshots, *, promised_at: datetime | None, now: datetime
) -> Decision | Failure:
    """What is noted with the sending, right after the cloud was asked; a failure if nothing may be sent.

    A restore goes back on purpose, so a newer snapshot may have the damage in it: its person decides again. A
    rebuild makes the system new, and newer files are what its person has.
    """
    newest = found.system_at if action is Action.RESTORE else found.files_at
    if newest is None:
        return Failure("no_snapshot", Trouble.PERMANENT)
    change = RowChange(action_sent_at=now, returned_snapshot_at=newest)
    if promised_at is None or is_same(newest, promised_at):
        return Decision(change)
    if newest < promised_at or action is Action.RESTORE:
        said = f"Promised: {snapshot_said(promised_at)}. Now: {snapshot_said(newest)}."
        return Failure("snapshot_changed", Trouble.PERMANENT, detail=said)
    message = f"The cloud has a newer snapshot than promised: files return to {snapshot_said(newest)}."
    return Decision(change, Note("newer_snapshot", message, Level.INFO, details=_times(promised_at, newest)))


def done_said(action: Action, row: RowState) -> str:
    returned = row.returned_snapshot_at
    if returned is None:
        return "Rebuilt." if action is Action.REBUILD else "Restored."
    if action is Action.REBUILD:
        return f"Rebuilt, with the files of {snapshot_said(returned)}."
    return f"Restored to {snapshot_said(returned)}."


def times_of(row: RowState) -> dict[str, str | int]:
    """For the details of an event."""
    return _times(row.promised_snapshot_at, row.returned_snapshot_at)


def _times(promised_at: datetime | None, returned_at: datetime | None) -> dict[str, str | int]:
    both = {PROMISED: promised_at, RETURNED: returned_at}
    return {name: at.isoformat() for name, at in both.items() if at is not None}
