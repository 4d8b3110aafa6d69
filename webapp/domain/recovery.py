"""Bringing a desktop back: what each step costs in data, and which were tried."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from webapp.domain.findings import RemedyAction

TRIED_WITHIN = timedelta(hours=24)
"""A step that was longer ago belongs to another trouble."""
LOSING = (RemedyAction.RESTORE, RemedyAction.REBUILD)
COSTS = {
    RemedyAction.RESTART: "Open programs close; files are kept.",
    RemedyAction.STOP: "Open programs close; files are kept. Start it again afterwards.",
    RemedyAction.RESTORE: "System and files go back to the snapshot; every change since then is lost.",
    RemedyAction.REBUILD: "The system is new, so installed programs are lost; files go back to the snapshot.",
    RemedyAction.ORDER_AGAIN: "Another desktop; everything on this one is lost.",
}
_STEPS = {
    f"{action}_{end}": action
    for action in (RemedyAction.RESTART, RemedyAction.STOP, *LOSING)
    for end in ("done", "failed")
}


def tried_steps(log: Iterable[tuple[str, datetime]], *, now: datetime) -> dict[RemedyAction, datetime]:
    """When each step was last done or tried; `log`: names and times of events, newest first."""
    found: dict[RemedyAction, datetime] = {}
    for event, at in log:
        step = _STEPS.get(event)
        if step is not None and now - at <= TRIED_WITHIN:
            found.setdefault(step, at)
    return found
