"""Working hours of a desktop: what entry points write to its row; `engine/working_hours.py` acts on it."""

from typing import Any

from webapp.domain.decisions import hours as decisions
from webapp.domain.hours.reading import hours_in_words
from webapp.domain.hours.week import Hours
from webapp.domain.lifecycle import Action
from webapp.models import Workspace

NO_DUTY: dict[str, Any] = dict.fromkeys(("hours_duty", "hours_turn_at", "hours_warn_at", "work_on_until"))
NO_ACTION: dict[str, Any] = {"requested_action": None, "action_requested_at": None, "action_sent_at": None}


def hours_said(hours: Hours | None) -> str:
    if hours is None:
        return "The desktop no longer runs by hours."
    but = f", not on public holidays ({hours.holidays})" if hours.holidays else ""
    return f"The desktop now runs by hours: {hours_in_words(hours)}{but}."


def hours_columns(row: Workspace, hours_json: dict[str, Any] | None) -> dict[str, Any]:
    """Of a desktop whose contract has these hours; nothing if it has them already.

    Two hours more that its person was promised stand under other hours too.
    """
    if row.hours_json == hours_json:
        return {}
    promised = {"work_on_until": row.work_on_until if hours_json else None}
    return {"hours_json": hours_json} | NO_DUTY | promised | without_stop_by_hours(row)


def pressed_columns(row: Workspace, action: Action) -> dict[str, Any]:
    """What somebody presses wins until the next edge; a stop also ends what its person asked for."""
    if not row.has_hours:
        return {}
    ends = {"work_on_until": None} if action is Action.STOP else {}
    is_under_way = row.requested_action is Action.STOP and row.action_sent_at is not None
    is_own = action is Action.STOP and not is_under_way
    return {"hours_duty": None, **ends, **({"hibernation": None} if is_own else {})}


def is_stop_by_hours(row: Workspace) -> bool:
    return decisions.is_stop_by_hours(row.requested_action, row.hours_duty)


def without_stop_by_hours(row: Workspace) -> dict[str, Any]:
    """A stop that was not sent yet is not sent any more."""
    return NO_ACTION if is_stop_by_hours(row) and row.action_sent_at is None else {}
