"""“Let me work on”: two hours in which the working hours do not stop a desktop, and start it if it is off."""

from datetime import datetime
from typing import Any

from webapp.domain.access import Access
from webapp.domain.actor import Actor
from webapp.domain.decisions.hours import WARNED, WORKS_ON, warning_at
from webapp.domain.errors import Conflict
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.hours.turns import SLOT, SLOTS, USUAL_START, slot_of
from webapp.domain.hours.week import Hours
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.sentences import say
from webapp.languages import exact
from webapp.models import Event, Workspace
from webapp.providers.registry import get_provider
from webapp.services.context import ServiceContext
from webapp.services.windows import TRIES, change_row, commit_and_notify
from webapp.services.working_hours import without_stop_by_hours

WORKED_ON = "work_on"
SOON = WARNED + SLOTS * SLOT
"""By then a message on the desktop may have said that it is stopped."""


def may_work_on(workspace: Workspace, now: datetime) -> bool:
    """Has it hours, and may its person use it now?"""
    is_usable = workspace.phase is Phase.READY and workspace.desired is Desired.PRESENT
    return workspace.has_hours and is_usable and workspace.access(now) is Access.OPEN


def is_offered(workspace: Workspace, now: datetime) -> bool:
    """Would it change anything: is the shift over, or soon? So are two hours that end soon."""
    hours = workspace.hours
    if hours is None or not may_work_on(workspace, now):
        return False
    until = workspace.work_on_until
    is_extended = until is not None and until - now > SOON
    return not is_extended and not (hours.is_on(now) and hours.is_on(now + WORKS_ON))


def work_on(context: ServiceContext, workspace: Workspace, *, actor: Actor) -> Workspace:
    """Two hours from now; pressed again, from then. The caller has looked whose it is. Raises Conflict."""
    for _ in range(TRIES):
        context.session.refresh(workspace)
        now, hours, before = context.clock.now(), workspace.hours, workspace.state
        if hours is None or not may_work_on(workspace, now):
            context.session.rollback()
            raise Conflict(say("This desktop cannot be used now."), code="action_not_allowed")
        until = max(now.replace(microsecond=0) + WORKS_ON, workspace.work_on_until or now)
        if change_row(context, workspace, _changes(workspace, hours, until, now)):
            context.session.refresh(workspace)
            message = f"Work goes on until {exact(until, time_zone=hours.zone)}."
            about = Event.about(
                workspace, at=now, event=WORKED_ON, message=message, actor=actor, from_state=before
            )
            context.session.add(about)
            commit_and_notify(context, [workspace.credential_id])
            return workspace
        context.session.rollback()
    raise Conflict(say("The desktop is changing right now. Try again."), code="conflict")


def _changes(workspace: Workspace, hours: Hours, until: datetime, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {"work_on_until": until, "look_requested_at": now}
    if hours.is_on(now):
        return changes  # the end of the shift finds it
    edge = hours.next_edge(now, ahead=USUAL_START)
    turn_at = min(until, edge.at) if edge is not None else until
    warns = get_provider(workspace.cloud_provider).desktops.shows_messages and turn_at == until
    return (
        changes
        | without_stop_by_hours(workspace)
        | {
            "hours_duty": HoursDuty.START,
            "hours_turn_at": turn_at,
            "hours_warn_at": warning_at(until, slot=slot_of(workspace.uid), now=now) if warns else None,
        }
    )
