"""What pages show of a desktop's hours, and whether its person can work on."""

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.decisions.hours import ALWAYS_ON
from webapp.domain.hours.week import Hours
from webapp.identity import service_context
from webapp.models import Workspace
from webapp.services.working_on import is_offered


@dataclass(frozen=True, slots=True)
class HoursShown:
    hours: Hours
    next_start: datetime | None
    """None while a shift goes on."""
    work_on_until: datetime | None
    """None once it is over."""
    can_work_on: bool
    is_always_on: bool
    """It cannot be stopped, and so the hours leave it alone."""


def hours_shown(workspace: Workspace) -> HoursShown | None:
    """None: it has none."""
    hours, now = workspace.hours, service_context().clock.now()
    if hours is None:
        return None
    until = workspace.work_on_until
    is_always_on = workspace.running_mode == ALWAYS_ON
    return HoursShown(
        hours=hours,
        next_start=None if hours.is_on(now) else hours.next_start(now),
        work_on_until=until if until is not None and until > now else None,
        can_work_on=not is_always_on and is_offered(workspace, now),
        is_always_on=is_always_on,
    )
