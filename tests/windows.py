"""Contracts with a window, for tests that move the clock over its ends."""

from datetime import datetime, timedelta

from sqlalchemy import update

from tests.desk import Desk
from webapp.domain.access import Access
from webapp.domain.windows import Window
from webapp.models import Application, Company, Workspace
from webapp.services import windows, workspace_actions

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GRACE_DAYS = 7


def set_window(
    desk: Desk, application_id: int, *, starts: timedelta | None = None, ends: timedelta | None = None
) -> None:
    """From now on, by so much."""
    now = desk.clock.now()
    window = Window(now + starts if starts else None, now + ends if ends else None, "Europe/Berlin")
    set_exactly(desk, application_id, window)


def have_window(
    desk: Desk, application_id: int, *, starts: timedelta | None = None, ends: timedelta | None = None
) -> None:
    """As if it had been set long ago: nobody sets an end in the past."""
    now = desk.clock.now()
    window = {"starts_at": now + starts if starts else None, "ends_at": now + ends if ends else None}
    with desk.sessions.begin() as session:
        session.execute(update(Application).where(Application.id == application_id).values(window))
        session.execute(update(Workspace).where(Workspace.application_id == application_id).values(window))


def set_exactly(desk: Desk, application_id: int, window: Window) -> None:
    company_id = desk.provider.company_id or 0
    windows.set_window(
        desk.context, application_id, window, company_id=company_id, actor=desk.actor, may_end=True
    )


def set_grace(desk: Desk, days: int = GRACE_DAYS) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Company).values(grace_days=days))


def undo(desk: Desk, workspace_id: int) -> Workspace:
    company_id = desk.provider.company_id or 0
    return workspace_actions.undo(desk.context, workspace_id, company_id=company_id, actor=desk.actor)


def pass_time(desk: Desk, by: timedelta) -> None:
    """With scheduler and workers asleep, who then have some minutes to catch up."""
    desk.clock.pause(by.total_seconds())
    desk.sweep()
    settle(desk)


def settle(desk: Desk, *, minutes: int = 12) -> None:
    desk.live(minutes * 60)


def access_of(desk: Desk, workspace_id: int) -> Access:
    return desk.row(workspace_id).access(desk.clock.now())


def until(desk: Desk, at: datetime, *, before: timedelta = timedelta(0)) -> timedelta:
    return at - before - desk.clock.now()
